"""Where the resource of a call could not be told: does the verdict depend on it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.iam.wildcards import compile_glob

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.iam.decisions import Decision
    from rolecall.iam.documents import Policy, Statement

__all__ = ["hangs_on_resource"]


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
