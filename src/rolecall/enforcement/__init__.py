"""The engine put in front of moto: who calls, what action, which resource, in which context."""

from __future__ import annotations

from rolecall.enforcement.calls import ApiCall, ApiError, Caller, HttpRequest
from rolecall.enforcement.environment import Environment, Organization, RootCredential
from rolecall.enforcement.sessions import Session, SessionKind, SessionStore

__all__ = [
    "ApiCall",
    "ApiError",
    "Caller",
    "Environment",
    "HttpRequest",
    "Organization",
    "RootCredential",
    "Session",
    "SessionKind",
    "SessionStore",
]
