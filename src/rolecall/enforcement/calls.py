"""What passes through the gate: an API call, who makes it, and the errors that AWS answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rolecall.enforcement.sessions import Session
    from rolecall.iam.principals import Principal

__all__ = ["ApiCall", "ApiError", "Caller", "HttpRequest"]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """An HTTP request as it was sent. ``path`` and ``query`` are raw (still percent-encoded)."""

    method: str
    host: str
    path: str
    query: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    """Header names in lower case."""
    body: bytes = field(repr=False, default=b"")
    source_ip: str = "127.0.0.1"
    secure: bool = True
    body_known: bool = True
    """False where the body is a stream that must not be read here; ``body`` is then empty."""


@dataclass(frozen=True, slots=True)
class ApiCall:
    """An API operation with its parameters, in the shapes of the service model."""

    service: str
    """The service's name in boto3: ``iam``, ``sts``, ``ec2``, ``logs`` …"""
    operation: str
    """``DescribeInstances``."""
    params: Mapping[str, Any]
    region: str
    partition: str
    http: HttpRequest


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call, after authentication. ``session`` for temporary credentials."""

    principal: Principal
    account: str
    access_key_id: str | None = None
    session: Session | None = None


class ApiError(Exception):
    """An error that AWS answers: its code, HTTP status and message. The gate gives it the wire form."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
