"""Grants on KMS keys, as statements of the key's policy.

Source: KMS Developer Guide, "Grants in AWS KMS" and "Troubleshooting AWS KMS permissions": a grant allows
its grantee the operations it names, where the encryption context meets its constraints; an explicit deny of
a policy prevails.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.calls import Caller
    from rolecall.enforcement.checks import Check

__all__ = ["open_abroad", "with_grants"]

_CONTEXT = "kms:encryptioncontext:"
_ABROAD = (
    "the key has a grant for this; whether the caller's account has to allow it as well is not documented"
)


def with_grants(text: str, grants: Mapping[str, Any], check: Check) -> str:
    """A key policy's text, and a statement more for each grant of moto's that speaks of a check."""
    statements = [one for grant in tuple(grants.values()) for one in _of(grant, check)]
    if not statements:
        return text
    document = json.loads(text)
    own = document["Statement"]
    return json.dumps(
        {**document, "Statement": [*(own if isinstance(own, list) else [own]), *statements]}, sort_keys=True
    )


def open_abroad(check: Check, caller: Caller) -> str:
    """What is open where a check is not allowed: a grant to somebody of another account; else nothing."""
    if not check.action.startswith("kms:") or f":{caller.account}:key/" in check.resource:
        return ""
    from rolecall.enforcement.resources.kms import key_of

    key = key_of(check.resource, caller.account, "") if ":key/" in check.resource else None
    if key is None:
        return ""
    mine = f":{caller.account}:"
    granted = (one for grant in tuple(key.grants.values()) for one in _of(grant, check))
    return _ABROAD if any(mine in one["Principal"]["AWS"] for one in granted) else ""


def _of(grant: Any, check: Check) -> list[dict[str, Any]]:
    operation = check.action.partition(":")[2]
    principals = []
    if operation in (grant.operations or ()) and _is_met(grant.constraints or {}, check):
        principals.append(grant.grantee_principal)
    if operation == "RetireGrant" and grant.retiring_principal:
        principals.append(grant.retiring_principal)
    return [
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": check.action, "Resource": "*"}
        for principal in principals
        if ":iam::" in principal or ":sts::" in principal
    ]


def _is_met(constraints: Mapping[str, Any], check: Check) -> bool:
    """Whether the encryption context of a check is one that a grant is made for."""
    brought = {
        key[len(_CONTEXT) :]: str(value)
        for key, value in check.context.items()
        if key.lower().startswith(_CONTEXT)
    }
    equal, subset = constraints.get("EncryptionContextEquals"), constraints.get("EncryptionContextSubset")
    if equal and brought != equal:
        return False
    return not subset or all(brought.get(name) == value for name, value in subset.items())
