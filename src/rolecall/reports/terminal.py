"""The few lines that a terminal shows at the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.reports.visible import visible
from rolecall.reports.words import MARKS, disagreements, headline, listed, miss_in_words, place, seconds

if TYPE_CHECKING:
    from rolecall.reports.evidence import Chain, Evidence, Expectation

__all__ = ["render_terminal"]

_MOST = 10


def render_terminal(evidence: Evidence, *, report: str | None = None) -> str:
    """Who could do what, who could not, what went wrong and where the report is; no line feed at the end.

    ``report`` is where the page was written, as the reader should type it; None when it was not.
    """
    differing = disagreements(evidence)
    lines = [
        f"! engine and target differ in {_safe(name)}/{_safe(item.id)}: {_safe(item.disagreement)}"
        for name, item in differing[:_MOST]
    ]
    if len(differing) > _MOST:
        lines.append(f"! and in {len(differing) - _MOST} more")
    for chain in evidence.chains:
        lines.append(f"{_safe(chain.name)}: {_safe(chain.title)}")
        lines += _doings(chain)
        bad = [item for item in chain.expectations if item.verdict != "passed"]
        for item in bad[:_MOST]:
            lines += _trouble(item)
        if len(bad) > _MOST:
            lines.append(f"  and {len(bad) - _MOST} more that did not pass")
        lines += [
            f"  ! waiver of {_safe(waiver.expectation)} "
            + (f"expired on {_safe(waiver.until)}" if waiver.state == "expired" else "is not needed any more")
            for waiver in chain.waivers
            if waiver.state != "active"
        ]
    run = evidence.run
    accounts = _safe(listed(run.account, "account"))
    where = f"{_safe(run.target)}, {accounts if accounts.endswith('s') else 'account ' + accounts}"
    lines.append(f"{headline(evidence)} on {where}, in {seconds(run.duration)}.")
    alone = evidence.by_engine_alone()
    if alone:
        lines[-1] += f" {alone} of them by the engine alone, without a call."
    if report is not None:
        lines.append(f"Report: {_safe(report)}")
    return "\n".join(lines)


def _doings(chain: Chain) -> list[str]:
    lines = []
    for principal in dict.fromkeys(item.principal for item in chain.expectations):
        could: dict[str, None] = {}
        could_not: dict[str, None] = {}
        for item in chain.expectations:
            if item.principal != principal or item.observed is None or item.kind in ("only", "assumers_of"):
                continue
            words = _deed(item)
            if item.observed.outcome == "allowed":
                could.update(dict.fromkeys(words))
            elif item.observed.outcome == "denied":
                could_not.update(dict.fromkeys(words))
        for verb, deeds in (("could", could), ("could not", could_not)):
            if deeds:
                names = list(deeds)
                more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
                lines.append(f"  {_safe(principal)} {verb} {', '.join(map(_safe, names[:_MOST]))}{more}")
    return lines


def _deed(item: Expectation) -> tuple[str, ...]:
    if item.kind in ("reach", "mutation"):
        changed = " with a changed call" if item.kind == "mutation" else ""
        roles = tuple(resource.rpartition("/")[2] for resource in item.resources)
        return tuple(f"reach {role}{changed}" for role in roles) or (f"be reached{changed}",)
    return item.actions


def _trouble(item: Expectation) -> list[str]:
    lines = [f"  {MARKS[item.verdict]} {item.verdict}: {_safe(item.id)}: {_safe(item.reason)}"]
    predicted = item.predicted
    if predicted is not None and item.verdict != "waived":
        lines += [f"      decided by {_safe(place(statement))}" for statement in predicted.statements[:3]]
        if predicted.nearest_miss is not None:
            miss = predicted.nearest_miss
            lines.append(f"      nearest miss {_safe(place(miss.statement))}: {_safe(miss_in_words(miss))}")
    return lines


def _safe(text: str) -> str:
    return " ".join(visible(text, 300).split())
