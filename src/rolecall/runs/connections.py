"""An emulator's administrators: one client for each service serves the root users of all accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.provisioning import Connections

if TYPE_CHECKING:
    from rolecall.probes import Speakers
    from rolecall.provisioning import Sessions

__all__ = ["SharedConnections"]


class SharedConnections(Connections):
    """Connections that speak through shared clients. Each client is for the next call only."""

    def __init__(self, sessions: Sessions, speakers: Speakers) -> None:
        super().__init__(sessions)
        self._account_sessions = sessions
        self._speakers = speakers
        self._credentials: dict[str, Any] = {}

    def client(self, account: str, service: str, region: str) -> Any:
        """The client for a service, speaking as the account's administrator."""
        if account not in self._credentials:
            self._credentials[account] = self._account_sessions(account).get_credentials()
        held = self._credentials[account]
        return self._speakers.client(held.access_key, held.secret_key, held.token, service, region)
