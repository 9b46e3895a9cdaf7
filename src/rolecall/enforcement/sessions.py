"""Temporary credentials: what STS gave out, and what it remembers of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.iam.documents import Policy
    from rolecall.iam.principals import Principal

__all__ = ["Session", "SessionKind", "SessionStore"]


class SessionKind(StrEnum):
    """How temporary credentials came about."""

    ROLE = "AssumeRole"
    WEB_IDENTITY = "AssumeRoleWithWebIdentity"
    SAML = "AssumeRoleWithSAML"
    FEDERATED_USER = "GetFederationToken"
    ROOT_TASK = "AssumeRoot"
    SESSION_TOKEN = "GetSessionToken"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Session:
    """One set of temporary credentials.

    ``principal`` is the role session, the federated user, (GetSessionToken) the user or root itself, or
    (AssumeRoot) root of the member account.
    ``tags`` are session tags only, ``transitive_tag_keys`` the keys that a further hop carries along.
    ``federated_context`` holds keys that the provider's token set (``saml:sub`` …), for later calls.
    """

    kind: SessionKind
    principal: Principal
    account: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    issued: datetime
    expires: datetime
    role_arn: str | None = None
    role_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str | None = None
    session_policies: tuple[Policy, ...] | None = None
    mfa_at: datetime | None = None
    """When MFA was used for these credentials (GetSessionToken only: a role session never carries MFA)."""
    federated_provider: str | None = None
    federated_context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


class SessionStore:
    """The live sessions of one environment, by access key id."""

    def __init__(self) -> None:
        self._by_key: dict[str, Session] = {}

    def add(self, session: Session) -> None:
        """Remember a session."""
        self._by_key[session.access_key_id] = session

    def get(self, access_key_id: str) -> Session | None:
        """The session of that access key id, expired or not."""
        return self._by_key.get(access_key_id)

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._by_key.values()))
