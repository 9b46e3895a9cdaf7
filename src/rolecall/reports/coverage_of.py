"""Which statements of a chain's own documents some expectation exercised, and which none did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rolecall.reports.evidence import Coverage, CoverageGap, Expectation, StatementRef
from rolecall.reports.policy_uses import policy_uses

if TYPE_CHECKING:
    from rolecall.chains import Chain
    from rolecall.reports.documents_of import DocumentIndex

__all__ = ["coverage_of"]


def coverage_of(chain: Chain, expectations: Sequence[Expectation], documents: DocumentIndex) -> Coverage:
    """Statements are exercised when they decided a prediction, or stood at one of its gates.

    What was inconclusive showed nothing, and exercised nothing.
    """
    exercised = {(ref.document, ref.index) for found in expectations for ref in _references(found)}
    total = 0
    gaps: list[CoverageGap] = []
    seen: set[tuple[str, int]] = set()
    for use in policy_uses(chain):
        for statement in use.policy.statements:
            ref = documents.reference(use.policy, statement)
            key = (ref.document, ref.index)
            if key in seen:
                continue
            seen.add(key)
            total += 1
            if key not in exercised:
                branch = statement.sid or f"statement {statement.index}"
                gaps.append(CoverageGap(ref, branch, f"no expectation hangs on this {use.kind} statement"))
    return Coverage(total, total - len(gaps), tuple(gaps))


def _references(expectation: Expectation) -> Iterator[StatementRef]:
    predicted = expectation.predicted
    if predicted is None or expectation.verdict == "inconclusive":
        return
    yield from predicted.statements
    if predicted.nearest_miss is not None:
        yield predicted.nearest_miss.statement
    yield from _in_gates(gate.statements for step in predicted.steps for gate in step.gates)


def _in_gates(groups: Iterable[Iterable[StatementRef]]) -> Iterator[StatementRef]:
    for group in groups:
        yield from group
