"""IAM as strict as AWS: what moto lets through and AWS refuses, with AWS's codes and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.strict_iam.boundaries import change_user_boundary, create_bounded_user
from rolecall.enforcement.strict_iam.constraints import check_constraints
from rolecall.enforcement.strict_iam.deletions import check_deletion
from rolecall.enforcement.strict_iam.entities import check_entities, check_own_policy, role_named
from rolecall.enforcement.strict_iam.mfa_devices import check_mfa_device, use_up_codes
from rolecall.enforcement.strict_iam.moto_replacements import moto_replaced
from rolecall.enforcement.strict_iam.names import check_names
from rolecall.enforcement.strict_iam.policies import check_documents
from rolecall.enforcement.strict_iam.quotas import check_quotas
from rolecall.enforcement.strict_iam.resource_principals import bind_all
from rolecall.enforcement.strict_iam.service_linked import check_service_linked
from rolecall.enforcement.strict_iam.tags import check_tags
from rolecall.enforcement.strict_iam.trust_principals import bind_trust, refresh_trusts

if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.enforcement.calls import ApiCall, Caller
    from rolecall.enforcement.environment import Environment

__all__ = ["after", "check", "moto_replaced", "own_operation"]

_OWN = {
    "DeleteUserPermissionsBoundary": change_user_boundary,
    "PutUserPermissionsBoundary": change_user_boundary,
}

_SAVES_TRUST = ("CreateRole", "UpdateAssumeRolePolicy")
_CHANGES_PRINCIPALS = ("DeleteUser", "DeleteRole", "UpdateUser", "DeleteServiceLinkedRole")


def check(call: ApiCall, caller: Caller, environment: Environment) -> None:
    """Raise the ApiError with which AWS refuses an IAM call that is authorized, before moto gets it."""
    check_constraints("iam", call.operation, call.params)
    backend = environment.iam(caller.account)
    check_own_policy(call)
    check_entities(call, environment, caller.account)
    check_service_linked(call, backend)
    check_names(call, backend)
    check_documents(call, environment)
    check_tags(call, backend)
    check_quotas(call, backend)
    check_deletion(call, backend)
    check_mfa_device(call, environment, backend)
    if call.operation in _CHANGES_PRINCIPALS:
        bind_all(environment)


def own_operation(call: ApiCall) -> Callable[[ApiCall, Caller, Environment], dict[str, Any]] | None:
    """What answers an IAM call that moto does not know, or not in full, once it is authorized and checked."""
    if call.operation == "CreateUser" and call.params.get("PermissionsBoundary"):
        return create_bounded_user
    return _OWN.get(call.operation)


def after(call: ApiCall, caller: Caller, environment: Environment) -> None:
    """Follow up an IAM call that moto carried out: bind trust policies to unique ids, and let go of them."""
    if call.operation in _SAVES_TRUST:
        role = role_named(environment.iam(caller.account), call.params["RoleName"])
        if role is not None:
            bind_trust(environment, role)
    elif call.operation in _CHANGES_PRINCIPALS:
        refresh_trusts(environment)
    else:
        use_up_codes(call, environment, environment.iam(caller.account))
