"""The kinds of policy that AWS tells apart."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["KINDS", "KIND_NAMES", "PolicyKind"]

PolicyKind = Literal["identity", "trust", "resource", "session", "boundary", "scp", "rcp"]

KINDS: tuple[PolicyKind, ...] = get_args(PolicyKind)

KIND_NAMES: dict[PolicyKind, str] = {
    "identity": "an identity-based policy",
    "trust": "a role trust policy",
    "resource": "a resource-based policy",
    "session": "a session policy",
    "boundary": "a permissions boundary",
    "scp": "a service control policy",
    "rcp": "a resource control policy",
}
