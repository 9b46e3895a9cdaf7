"""Clients that many credentials share, one call after the other.

A session and a client take some 25 ms to make, ten times as long as a call on an emulator. Only the
credential differs, so one client for each service and region serves all principals: what it signs with is
put in before the call. Whoever keeps a client must make one of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import boto3

__all__ = ["Speakers"]


class Speakers:
    """``session`` makes a boto3 session from access key id, secret, token and region."""

    def __init__(self, session: Callable[[str, str, str | None, str], boto3.Session]) -> None:
        self._session = session
        self._sessions: dict[str, boto3.Session] = {}
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, access_key_id: str, secret: str, token: str | None, service: str, region: str) -> Any:
        """A client for the next call with that credential, and no later one."""
        session = self._sessions.get(region)
        if session is None:
            session = self._sessions[region] = self._session(access_key_id, secret, token, region)
        held = session.get_credentials()
        held.access_key, held.secret_key, held.token = access_key_id, secret, token
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = session.client(service)
        return self._clients[key]
