"""Where the resource of a call, or a condition key, could not be told: does the verdict depend on it?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall.iam.documents import Effect
from rolecall.iam.outcomes import Outcome
from rolecall.iam.wildcards import compile_glob

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.iam.decisions import Decision
    from rolecall.iam.documents import Policy, Statement

__all__ = ["hanging_key", "hangs_on_resource"]


_VARIABLE = re.compile(r"\$\{[^}]*\}")


def hangs_on_resource(decision: Decision) -> bool:
    """Whether a statement on the action speaks of particular resources, so that ``*`` decides nothing."""
    action = decision.request.action.lower()
    return any(
        statement.resources is not None
        and (statement.not_resource or "*" not in statement.resources)
        and _covers(statement, action)
        for policy in _all(decision)
        for statement in policy.statements
    )


def hanging_key(decision: Decision, unknown: Callable[[str], bool]) -> str | None:
    """A condition key that the verdict hangs on although its value is not known; None where it stands.

    ``unknown`` tells, of a key in lower case, whether AWS gives it to this action and we cannot. A verdict
    stands if no value of the key could turn it: an Allow beside other Allow statements that suffice, a Deny
    beside another Deny that does not ask for it, a condition on an action or a resource that is not the
    request's.
    """
    action = decision.request.action.lower()
    asking: list[tuple[Statement, str, bool]] = []
    for policy in _with_resource_policy(decision):
        held = any(policy is one for one in decision.policies.identity)
        for statement in policy.statements:
            if not statement.conditions:
                continue
            key = next((c.key for c in statement.conditions if unknown(c.key.lower())), None)
            if key is not None and _covers(statement, action) and _speaks_of(statement, decision):
                asking.append((statement, key, held))
    if not asking:
        return None
    if decision.allowed:
        deciding = [match.statement for match in decision.statements]
        standing = [
            statement.effect is Effect.ALLOW and held and not any(statement is one for one in deciding)
            for statement, _, held in asking
        ]
        return next((key for (_, key, _), fine in zip(asking, standing, strict=True) if not fine), None)
    if decision.verdict is Outcome.EXPLICIT_DENY:
        sure = any(
            not any(match.statement is statement for statement, _, _ in asking)
            for match in decision.statements
        )
        return None if sure else asking[0][1]
    return next((key for statement, key, _ in asking if statement.effect is Effect.ALLOW), None)


def _with_resource_policy(decision: Decision) -> Iterator[Policy]:
    yield from _all(decision)
    if decision.policies.resource is not None:
        yield decision.policies.resource


def _speaks_of(statement: Statement, decision: Decision) -> bool:
    """Whether the request's resource may be the statement's; a policy variable counts as anything."""
    if statement.resources is None:
        return True
    resource = decision.request.resource
    named = any(compile_glob(_VARIABLE.sub("*", pattern))(resource) for pattern in statement.resources)
    return statement.not_resource or named


def _all(decision: Decision) -> Iterator[Policy]:
    policies = decision.policies
    yield from policies.identity
    yield from policies.boundary or ()
    yield from policies.session or ()
    for levels in (policies.scps, policies.rcps):
        for level in levels:
            yield from level


def _covers(statement: Statement, action: str) -> bool:
    named = any(compile_glob(pattern.lower())(action) for pattern in statement.actions)
    return named is not statement.not_action
