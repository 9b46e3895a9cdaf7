"""Who calls: the signature of a request is checked and turned into a Caller.

Source: AWS General Reference, "Elements of an AWS API request signature" and "Troubleshoot Signature
Version 4 signing"; the codes are those of ``families``.
"""

from __future__ import annotations

import hmac
import re
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.access_keys import AccessKeys
from rolecall.enforcement.calls import Caller
from rolecall.enforcement.chunked_bodies import chunks_are_signed, is_chunked
from rolecall.enforcement.families import Family, Refusal, refusal
from rolecall.enforcement.signatures import (
    ALGORITHM,
    UNSIGNED_PAYLOAD,
    Signature,
    expected_signature,
    signing_key,
)
from rolecall.iam.principals import Principal, PrincipalType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rolecall.enforcement.calls import ApiError, HttpRequest
    from rolecall.enforcement.environment import Environment

__all__ = ["Authenticator", "user_principal"]

_WINDOW = timedelta(minutes=5)
_S3_WINDOW = timedelta(minutes=15)
_REGION = re.compile(r"[a-z]{2,3}(-[a-z]+)+-\d{1,2}")


def user_principal(user: Any, account: str, partition: str) -> Principal:
    """The principal of moto's user object."""
    arn = f"arn:{partition}:iam::{account}:user{user.path}{user.name}"
    return Principal(
        PrincipalType.USER, arn, account, partition, user.name, path=user.path, unique_id=user.id
    )


