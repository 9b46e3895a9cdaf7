"""Whether a caller may use a role: the decision on an ``sts:`` action, or AWS's AccessDenied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.authorization import authorize
from rolecall.enforcement.calls import ApiCall, ApiError, Caller
from rolecall.iam import Principal, PrincipalType
from rolecall.iam.denials import denial

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.environment import Environment
    from rolecall.enforcement.sts_roles import NamedRole
    from rolecall.iam.requests import ContextValue

__all__ = ["provider_caller", "require", "require_on_role"]


def require_on_role(
    call: ApiCall,
    environment: Environment,
    caller: Caller,
    action: str,
    role: NamedRole,
    context: Mapping[str, ContextValue],
) -> None:
    """Raise AccessDenied unless caller's policies and the role's trust policy allow the action on it.

    The answer is the same for a role that does not exist, so that nobody learns which roles there are.
    """
    decision = authorize(
        environment,
        caller,
        action,
        role.arn,
        context,
        service="sts",
        resource_policy=role.trust,
        resource_account=role.account,
        http=call.http,
        region=call.region,
    )
    if decision.allowed:
        return
    if caller.principal.type is PrincipalType.FEDERATED_PROVIDER:
        raise ApiError("AccessDenied", f"Not authorized to perform {action}", 403)
    answer = denial(decision)
    raise ApiError(answer.code, answer.message, answer.status)


def require(
    call: ApiCall,
    environment: Environment,
    caller: Caller,
    action: str,
    resource: str,
    context: Mapping[str, ContextValue],
    resource_account: str | None = None,
) -> None:
    """Raise AccessDenied unless the caller's policies allow the action on the resource.

    ``resource_account`` is whose resource it counts as, where that is not the account of its ARN.
    """
    decision = authorize(
        environment,
        caller,
        action,
        resource,
        context,
        service="sts",
        resource_account=resource_account,
        http=call.http,
        region=call.region,
    )
    if not decision.allowed:
        answer = denial(decision)
        raise ApiError(answer.code, answer.message, answer.status)


def provider_caller(provider: str, account: str, partition: str) -> Caller:
    """The caller of an unsigned call: the identity provider that vouches for it, by ARN or name."""
    principal = Principal(PrincipalType.FEDERATED_PROVIDER, provider, account, partition, provider)
    return Caller(principal, account)
