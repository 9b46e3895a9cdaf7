"""Whether a caller may use a role: the decision on an ``sts:`` action, or AWS's AccessDenied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.authorization import authorize
from rolecall.enforcement.calls import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.calls import Caller
    from rolecall.enforcement.environment import Environment
    from rolecall.enforcement.sts_roles import NamedRole
    from rolecall.iam.requests import ContextValue

__all__ = ["require", "require_on_role"]


def require_on_role(
    environment: Environment,
    caller: Caller,
    action: str,
    role: NamedRole,
    context: Mapping[str, ContextValue],
) -> None:
    """Raise AccessDenied unless caller's policies and the role's trust policy allow the action on it."""
    decision = authorize(
        environment,
        caller,
        action,
        role.arn,
        context,
        service="sts",
        resource_policy=role.trust,
        resource_account=role.account,
    )
    if not decision.allowed:
        raise ApiError(
            "AccessDenied",
            f"User: {caller.principal.arn} is not authorized to perform: {action} on resource: {role.arn}",
            403,
        )


def require(
    environment: Environment, caller: Caller, action: str, resource: str, context: Mapping[str, ContextValue]
) -> None:
    """Raise AccessDenied unless the caller's policies allow the action on the resource."""
    decision = authorize(environment, caller, action, resource, context, service="sts")
    if not decision.allowed:
        raise ApiError(
            "AccessDenied",
            f"User: {caller.principal.arn} is not authorized to perform: {action}"
            + (f" on resource: {resource}" if resource != "*" else ""),
            403,
        )
