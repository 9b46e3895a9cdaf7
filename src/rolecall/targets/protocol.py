"""Where a chain runs, behind one small Protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import boto3

    from rolecall.chains import Chain, Hop
    from rolecall.targets.placement import Placement

__all__ = ["Target"]


class Target(Protocol):
    """A place to provision chains in and to make calls against.

    ``authorizes_first``: known to decide on permission before anything else, so that another error of the
    operation shows that the caller was let through. ``is_emulator``: nothing real can be harmed.
    ``has_organization``: the SCPs and RCPs that a chain declares are in force here.
    """

    name: str
    region: str
    authorizes_first: bool
    is_emulator: bool
    has_organization: bool

    @property
    def endpoint_url(self) -> str | None:
        """The address that clients must be pointed at; None where they find their way themselves."""

    def accounts(self, chain: Chain) -> Mapping[str, str]:
        """The account id to use for every account alias of a chain."""

    def place(self, chain: Chain) -> Placement:
        """The chain as it is run here: names, marks, ledger. Raises TargetError where it cannot be."""

    def admin(self, account: str, region: str) -> boto3.Session:
        """A session that may provision in an account."""

    def session(
        self, access_key_id: str, secret_access_key: str, token: str | None, region: str
    ) -> boto3.Session:
        """A session with a credential of the chain."""

    def start(self) -> None:
        """Come up. Raises TargetError where that is not possible."""

    def stop(self) -> None:
        """Go down; safe to call twice."""

    def enter(self, chain: Chain) -> None:
        """Make ready for a chain what is no API call: the organization's policies, token issuers."""

    def web_identity(self, chain: Chain, hop: Hop) -> Mapping[str, Any] | None:
        """Parameters of the federated call (a token with the hop's claims); None where none can be had."""
