"""Calls that no policy controls, and callers that a call refuses whatever the policies say.

Sources: AWS STS API Reference (GetCallerIdentity, GetSessionToken, GetFederationToken, AssumeRole) and
IAM User Guide, "Compare AWS STS credentials" (id_credentials_sts-comparison).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rolecall.iam.principals import Principal, PrincipalType

if TYPE_CHECKING:
    from rolecall.iam.requests import NormalValue

__all__ = ["ALWAYS_PERMITTED", "call_rule"]

ALWAYS_PERMITTED = frozenset({"sts:getcalleridentity", "sts:getsessiontoken"})
"""Actions that need no permission and that a Deny does not control."""

_ASSUME = frozenset({"sts:assumerole", "sts:tagsession", "sts:setsourceidentity"})
_UNSIGNED = (PrincipalType.ANONYMOUS, PrincipalType.SERVICE, PrincipalType.FEDERATED_PROVIDER)


def call_rule(caller: Principal, action: str, context: Mapping[str, NormalValue]) -> bool | None:
    """True: permitted without any policy. False: refused whatever policies say. None: policies decide.

    ``action`` in lower case. Credentials are known to be temporary by ``aws:TokenIssueTime``.
    """
    service = action.partition(":")[0]
    if service not in ("sts", "iam"):
        return None
    kind = caller.type
    if kind in _UNSIGNED:
        return None
    if action == "sts:getcalleridentity":
        return True
    temporary = "aws:tokenissuetime" in context
    if kind is PrincipalType.FEDERATED_USER:
        return False
    if kind is PrincipalType.ROOT and action == "sts:assumerole":
        return False
    if kind in (PrincipalType.SESSION, PrincipalType.ROLE):
        return False if action in ("sts:getsessiontoken", "sts:getfederationtoken") else None
    if temporary:
        if service == "sts":
            return None if action in _ASSUME else False
        return None if _mfa_used(context) else False
    return True if action == "sts:getsessiontoken" else None


def _mfa_used(context: Mapping[str, NormalValue]) -> bool:
    return context.get("aws:multifactorauthpresent") == "true" or "aws:multifactorauthage" in context
