"""Two runs side by side: new, fixed, still failing, other reasons, and the documents that changed."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rolecall.reports.visible import visible_document

if TYPE_CHECKING:
    from rolecall.reports.evidence import Evidence, Expectation

__all__ = ["Change", "ChangeKind", "Comparison", "DocumentChange", "diff"]

ChangeKind = Literal[
    "new",
    "still failing",
    "changed promise",
    "changed reason",
    "other verdict",
    "fixed",
    "added",
    "removed",
    "not checked",
]
_FAILING = ("failed", "inconclusive")
_RENAMING = {"account", "endpoint"}
"""Targets that give what they create a name of the run."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one expectation between two runs. ``before`` or ``after`` is None where it was not.

    ``new`` fails now and did not before (also when it was only just written); ``fixed`` is the reverse, of
    the same promise. ``changed promise``: something else is promised under the id. ``removed``: the
    manifest has it no more; ``not checked``: the later run did not come to it, or to its whole chain.
    """

    chain: str
    expectation: str
    kind: ChangeKind
    before: Expectation | None
    after: Expectation | None

    @property
    def key(self) -> str:
        """``chain/id``, the deep link of the expectation."""
        return f"{self.chain}/{self.expectation}"


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A document that is not what it was. ``lines`` is a unified diff without file names."""

    document: str
    name: str
    kind: Literal["added", "removed", "changed"]
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes from ``before`` (the baseline) to ``after``, in the order of the later run."""

    before: Evidence
    after: Evidence
    changes: tuple[Change, ...]
    documents: tuple[DocumentChange, ...]

    def of(self, *kinds: ChangeKind) -> tuple[Change, ...]:
        """The changes of these kinds."""
        return tuple(change for change in self.changes if change.kind in kinds)


def diff(before: Evidence, after: Evidence) -> Comparison:
    """What changed from one run to a later one."""
    old, new = _by_key(before), _by_key(after)
    changes = []
    known = set(before.run.unchecked)
    by_name = not {before.run.target, after.run.target} & _RENAMING
    for key, item in new.items():
        kind = _kind_of_change(old.get(key), item, by_name)
        if kind == "added" and "/".join(key) in known:
            kind = None  # it was promised before; the earlier run did not come to it
        if kind is not None:
            changes.append(Change(*key, kind, old.get(key), item))
    skipped, chains = set(after.run.unchecked), {chain.name for chain in after.chains}
    for key, item in old.items():
        if key not in new:
            there = key[0] in chains and "/".join(key) not in skipped
            changes.append(Change(*key, "removed" if there else "not checked", item, None))
    return Comparison(before, after, tuple(changes), tuple(_documents(before, after)))


def _by_key(evidence: Evidence) -> dict[tuple[str, str], Expectation]:
    return {(chain.name, item.id): item for chain in evidence.chains for item in chain.expectations}


def _kind_of_change(before: Expectation | None, after: Expectation, by_name: bool) -> ChangeKind | None:
    failing = after.verdict in _FAILING
    if before is None:
        return "new" if failing else "added"
    failed = before.verdict in _FAILING
    if failing and not failed:
        return "new"
    if _promise(before, by_name) != _promise(after, by_name):
        return "changed promise"
    if failing:
        return "still failing" if _reasons(before) == _reasons(after) else "changed reason"
    if failed:
        return "fixed" if after.verdict == "passed" else "other verdict"
    if before.verdict != after.verdict:
        return "other verdict"
    return None if _reasons(before) == _reasons(after) else "changed reason"


def _promise(item: Expectation, by_name: bool) -> tuple[object, ...]:
    """What is promised. Resources and what the context says have names of their own in each run of some
    targets: there they do not count."""
    named = (item.resources, dict(item.when)) if by_name else (len(item.resources), set(item.when))
    return (item.kind, item.principal, item.expected, item.actions, item.hop, named)


def _reasons(item: Expectation) -> tuple[object, ...]:
    """What makes two answers the same answer. Sentences are left out where they tell of the one run alone:
    when a session ends, an instance's id, the names that a run gave to its principals."""
    return (item.verdict, _predicted(item), _observed(item))


def _predicted(item: Expectation) -> tuple[object, ...]:
    predicted = item.predicted
    if predicted is None:
        return ()
    sentence = item.kind in ("only", "assumers_of") or predicted.stage == "call"
    return (
        predicted.outcome,
        predicted.stage,
        predicted.blocked_by,
        tuple((s.document, s.index, s.sid) for s in predicted.statements),
        predicted.reason if sentence else "",
    )


def _observed(item: Expectation) -> tuple[object, ...]:
    observed = item.observed
    if observed is None:
        return ()
    kind = observed.reason.partition(": ")[0]
    calls = sorted((call.action, call.outcome, call.error_code or "") for call in observed.calls)
    return (observed.outcome, kind if kind.startswith(("explicit deny", "implicit deny")) else "", *calls)


def _documents(before: Evidence, after: Evidence) -> list[DocumentChange]:
    old = {item.id: item for item in before.documents}
    new = {item.id: item for item in after.documents}
    found = []
    for key, item in new.items():
        if key not in old:
            found.append(DocumentChange(key, item.name, "added"))
        elif old[key].sha256 != item.sha256:
            lines = difflib.unified_diff(
                visible_document(old[key].text), visible_document(item.text), n=2, lineterm=""
            )
            found.append(DocumentChange(key, item.name, "changed", tuple(lines)[2:]))
    found += [DocumentChange(key, item.name, "removed") for key, item in old.items() if key not in new]
    return found
