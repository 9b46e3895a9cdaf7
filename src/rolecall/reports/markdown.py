"""A summary for a pull request, in GitHub's Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall.reports.visible import visible
from rolecall.reports.words import (
    accounts,
    alike,
    disagreements,
    headline,
    miss_in_words,
    mood,
    place,
    reason_seen,
    seconds,
    unchecked,
    unenforced,
)

if TYPE_CHECKING:
    from rolecall.reports.comparison import Comparison
    from rolecall.reports.evidence import Evidence, Expectation

__all__ = ["render_markdown"]

_MOST = 30
_ICONS = {"passed": "✅", "failed": "❌", "inconclusive": "❔", "waived": "〰️"}
_SPECIAL = re.compile("[\\\\`*{}\\[\\]()#+!|~<>@:&\u200b]|^[-_]|_(?!\\w)|(?<!\\w)_")
_LINKING = re.compile(r"(?<=[@#])(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=\bGH-)(?=\d)", re.IGNORECASE)
"""Where GitHub makes a mention, a reference or a link of plain text, also of one made of entities."""


def render_markdown(evidence: Evidence, *, comparison: Comparison | None = None) -> str:
    """Verdict, a line per chain, what did not pass and why, changes since a baseline, and the limits.

    Every text from outside is escaped: it makes no markup, no link, no mention.
    """
    counts, run = evidence.counts(), evidence.run
    worst = mood(evidence)
    if worst == "passed" and counts["waived"]:
        worst = "waived"
    lines = [
        f"## {_ICONS[worst]} {headline(evidence)}",
        "",
        f"{' · '.join(f'{count} {name}' for name, count in counts.items())} — target {_safe(run.target)}, "
        f"{_safe(accounts(run.account))}, {_safe(run.started)}, {seconds(run.duration)}",
        "",
        *([f"**{_safe(unenforced(evidence))}**", ""] if unenforced(evidence) else []),
        *_surroundings(evidence),
        *_differing(evidence),
        "| chain | passed | failed | inconclusive | waived |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for chain in evidence.chains:
        own: list[str] = [item.verdict for item in chain.expectations]
        numbers = " | ".join(str(own.count(name)) for name in counts)
        lines.append(f"| {_safe(chain.name)} | {numbers} |")
    if comparison is not None:
        lines += ["", *_compared(comparison)]
    groups = alike(evidence)
    for _, ((chain, item), *others) in groups[:_MOST]:
        lines += ["", *_trouble(chain.name, item)]
        if others:
            names = ", ".join(f"{_safe(where.name)}/{_safe(one.id)}" for where, one in others[:_MOST])
            more = f" and {len(others) - _MOST} more" if len(others) > _MOST else ""
            lines.append(f"- {len(others)} more are alike: {names}{more}")
    left = sum(len(found) for _, found in groups[_MOST:])
    if left:
        lines += ["", f"and {left} more, in the report."]
    loud = [waiver for chain in evidence.chains for waiver in chain.waivers if waiver.state != "active"]
    if loud:
        lines += ["", "### Waivers that no longer hold", ""]
        lines += [
            f"- {_safe(waiver.expectation)}: {waiver.state}, until {_safe(waiver.until)}, "
            f"approved by {_safe(waiver.approved_by)}"
            for waiver in loud
        ]
    if evidence.limits:
        lines += ["", "<details><summary>What this run does not prove</summary>", ""]
        lines += [f"- {_safe(limit)}" for limit in evidence.limits]
        lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


def _surroundings(evidence: Evidence) -> list[str]:
    """What was not called, what the run came from, what it left, and what else a reviewer should not miss."""
    alone, run = evidence.by_engine_alone(), evidence.run
    lines = [
        f"- **not checked** in chain {_safe(name)}: {len(ids)}, {_safe(', '.join(ids[:_MOST]))}"
        + (f" and {len(ids) - _MOST} more" if len(ids) > _MOST else "")
        for name, ids in unchecked(evidence).items()
    ]
    if alone:
        them = "those checked" if run.unchecked else "them"
        lines.append(f"- {alone} of {them} predicted only: decided by the engine alone, no call was made")
    if run.origin is not None and run.origin.commit:
        changed = ", with changes that are not in it" if run.origin.dirty else ""
        lines.append(f"- commit {_safe(run.origin.commit)}{changed}")
    lines += [f"- **Still there**: {_safe(left)}" for left in run.left[:_MOST]]
    lines += [f"- **{_safe(control.note)}**" for control in evidence.controls if control.note]
    lines += [
        f"- contested by AWS's own pages, and a verdict hangs on it: {_safe(one.question)} "
        f"Decided: {_safe(one.decided)}"
        for one in evidence.open_questions
    ]
    return [*lines, ""] if lines else []


def _differing(evidence: Evidence) -> list[str]:
    found = disagreements(evidence)
    if not found:
        return []
    lines = [
        "**Engine and target differ: a defect of the engine, or a policy that no document tells of.**",
        "",
    ]
    lines += [
        f"- {_safe(name)} / {_safe(item.id)}: {_safe(item.disagreement)}" for name, item in found[:_MOST]
    ]
    if len(found) > _MOST:
        lines.append(f"- and {len(found) - _MOST} more")
    return [*lines, ""]


def _trouble(chain: str, item: Expectation) -> list[str]:
    lines = [
        f"### {_ICONS[item.verdict]} {_safe(chain)} / {_safe(item.id)}",
        "",
        f"{_safe(item.title)}. **{_safe(item.reason)}**",
        "",
        f"- promised: {', '.join(filter(None, (item.expected.outcome, _safe(item.expected.reason))))}",
    ]
    if item.predicted is not None:
        lines.append(f"- predicted: {item.predicted.outcome}, {_safe(item.predicted.reason)}")
        lines += [f"- decided by {_safe(place(statement))}" for statement in item.predicted.statements[:3]]
        if item.predicted.nearest_miss is not None:
            miss = item.predicted.nearest_miss
            lines.append(f"- nearest miss: {_safe(place(miss.statement))}, {_safe(miss_in_words(miss))}")
    if item.observed is not None:
        lines.append(f"- observed: {item.observed.outcome}, {_safe(reason_seen(item.observed))}")
    return lines


def _compared(comparison: Comparison) -> list[str]:
    lines = [f"### Compared with {_safe(comparison.before.run.id)}", ""]
    for change in comparison.changes[:_MOST]:
        lines.append(f"- **{change.kind}** {_safe(change.key)}")
    if len(comparison.changes) > _MOST:
        lines.append(f"- and {len(comparison.changes) - _MOST} more")
    lines += [f"- **document {item.kind}** {_safe(item.name)}" for item in comparison.documents[:_MOST]]
    return lines if len(lines) > 2 else [*lines, "Nothing changed."]


def _safe(text: str) -> str:
    # visible() has left no zero-width space, so that those here are ours: they keep mentions from being made.
    return _SPECIAL.sub(_escape, _LINKING.sub("\u200b", " ".join(visible(text, 500).split())))


def _escape(found: re.Match[str]) -> str:
    # Entities, since a backslash stops neither @mentions nor bare links.
    return f"&#{ord(found.group())};"