class Authenticator:
    """Checks credentials of one environment, from the first call on."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._keys = AccessKeys(environment)

    def knows(self, access_key_id: str) -> bool:
        """Whether the key is one of this environment: of a root, a session or an active user."""
        return self._credential(access_key_id) is not None

    def caller(self, request: HttpRequest, signature: Signature, family: Family) -> Caller:
        """Who signed the request. Raises ApiError, worded as the service's family words it."""
        from moto.utilities.utils import get_partition

        _check_scope(signature, family)
        found = self._credential(signature.access_key_id)
        # A credential is one of its partition: regions of China or GovCloud do not know another's.
        if found is None or get_partition(signature.region) != self._environment.partition:
            raise refusal(family, Refusal.UNKNOWN_KEY)
        caller, secret = found
        session = caller.session
        if session is None:
            if signature.token is not None:
                raise refusal(family, Refusal.BAD_TOKEN)
        elif signature.token is None:
            missing = Refusal.UNKNOWN_KEY if family is Family.S3 else Refusal.BAD_TOKEN
            raise refusal(family, missing)
        elif not hmac.compare_digest(signature.token.encode(), session.session_token.encode()):
            raise refusal(family, Refusal.BAD_TOKEN)
        if not hmac.compare_digest(
            expected_signature(request, signature, secret).encode(), signature.value.encode()
        ):
            raise refusal(family, Refusal.BAD_SIGNATURE)
        self._check_payload(request, family)
        if is_chunked(request) and request.body_known and not chunks_are_signed(request, signature, secret):
            raise refusal(family, Refusal.BAD_SIGNATURE)
        if session is not None and self._environment.clock() >= session.expires:
            raise refusal(family, Refusal.EXPIRED_SESSION)
        self._check_time(signature, family)
        return caller

    def poster(self, fields: Mapping[str, str]) -> Caller:
        """Who signed the policy of a form posted to S3. ``fields`` are the form's, by names in lower case.

        Raises ApiError, worded as S3 words it.
        """
        if fields.get("x-amz-algorithm") != ALGORITHM or "policy" not in fields:
            raise refusal(Family.S3, Refusal.MISSING)
        scope = fields.get("x-amz-credential", "").split("/")
        if len(scope) != 5 or scope[3:] != ["s3", "aws4_request"]:
            raise refusal(Family.S3, Refusal.INCOMPLETE_QUERY, "Invalid credential in the form.")
        found = self._credential(scope[0])
        if found is None:
            raise refusal(Family.S3, Refusal.UNKNOWN_KEY)
        caller, secret = found
        session, token = caller.session, fields.get("x-amz-security-token", "")
        if not hmac.compare_digest(token.encode(), session.session_token.encode() if session else b""):
            raise refusal(Family.S3, Refusal.BAD_TOKEN)
        key = signing_key(secret, scope[1], scope[2], "s3")
        expected = hmac.new(key, fields["policy"].encode(), sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), fields.get("x-amz-signature", "").encode()):
            raise refusal(Family.S3, Refusal.BAD_SIGNATURE)
        if session is not None and self._environment.clock() >= session.expires:
            raise refusal(Family.S3, Refusal.EXPIRED_SESSION)
        return caller

    def _credential(self, access_key_id: str) -> tuple[Caller, str] | None:
        environment = self._environment
        session = environment.sessions.get(access_key_id)
        if session is not None:
            return (
                Caller(session.principal, session.account, access_key_id, session),
                session.secret_access_key,
            )
        for root in tuple(environment.roots.values()):
            if root.access_key_id == access_key_id:
                arn = f"arn:{environment.partition}:iam::{root.account}:root"
                principal = Principal(PrincipalType.ROOT, arn, root.account, environment.partition)
                return Caller(principal, root.account, access_key_id), root.secret_access_key
        key = self._keys.find(access_key_id)
        if key is None:
            return None
        principal = user_principal(key.user, key.account, environment.partition)
        return Caller(principal, key.account, access_key_id), key.secret_access_key

    def _check_payload(self, request: HttpRequest, family: Family) -> None:
        said = request.headers.get("x-amz-content-sha256")
        if said is None or said == UNSIGNED_PAYLOAD or said.startswith("STREAMING-"):
            return
        if not request.body_known:
            return
        if not hmac.compare_digest(sha256(request.body).hexdigest(), said.lower()):
            raise self._altered(family)

    @staticmethod
    def _altered(family: Family) -> ApiError:
        from rolecall.enforcement.calls import ApiError

        if family is Family.S3:
            return ApiError(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                400,
            )
        return refusal(family, Refusal.BAD_SIGNATURE)

    def _check_time(self, signature: Signature, family: Family) -> None:
        now = self._environment.signing_clock()
        if signature.date != signature.timestamp[:8]:
            raise refusal(family, Refusal.BAD_SIGNATURE)
        if signature.expires is not None:
            if now > signature.time + timedelta(seconds=signature.expires):
                raise refusal(family, Refusal.EXPIRED_URL)
            if signature.time - now > _S3_WINDOW:
                raise refusal(family, Refusal.SKEWED)
            return
        window = _S3_WINDOW if family is Family.S3 else _WINDOW
        if abs(now - signature.time) > window:
            raise refusal(family, Refusal.SKEWED, _skew(signature, now, window))


def _check_scope(signature: Signature, family: Family) -> None:
    """Refuse a region that is none.

    Which one is left to the client: with another endpoint than AWS's, SDKs sign calls of IAM, which has one
    region only, for the region of the profile.
    """
    region = signature.region
    if _REGION.fullmatch(region) is None:
        message = f"Credential should be scoped to a valid region, not '{region}'. "
        if family is Family.S3:
            message = f"The authorization header is malformed; the region '{region}' is wrong"
        raise refusal(family, Refusal.WRONG_SCOPE, message)


def _skew(signature: Signature, now: datetime, window: timedelta) -> str:
    minutes = int(window.total_seconds() // 60)
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    if signature.time < now:
        edge = (now - window).strftime("%Y%m%dT%H%M%SZ")
        return (
            f"Signature expired: {signature.timestamp} is now earlier than {edge} ({stamp} - {minutes} min.)"
        )
    edge = (now + window).strftime("%Y%m%dT%H%M%SZ")
    return (
        f"Signature not yet current: {signature.timestamp} is still later than {edge} "
        f"({stamp} + {minutes} min.)"
    )
