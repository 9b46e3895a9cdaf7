"""Tokens of an identity provider, for emulators: an issuer of our own whose key the emulator trusts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rolecall.chains import Hop, OidcProvider

__all__ = ["TokenIssuer"]

_LIFE = 600


class TokenIssuer:
    """Signs tokens with one key, made when it is first needed. ``clock`` answers aware datetimes."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._key: Any = None

    def public_keys(self) -> dict[str, Any]:
        """The key set (JWKS) that verifies the tokens."""
        return {"keys": [self._signing_key().as_dict(private=False)]}

    def token(self, provider: OidcProvider, claims: Mapping[str, Any]) -> str:
        """A token of a provider with these claims; audience, subject and times are filled in if need be."""
        from joserfc import jwt

        now = int(self._clock().timestamp())
        whole: dict[str, Any] = {
            "iss": provider.url.rstrip("/"),
            "aud": provider.client_ids[0] if provider.client_ids else "sts.amazonaws.com",
            "sub": "rolecall",
            "iat": now,
            "nbf": now,
            "exp": now + _LIFE,
            **{name: list(value) if isinstance(value, tuple) else value for name, value in claims.items()},
        }
        key = self._signing_key()
        return jwt.encode({"alg": "RS256", "kid": key.kid}, whole, key)

    def parameters(self, provider: OidcProvider, hop: Hop) -> dict[str, str]:
        """What AssumeRoleWithWebIdentity takes for a hop."""
        return {"WebIdentityToken": self.token(provider, hop.claims)}

    def _signing_key(self) -> Any:
        if self._key is None:
            from joserfc.jwk import RSAKey

            self._key = RSAKey.generate_key(2048, {"use": "sig", "kid": "rolecall"})
        return self._key
