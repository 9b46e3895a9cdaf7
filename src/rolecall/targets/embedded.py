"""The moto targets: the enforcing moto in this process, or the same over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rolecall.chains import OidcProvider
from rolecall.targets.placement import Placement
from rolecall.targets.token_issuer import TokenIssuer

if TYPE_CHECKING:
    import boto3

    from rolecall.chains import Chain, Hop
    from rolecall.targets.moto import EnforcedMoto

__all__ = ["EmbeddedTarget"]


class EmbeddedTarget:
    """An enforcing moto of our own. ``name`` is ``moto`` (in process) or ``server`` (over HTTP)."""

    authorizes_first = True
    is_emulator = True
    has_organization = True

    def __init__(self, name: str, region: str, clock: Callable[[], datetime]) -> None:
        self.name = name
        self.region = region
        self._clock = clock
        self._stack = ExitStack()
        self._running: EnforcedMoto | None = None
        self._issuer = TokenIssuer(clock)

    @property
    def running(self) -> EnforcedMoto:
        """The environment; it comes up when it is first asked for."""
        if self._running is None:
            self.start()
        assert self._running is not None
        return self._running

    def start(self) -> None:
        """Come up."""
        if self._running is not None:
            return
        if self.name == "server":
            from rolecall.targets.server import enforcing_server

            self._running = self._stack.enter_context(enforcing_server(region=self.region, clock=self._clock))
        else:
            from rolecall.targets.moto import enforcing_moto

            self._running = self._stack.enter_context(enforcing_moto(region=self.region, clock=self._clock))

    def stop(self) -> None:
        """Go down; moto is as it was."""
        self._stack.close()
        self._running = None

    def accounts(self, chain: Chain) -> Mapping[str, str]:
        """The declared ids: documents are used verbatim."""
        return dict(chain.accounts)

    def place(self, chain: Chain) -> Placement:
        """As it is declared: this target is gone with the process, and sees every write at once."""
        return Placement(chain)

    def admin(self, account: str, region: str) -> boto3.Session:
        """The account's root user, who may do everything here."""
        return self.running.root_session(account, region)

    def admin_key(self, account: str) -> tuple[str, str, str | None]:
        """Access key id and secret of the account's root user, and no token."""
        root = self.running.environment.root(account)
        return root.access_key_id, root.secret_access_key, None

    def session(
        self, access_key_id: str, secret_access_key: str, token: str | None, region: str
    ) -> boto3.Session:
        """A session with a credential; empty strings make one without."""
        return self.running.session(access_key_id or None, secret_access_key or None, token, region)

    @property
    def endpoint_url(self) -> str | None:
        """Where it answers over HTTP; None in process."""
        return self.running.endpoint_url

    def enter(self, chain: Chain) -> None:
        """Put the chain's organization and token issuers in place."""
        from rolecall.enforcement.environment import Organization

        environment = self.running.environment
        declared_organization = chain.organization
        environment.organization = None
        if declared_organization is not None:
            paths = {
                chain.accounts[alias]: f"{declared_organization.path_of(alias)}"
                for alias in declared_organization.accounts
            }
            environment.organization = Organization(declared_organization.id, paths=paths)
        for held, declared in ((environment.scps, chain.scps), (environment.rcps, chain.rcps)):
            held.clear()
            for alias, levels in declared.items():
                held[chain.accounts[alias]] = tuple(
                    tuple(document.policy for document in level) for level in levels
                )
        for provider in chain.providers.values():
            if isinstance(provider, OidcProvider):
                environment.issuers[provider.host] = self._issuer.public_keys()

    def web_identity(self, chain: Chain, hop: Hop) -> Mapping[str, Any] | None:
        """A signed token with the hop's claims; None for SAML."""
        provider = chain.providers[hop.frm]
        return self._issuer.parameters(provider, hop) if isinstance(provider, OidcProvider) else None
