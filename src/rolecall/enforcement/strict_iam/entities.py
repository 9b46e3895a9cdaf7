"""The users, roles, groups and policies that an IAM call names, found in moto or refused as AWS does.

Code ``NoSuchEntity``, HTTP 404 (IAM API Reference, "Common Errors"; the wording is as observed).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiCall, ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.enforcement.environment import Environment

__all__ = ["check_entities", "check_own_policy", "holders_of", "policy_named", "role_named"]

_NEEDS_ATTACHABLE = ("AttachUserPolicy", "AttachRolePolicy", "AttachGroupPolicy")
_OWN_POLICY_ONLY = frozenset(
    {
        "CreatePolicyVersion",
        "DeletePolicy",
        "DeletePolicyVersion",
        "SetDefaultPolicyVersion",
        "TagPolicy",
        "UntagPolicy",
    }
)


def role_named(backend: Any, name: str) -> Any:
    """moto's role of that name, or None."""
    return next((role for role in backend.roles.values() if role.name == name), None)


def policy_named(backend: Any, arn: str) -> Any:
    """moto's managed policy of that ARN, or None."""
    return backend.managed_policies.get(arn)


def holders_of(backend: Any, arn: str) -> Iterable[Any]:
    """Every user, role and group that has the policy attached or as its boundary."""
    for entity in (*backend.users.values(), *backend.roles.values(), *backend.groups.values()):
        boundary = getattr(entity, "permissions_boundary_arn", None)
        if arn in entity.managed_policies or boundary == arn:
            yield entity


def check_entities(call: ApiCall, environment: Environment, account: str) -> None:
    """Raise NoSuchEntity unless user, group, role, policy and boundary that the call names exist."""
    backend = environment.iam(account)
    boundary = call.params.get("PermissionsBoundary")
    if boundary is not None and environment.managed_policy(account, boundary) is None:
        raise ApiError("NoSuchEntity", f"Scope ARN: {boundary} does not exist or is not attachable.", 404)
    if call.operation.startswith(("CreateUser", "CreateGroup", "CreateRole", "CreateServiceLinked")):
        return
    user, group, role = (call.params.get(name) for name in ("UserName", "GroupName", "RoleName"))
    if user is not None and user not in backend.users:
        raise _missing("user", user)
    if group is not None and group not in backend.groups:
        raise _missing("group", group)
    if role is not None and role_named(backend, role) is None:
        raise _missing("role", role)
    arn = call.params.get("PolicyArn")
    if call.operation not in _NEEDS_ATTACHABLE or arn is None:
        return
    if environment.managed_policy(account, arn) is None:
        raise ApiError("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404)


def check_own_policy(call: ApiCall) -> None:
    """Raise AccessDenied for a change to a policy that AWS manages."""
    arn = call.params.get("PolicyArn", "")
    if call.operation in _OWN_POLICY_ONLY and ":iam::aws:policy/" in arn:
        raise ApiError("AccessDenied", f"Policy {arn} is outside your own account.", 403)


def _missing(kind: str, name: str) -> ApiError:
    return ApiError("NoSuchEntity", f"The {kind} with name {name} cannot be found.", 404)
