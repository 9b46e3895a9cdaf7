"""STS as AWS answers it: the operations that rolecall answers itself instead of moto."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiCall, ApiError, Caller
from rolecall.enforcement.strict_iam.constraints import check_constraints
from rolecall.enforcement.sts_assume_role import assume_role
from rolecall.enforcement.sts_assume_root import assume_root
from rolecall.enforcement.sts_identity import get_access_key_info, get_caller_identity
from rolecall.enforcement.sts_other_tokens import get_delegated_access_token, get_web_identity_token
from rolecall.enforcement.sts_saml import assume_role_with_saml
from rolecall.enforcement.sts_session_limits import check_session_limits
from rolecall.enforcement.sts_user_sessions import get_federation_token, get_session_token
from rolecall.enforcement.sts_web_identity import assume_role_with_web_identity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rolecall.enforcement.environment import Environment

__all__ = ["UNSIGNED_OPERATIONS", "answer"]

UNSIGNED_OPERATIONS = frozenset({"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"})
"""Operations that take no credentials: the token or assertion is what authenticates."""

_SIGNED: dict[str, Callable[[ApiCall, Caller, Environment], dict[str, Any]]] = {
    "AssumeRole": assume_role,
    "AssumeRoot": assume_root,
    "GetAccessKeyInfo": get_access_key_info,
    "GetCallerIdentity": get_caller_identity,
    "GetDelegatedAccessToken": get_delegated_access_token,
    "GetFederationToken": get_federation_token,
    "GetSessionToken": get_session_token,
    "GetWebIdentityToken": get_web_identity_token,
}

_UNSIGNED: dict[str, Callable[[ApiCall, Environment], dict[str, Any]]] = {
    "AssumeRoleWithSAML": assume_role_with_saml,
    "AssumeRoleWithWebIdentity": assume_role_with_web_identity,
}


def answer(call: ApiCall, caller: Caller | None, environment: Environment) -> Mapping[str, Any]:
    """The answer to an STS call, authorization included, in the shapes of the service model.

    In: the call, its caller (None for an unsigned call) and the environment. Raises ApiError for
    everything that AWS refuses.
    """
    check_constraints("sts", call.operation, call.params)
    unsigned = _UNSIGNED.get(call.operation)
    if unsigned is not None:
        return unsigned(call, environment)
    signed = _SIGNED.get(call.operation)
    if signed is None:
        raise ApiError(
            "InvalidAction", f"Could not find operation {call.operation} for version 2011-06-15", 400
        )
    if caller is None:
        raise ApiError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
    check_session_limits(call, caller)
    return signed(call, caller, environment)
