"""ID tokens: a JWT is opened, its signature checked with the keys that are pinned for its issuer.

Nothing is fetched: an issuer's keys stand in the environment (``Environment.issuers``), by the issuer's
host and path, as a JWK set. Codes: STS API Reference, AssumeRoleWithWebIdentity, "Errors".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["ALGORITHMS", "IdToken", "issuer_name", "read_id_token", "verify_id_token"]

ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
"""The signatures that IAM accepts of an OIDC provider."""


@dataclass(frozen=True, slots=True)
class IdToken:
    """The claims of a token, not verified yet. ``issuer`` is host and path, without ``https://``."""

    text: str
    issuer: str
    claims: Mapping[str, Any]

    @property
    def audiences(self) -> tuple[str, ...]:
        """The ``aud`` claim, one or several."""
        found = self.claims.get("aud", ())
        return (found,) if isinstance(found, str) else tuple(found)


def issuer_name(url: str) -> str:
    """An issuer as IAM names its provider: host and path, without scheme and trailing slash."""
    return url.removeprefix("https://").rstrip("/")


def read_id_token(text: str) -> IdToken:
    """The claims of a token. Raises InvalidIdentityToken for what is not a JWT with its needed claims."""
    from joserfc import jws
    from joserfc.errors import JoseError

    try:
        payload = jws.extract_compact(text.encode()).payload
        claims = json.loads(payload)
    except (JoseError, ValueError):
        raise _invalid(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        ) from None
    if not isinstance(claims, dict):
        raise _invalid("The ID Token provided is not a valid JWT.")
    for name in ("iss", "aud", "sub", "exp", "iat"):
        if name not in claims:
            raise _invalid(f"Missing a required claim: {name}")
    if not isinstance(claims["iss"], str) or not isinstance(claims["sub"], str):
        raise _invalid("The ID Token provided is not a valid JWT.")
    return IdToken(text, issuer_name(claims["iss"]), claims)


def verify_id_token(token: IdToken, keys: Mapping[str, Any], moment: datetime) -> None:
    """Check signature and times.

    In: the token, the issuer's JWK set (``{"keys": […]}``) and the moment. Raises InvalidIdentityToken
    for a signature that is not the issuer's or a token that is not valid yet, ExpiredTokenException
    for one that is over.
    """
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        jws.deserialize_compact(token.text, KeySet.import_key_set(dict(keys)), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]
    except (JoseError, ValueError):
        raise _invalid(
            "Couldn't retrieve verification key from your identity provider,  please reference "
            "AssumeRoleWithWebIdentity documentation for requirements"
        ) from None
    now = int(moment.timestamp())
    expires, not_before = _seconds(token, "exp"), _seconds(token, "nbf")
    if expires is not None and now >= expires:
        raise ApiError(
            "ExpiredTokenException",
            f"Token expired: current date/time {now} must be before the expiration date/time {expires}",
            400,
        )
    if not_before is not None and now < not_before:
        raise _invalid(
            f"Token not valid yet: current date/time {now} must be after the not before date/time "
            f"{not_before}"
        )


def _seconds(token: IdToken, name: str) -> int | None:
    value = token.claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _invalid(f"Invalid claim: {name}")
    return int(value)


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidIdentityToken", message, 400)
