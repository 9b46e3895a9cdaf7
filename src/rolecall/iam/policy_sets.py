"""Which policies apply to a request, by type."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rolecall.iam.documents import Policy

__all__ = ["Policies", "Stage"]


class Stage(StrEnum):
    """Where a decision is made. The values are the field names of ``rolecall simulate``."""

    IDENTITY = "identity_policies"
    RESOURCE = "resource_policy"
    BOUNDARY = "permissions_boundary"
    SESSION = "session_policies"
    SCP = "scps"
    RCP = "rcps"
    CALL = "call"
    """A rule of the API itself, which no policy controls (GetCallerIdentity, root and AssumeRole …)."""


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies that apply to one request.

    ``identity``: managed, inline and group policies of the caller (of the user, for a federated user).
    ``resource``: the policy on the resource; for a role, its trust policy.
    ``boundary`` and ``session``: None where none is set; several behave as one (statements are OR-ed).
    ``scps``: level by level from the root of the caller's organization to the account; ``()`` where
    there is no organization. ``rcps``: the same for the resource's account; RCPFullAWSAccess is present
    at every level without being listed.
    """

    identity: tuple[Policy, ...] = ()
    resource: Policy | None = None
    boundary: tuple[Policy, ...] | None = None
    session: tuple[Policy, ...] | None = None
    scps: tuple[tuple[Policy, ...], ...] = ()
    rcps: tuple[tuple[Policy, ...], ...] = ()
    memo: list[Any] = field(default_factory=list, init=False, compare=False, repr=False)
    """Derived forms of this very object (see compiled.py); says nothing about the policies."""
