"""Which statements of a chain's own documents some expectation exercised, and which none did."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rolecall.reports.evidence import Coverage, CoverageGap, Expectation, StatementRef
from rolecall.reports.policy_uses import policy_uses
from rolecall.reports.words import NOT_COME_AS

if TYPE_CHECKING:
    from rolecall.chains import Chain
    from rolecall.iam import Statement
    from rolecall.reports.documents_of import DocumentIndex

__all__ = ["coverage_of"]


_RUNS_NAME = re.compile(r"rc-[0-9a-f]{8}-")
"""What names start with on a shared target."""


def coverage_of(
    chain: Chain,
    expectations: Sequence[Expectation],
    documents: DocumentIndex,
    accounts: Mapping[str, str] | None = None,
) -> Coverage:
    """Statements are exercised when they decided a prediction, or stood at one of its gates.

    What was inconclusive showed nothing, and exercised nothing. Each of several principals that a trust
    policy's statement lists is a branch of its own, exercised by a request of such a principal that the
    statement answered.
    ``accounts`` maps an alias to the account id that was used.
    """
    exercised = {(ref.document, ref.index) for found in expectations for ref in _references(found)}
    callers = _callers(expectations)
    declared: dict[str, set[str]] = {}
    for alias, own in chain.accounts.items():
        declared.setdefault((accounts or {}).get(alias, own), set()).add(own)
    trusting: dict[str, list[str]] = {}
    for role in chain.roles.values():
        trusting.setdefault(documents.id_of(role.trust.policy), []).append(role.name)
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
            branches = _branches(statement) if use.kind == "trust" else ()
            total += max(1, len(branches))
            if key not in exercised:
                names = [f"principal {one}" for one in branches]
                names = names or [statement.sid or f"statement {statement.index}"]
                note = f"no expectation hangs on this {use.kind} statement"
                gaps.extend(CoverageGap(ref, name, note) for name in names)
                continue
            came = {arn for name in trusting.get(ref.document, ()) for arn in callers.get(name, ())}
            gaps.extend(
                CoverageGap(ref, f"principal {one}", NOT_COME_AS)
                for one in branches
                if not any(_is(one, arn, declared) for arn in came)
            )
    return Coverage(total, total - len(gaps), tuple(gaps))


def _branches(statement: Statement) -> tuple[str, ...]:
    """The principals that a statement lists, where there are several."""
    listed = statement.principal
    if listed is None or listed.negated:
        return ()
    values = tuple(dict.fromkeys(value for _, value in listed.entries))
    return values if len(values) > 1 else ()


def _callers(expectations: Iterable[Expectation]) -> dict[str, set[str]]:
    """Whose requests the trust policy of each role answered with a statement, by the role's name.

    Where another gate refused, the statement that trusts is not told; that there is one is.
    """
    found: dict[str, set[str]] = {}
    for item in expectations:
        if item.predicted is None or item.verdict == "inconclusive":
            continue
        for step in item.predicted.steps:
            answered = {"allowed", "explicitDeny"}
            if any(gate.stage == "resource_policy" and gate.state in answered for gate in step.gates):
                name = _RUNS_NAME.sub("", step.resource.rpartition("/")[2], count=1)
                found.setdefault(name, set()).add(step.principal)
    return found


def _is(listed: str, arn: str, declared: Mapping[str, set[str]]) -> bool:
    """Whether a caller is one of those that an entry of a Principal element names."""
    if listed in ("*", arn):
        return True
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return False
    accounts = declared.get(parts[4], {parts[4]})
    wanted = listed.split(":", 5)
    if len(wanted) < 6 or wanted[5] == "root":
        return (wanted[4] if len(wanted) == 6 else listed) in accounts
    kind, _, rest = parts[5].partition("/")
    name = rest.partition("/")[0] if kind == "assumed-role" else rest.rpartition("/")[2]
    wanted_kind, _, wanted_rest = wanted[5].partition("/")
    if wanted_kind == "assumed-role":
        wanted_name = wanted_rest.partition("/")[0]
    else:
        wanted_name = wanted_rest.rpartition("/")[2]
    kinds = {"assumed-role": "role"}
    same = kinds.get(kind, kind) == kinds.get(wanted_kind, wanted_kind)
    return same and wanted[4] in accounts and _RUNS_NAME.sub("", name, count=1) == wanted_name


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
