"""Secrets that no log, report, traceback or assertion can show by accident."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import NoReturn

__all__ = ["Credentials", "MfaDevice", "Secret"]


class Secret:
    """A text that prints as dots. ``reveal()`` is the only way to it; it cannot be pickled."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself, for whoever makes a call with it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(•••)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere")


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key, with a session token when it is temporary."""

    access_key_id: str = field(repr=False, compare=False)
    secret_access_key: Secret
    session_token: Secret | None = None


@dataclass(frozen=True, slots=True)
class MfaDevice:
    """A user's virtual MFA device. ``seed`` is its base32 seed."""

    serial_number: str
    seed: Secret

    def code(self, at: float, offset: int = 0) -> str:
        """The six digits at a time in seconds since 1970, ``offset`` steps of 30 s later (RFC 6238)."""
        text = self.seed.reveal().strip().upper()
        key = base64.b32decode(text + "=" * (-len(text) % 8))
        counter = (int(at) // 30 + offset).to_bytes(8, "big")
        digest = hmac.new(key, counter, hashlib.sha1).digest()
        start = digest[-1] & 15
        number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
        return f"{number % 1_000_000:06d}"
