"""Who a caller is, and whose a key is: GetCallerIdentity and GetAccessKeyInfo.

Sources: STS API Reference, the pages of both; IAM User Guide, "Policy variables" (the principal table).
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiCall, ApiError, Caller
from rolecall.enforcement.sts_authorization import require
from rolecall.iam import PrincipalType

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment

__all__ = ["get_access_key_info", "get_caller_identity"]

_ACCOUNT_OFFSET = 1 << 39


def get_caller_identity(call: ApiCall, caller: Caller, environment: Environment) -> dict[str, Any]:
    """Account, ARN and unique id of the caller. Needs no permission; a Deny does not stop it."""
    return {"UserId": user_id(caller, environment), "Account": caller.account, "Arn": caller.principal.arn}


def user_id(caller: Caller, environment: Environment) -> str:
    """The caller's unique id, as ``aws:userid`` spells it."""
    principal = caller.principal
    session = caller.session
    if principal.type is PrincipalType.SESSION:
        role_id = (session.role_id if session else None) or principal.unique_id
        return f"{role_id}:{principal.session}"
    if principal.type is PrincipalType.FEDERATED_USER:
        return f"{caller.account}:{principal.name}"
    if principal.type is PrincipalType.USER:
        user = environment.iam(caller.account).users.get(principal.name)
        return str(user.id) if user is not None else principal.unique_id or ""
    return caller.account


def get_access_key_info(call: ApiCall, caller: Caller, environment: Environment) -> dict[str, Any]:
    """The account of an access key, of any account; the key's status does not matter."""
    require(call, environment, caller, "sts:GetAccessKeyInfo", "*", {})
    key: str = call.params["AccessKeyId"]
    session = environment.sessions.get(key)
    if session is not None:
        return {"Account": session.account}
    for root in environment.roots.values():
        if root.access_key_id == key:
            return {"Account": root.account}
    account = _account_of_user_key(environment, key) or _account_within(key)
    if account is None:
        raise ApiError("ValidationError", f"Invalid AccessKeyId: {key}", 400)
    return {"Account": account}


def _account_of_user_key(environment: Environment, key: str) -> str | None:
    from moto.iam.models import iam_backends

    for account in list(iam_backends):
        if key in environment.iam(account).access_keys:
            return str(account)
    return None


def _account_within(key: str) -> str | None:
    """The account number that newer key ids carry in their characters 5 to 12 (base32)."""
    try:
        number = int.from_bytes(base64.b32decode(key[4:12]), "big") - _ACCOUNT_OFFSET
    except (binascii.Error, ValueError):
        return None
    if len(key) < 20 or number < 0:
        return None
    odd = key[12] >= "Q" or key[12].isdigit()
    account = 2 * number + (1 if odd else 0)
    return f"{account:012d}" if account < 10**12 else None
