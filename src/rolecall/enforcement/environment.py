"""One enforced environment: its accounts, clock, sessions and organization; all of the gate shares it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.sessions import SessionStore
from rolecall.iam.switches import Switches

if TYPE_CHECKING:
    from rolecall.iam.documents import Policy

__all__ = ["Environment", "Organization", "RootCredential", "system_clock"]

_ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class RootCredential:
    """The access key of an account's root user."""

    account: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Organization:
    """The organization that accounts belong to.

    ``paths`` maps an account to its path as ``aws:PrincipalOrgPaths`` spells it
    (``o-abc/r-def/ou-ghi/``). SCPs and RCPs do not touch ``management_account``.
    """

    id: str
    management_account: str | None = None
    paths: dict[str, str] = field(default_factory=dict)
    centralized_root_access: bool = False
    """Whether ``sts:AssumeRoot`` may be called from the management account."""
    delegated_iam_administrator: str | None = None
    """The account that may call it too."""


@dataclass(slots=True)
class Environment:
    """The state of one enforced environment; moto holds the rest.

    ``clock`` answers an aware datetime in UTC; tests put their own in its place. ``random_bytes`` is the
    source of ids, secrets and tokens. ``scps`` and ``rcps`` hold, per account, the levels from the
    organization's root down to the account; an account that is not in them has none.
    ``issuers`` belongs to web identity: what is pinned for an OIDC issuer, by issuer host and path.
    """

    account_id: str
    region: str = "us-east-1"
    partition: str = "aws"
    clock: Callable[[], datetime] = system_clock
    signing_clock: Callable[[], datetime] = system_clock
    """What the time of a signature is held against. Clients sign by the machine's clock, so this is not
    ``clock``: moving that one ends sessions without making every client look skewed."""
    random_bytes: Callable[[int], bytes] = secrets.token_bytes
    switches: Switches = field(default_factory=Switches)
    sessions: SessionStore = field(default_factory=SessionStore)
    scps: dict[str, tuple[tuple[Policy, ...], ...]] = field(default_factory=dict)
    rcps: dict[str, tuple[tuple[Policy, ...], ...]] = field(default_factory=dict)
    organization: Organization | None = None
    issuers: dict[str, Any] = field(default_factory=dict)
    roots: dict[str, RootCredential] = field(default_factory=dict, repr=False)
    message_key: bytes = field(default=b"", repr=False)
    """What encoded authorization messages are sealed with."""

    def __post_init__(self) -> None:
        self.message_key = self.message_key or self.random_bytes(32)

    def iam(self, account: str) -> Any:
        """moto's IAM backend of an account: ``users``, ``roles``, ``groups``, ``managed_policies`` …"""
        from moto.iam.models import iam_backends

        return iam_backends[account][self.partition]

    def managed_policy(self, account: str, arn: str) -> Any:
        """moto's object of a managed policy, AWS's own included; None when there is none of that ARN."""
        from rolecall.enforcement.managed_policies import provide

        return provide(self, account, arn)

    def new_id(self, prefix: str, length: int = 16) -> str:
        """A unique id as AWS shapes them: ``ASIA`` and 16 characters of A-Z2-7."""
        return prefix + "".join(_ID_ALPHABET[byte & 31] for byte in self.random_bytes(length))

    def new_secret(self, length: int = 40) -> str:
        """A secret access key of that many characters."""
        return base64.b64encode(self.random_bytes(length)).decode()[:length]

    def new_token(self, size: int = 256) -> str:
        """A session token made of that many random bytes."""
        return base64.b64encode(self.random_bytes(size)).decode()

    def root(self, account: str | None = None) -> RootCredential:
        """The root credential of an account, made when it is first asked for."""
        account = account or self.account_id
        if account not in self.roots:
            self.roots[account] = RootCredential(account, self.new_id("AKIA"), self.new_secret())
        return self.roots[account]
