"""The few lines that a terminal shows at the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.reports.seen import seen_of
from rolecall.reports.visible import visible
from rolecall.reports.words import (
    MARKS,
    accounts,
    disagreements,
    in_short,
    miss_in_words,
    not_checked,
    of_all,
    place,
    seconds,
    unenforced,
)

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
    if unenforced(evidence):
        lines.insert(0, f"! {unenforced(evidence)}")
    if len(differing) > _MOST:
        lines.append(f"! and in {len(differing) - _MOST} more")
    told: dict[str, str] = {}
    for chain in evidence.chains:
        lines.append(f"{_safe(chain.name)}: {_safe(chain.title)}")
        lines += _doings(chain)
        lines += _troubles(chain, told)
        lines += [
            f"  ! waiver of {_safe(waiver.expectation)} "
            + (f"expired on {_safe(waiver.until)}" if waiver.state == "expired" else "is not needed any more")
            for waiver in chain.waivers
            if waiver.state != "active"
        ]
    run = evidence.run
    where = f"{_safe(run.target)}, {_safe(accounts(run.account))}"
    rest = f"; {not_checked(evidence)}" if run.unchecked else ""
    lines.append(f"{of_all(evidence)} on {where}, in {seconds(run.duration)}{rest}.")
    alone = evidence.by_engine_alone()
    if alone:
        them = "those checked" if run.unchecked else "them"
        lines[-1] += f" {alone} of {them} by the engine alone, without a call."
    if report is not None:
        lines.append(f"Report: {_safe(report)}")
    return "\n".join(lines)


def _doings(chain: Chain) -> list[str]:
    lines = []
    for principal in dict.fromkeys(item.principal for item in chain.expectations):
        done: dict[str, list[tuple[str, Expectation]]] = {"allowed": [], "denied": []}
        for item in chain.expectations:
            if item.principal == principal and item.observed and item.kind not in ("only", "assumers_of"):
                for deed in _deed(item):
                    seen = seen_of(item, deed) if item.kind in ("allow", "deny") else item.observed.outcome
                    done.get(seen or "", []).append((deed, item))
        both = {deed for deed, _ in done["allowed"]} & {deed for deed, _ in done["denied"]}
        for verb, deeds in (("could", done["allowed"]), ("could not", done["denied"])):
            if deeds:
                names = list(dict.fromkeys(_apart(*one) if one[0] in both else one[0] for one in deeds))
                more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
                lines.append(f"  {_safe(principal)} {verb} {', '.join(map(_safe, names[:_MOST]))}{more}")
    return lines


def _apart(deed: str, item: Expectation) -> str:
    """A deed that was allowed here and denied there: with what makes the difference, where that is known."""
    on = ", ".join(resource.split(":", 5)[-1] for resource in item.resources)
    when = ", ".join(f"{key} is {value}" for key, value in item.when.items())
    return f"{deed}{f' on {on}' if on else ''}{f' when {when}' if when else ''}"


def _deed(item: Expectation) -> tuple[str, ...]:
    if item.kind in ("reach", "mutation"):
        changed = " with a changed call" if item.kind == "mutation" else ""
        roles = tuple(resource.rpartition("/")[2] for resource in item.resources)
        return tuple(f"reach {role}{changed}" for role in roles) or (f"be reached{changed}",)
    return item.actions


def _troubles(chain: Chain, told: dict[str, str]) -> list[str]:
    """What did not pass; the same sentence once. ``told``: why whole chains could not be verified, and where
    that was said first."""
    groups: dict[tuple[str, ...], list[Expectation]] = {}
    for item in chain.expectations:
        if item.verdict != "passed":
            groups.setdefault((item.verdict, *_why(item)), []).append(item)
    lines: list[str] = []
    for (verdict, why, *more), items in list(groups.items())[:_MOST]:
        before = told.setdefault(why, chain.name) if items[0].unverified else chain.name
        if before != chain.name:
            why, more = f"for the same reason as in {_safe(before)}", []
        names = ", ".join(_safe(item.id) for item in items[:_MOST])
        if len(items) == 1:
            lines.append(f"  {MARKS[verdict]} {verdict}: {names}: {why}")
        else:
            lines.append(f"  {MARKS[verdict]} {len(items)} {verdict}: {why}")
        lines += [f"      {line}" for line in more]
        if len(items) > 1 and not (before != chain.name and len(items) == len(chain.expectations)):
            lines.append(f"      {names}{f' and {len(items) - _MOST} more' if len(items) > _MOST else ''}")
    left = sum(map(len, list(groups.values())[_MOST:]))
    return [*lines, f"  and {left} more that did not pass"] if left else lines


def _why(item: Expectation) -> list[str]:
    lines = [_safe(in_short(item, with_miss=False))]
    predicted = item.predicted
    if predicted is not None and item.verdict != "waived":
        places = (_safe(place(statement)) for statement in predicted.statements[:3])
        lines += [f"decided by {where}" for where in places if not lines[0].endswith(f" by {where}")]
        if predicted.nearest_miss is not None:
            miss = predicted.nearest_miss
            lines.append(f"nearest miss {_safe(place(miss.statement))}: {_safe(miss_in_words(miss))}")
    return lines


def _safe(text: str) -> str:
    return " ".join(visible(text, 300).split())
