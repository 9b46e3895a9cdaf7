"""Which kind of policy a document is, from what stands in it."""

from __future__ import annotations

from typing import Any, Literal

from rolecall.iam.schemas.kinds import PolicyKind

__all__ = ["KindOrAuto", "detect_kind"]

KindOrAuto = PolicyKind | Literal["auto"]


def detect_kind(value: Any) -> PolicyKind:
    """Trust: a principal, actions of STS only, no resource. Resource: a principal. Else identity.

    Boundaries, session policies, SCPs and RCPs look like others and have to be named.
    """
    statements = value.get("Statement") if isinstance(value, dict) else None
    listed = statements if isinstance(statements, list) else [statements]
    found = [one for one in listed if isinstance(one, dict)]
    if not any("Principal" in one or "NotPrincipal" in one for one in found):
        return "identity"
    if any("Resource" in one or "NotResource" in one for one in found):
        return "resource"
    actions = [action for one in found for action in _as_list(one.get("Action", one.get("NotAction")))]
    if actions and all(isinstance(action, str) and action.lower().startswith("sts:") for action in actions):
        return "trust"
    return "resource"


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
