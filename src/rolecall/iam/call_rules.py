"""Calls that no policy controls, and callers that a call refuses whatever the policies say.

Sources: AWS STS API Reference (GetCallerIdentity, GetSessionToken, GetFederationToken, AssumeRole,
AssumeRoot) and IAM User Guide, "Compare AWS STS credentials" (id_credentials_sts-comparison).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rolecall.iam.principals import Principal, PrincipalType
from rolecall.iam.wildcards import has_wildcard

if TYPE_CHECKING:
    from rolecall.iam.requests import NormalValue, Request

__all__ = ["ALWAYS_PERMITTED", "call_rule", "request_rule"]

ALWAYS_PERMITTED = frozenset({"sts:getcalleridentity", "sts:getsessiontoken"})
"""Actions that need no permission and that a Deny does not control."""

_ASSUME = frozenset({"sts:assumerole", "sts:tagsession", "sts:setsourceidentity"})
_UNSIGNED = (PrincipalType.ANONYMOUS, PrincipalType.SERVICE, PrincipalType.FEDERATED_PROVIDER)


def request_rule(request: Request) -> bool | None:
    """``call_rule`` of a request; and False where caller and resource are in different partitions.

    Access across partitions cannot be granted ("How IAM roles differ from resource-based policies").
    """
    caller, resource = request.principal, request.resource
    if caller.type not in _UNSIGNED and resource.startswith("arn:"):
        partition = resource.split(":", 2)[1]
        if partition != caller.partition and not has_wildcard(partition):
            return False
    return call_rule(caller, request.action.lower(), request.context)


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
    if kind is PrincipalType.ROOT and action in ("sts:assumerole", "sts:assumeroot"):
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
