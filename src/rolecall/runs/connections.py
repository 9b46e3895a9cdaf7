"""An emulator's administrators: one client for each service serves the root users of all accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rolecall.provisioning import Connections

if TYPE_CHECKING:
    from rolecall.probes import Speakers
    from rolecall.provisioning import Sessions

__all__ = ["SharedConnections"]


class SharedConnections(Connections):
    """Connections that speak through shared clients. Each client is for the next call only.

    ``key`` answers an account's access key id, secret and token.
    """

    def __init__(
        self, sessions: Sessions, key: Callable[[str], tuple[str, str, str | None]], speakers: Speakers
    ) -> None:
        super().__init__(sessions)
        self._key = key
        self._speakers = speakers

    def client(self, account: str, service: str, region: str) -> Any:
        """The client for a service, speaking as the account's administrator."""
        return self._speakers.client(*self._key(account), service, region)
