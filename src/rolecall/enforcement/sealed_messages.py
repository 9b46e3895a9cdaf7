"""Encoded authorization messages: only the environment that made one can read it.

Source: AWS STS API Reference, "DecodeAuthorizationMessage".
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import TYPE_CHECKING

from rolecall.enforcement.calls import ApiError
from rolecall.iam.denials import authorization_details

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment
    from rolecall.iam.decisions import Decision

__all__ = ["open_message", "seal_decision"]

_NONCE = 12


def seal_decision(environment: Environment, decision: Decision) -> str:
    """The encoded message of a decision: letters, digits, ``-`` and ``_``."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    text = json.dumps(authorization_details(decision), separators=(",", ":"))
    nonce = environment.random_bytes(_NONCE)
    sealed = AESGCM(environment.message_key).encrypt(nonce, zlib.compress(text.encode()), None)
    return base64.urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()


def open_message(environment: Environment, encoded: str) -> str:
    """The JSON text of an encoded message. Raises ApiError InvalidAuthorizationMessageException."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        raw = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        text = AESGCM(environment.message_key).decrypt(raw[:_NONCE], raw[_NONCE:], None)
        return zlib.decompress(text).decode()
    except (binascii.Error, ValueError, InvalidTag, zlib.error) as error:
        raise ApiError(
            "InvalidAuthorizationMessageException",
            f"The specified encoded message is not valid: {encoded[:20]}",
            400,
        ) from error
