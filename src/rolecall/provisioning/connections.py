"""boto3 clients for a plan: one for each account and service, made when first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import boto3
from botocore import xform_name

__all__ = ["Connections", "Sessions"]

Sessions = Callable[[str], boto3.Session]
"""An account id → the session to act with in that account. The session carries endpoint and retries."""

ClientFactory = Callable[[boto3.Session, str, str], Any]


def _plain_client(session: boto3.Session, service: str, region: str) -> Any:
    return session.client(service, region_name=region)


class Connections:
    """Clients by account, service and region. ``client`` makes one from a session (endpoint, retries)."""

    def __init__(self, sessions: Sessions, client: ClientFactory = _plain_client) -> None:
        self._sessions = sessions
        self._client = client
        self._made: dict[tuple[str, str, str], Any] = {}
        self._making = threading.RLock()

    def client(self, account: str, service: str, region: str) -> Any:
        """The client for a service in an account."""
        key = (account, service, region)
        with self._making:  # clients may be shared by threads, sessions not
            if key not in self._made:
                self._made[key] = self._client(self._sessions(account), service, region)
            return self._made[key]

    def call(self, account: str, service: str, region: str, operation: str, params: dict[str, Any]) -> Any:
        """Call an operation by its API name: ``CreateRole``."""
        return getattr(self.client(account, service, region), xform_name(operation))(**params)
