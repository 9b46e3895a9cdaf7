"""What an answer of AWS shows about permission: allowed, denied, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["UNKNOWN_CREDENTIAL", "Answer", "Seen", "classify"]

UNKNOWN_CREDENTIAL = frozenset(
    {"AuthFailure", "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"}
)
"""The access key itself is unknown or inactive: whoever was promised something with it does not get it."""


_DENIED = frozenset(
    {
        "AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException",
        "Forbidden", "NotAuthorized", "UnauthorizedAccess", "UnauthorizedOperation", "403",
    }
)  # fmt: skip
_CREDENTIAL = frozenset(
    {
        "AuthFailure", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidAccessKeyId",
        "InvalidClientTokenId", "InvalidSignatureException", "InvalidToken", "MissingAuthenticationToken",
        "RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch", "UnrecognizedClientException",
    }
)  # fmt: skip
_WEATHER = frozenset(
    {
        "InternalError", "InternalFailure", "RequestLimitExceeded", "ServiceFailure", "ServiceUnavailable",
        "SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException", "Unavailable",
    }
)  # fmt: skip


# Answers that come before any decision.
_UNDECIDED = frozenset(
    {
        "InvalidAction", "MalformedQueryString", "SerializationException", "UnknownOperation",
        "UnknownOperationException",
    }
)  # fmt: skip
_ALLOWED_BUT_MISSING = "the caller is allowed to make the call"


class Seen(StrEnum):
    """What was seen. Inconclusive is never taken for either."""

    ALLOWED = "allowed"
    DENIED = "denied"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Answer:
    """One call as it was made, and what came back. Secrets are never in it.

    ``principal`` is the ARN that called, ``call`` the command that would do the same, ``answer`` what a
    positive answer held in short. ``identity`` is what GetCallerIdentity answered for the same
    credential. ``waits`` are the pauses between attempts, ``duration`` all of it, in seconds.
    """

    principal: str
    action: str
    resource: str
    call: str
    seen: Seen
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None
    message: str = ""
    answer: str = ""
    decoded_denial: str | None = None
    attempts: int = 1
    waits: tuple[float, ...] = ()
    duration: float = 0.0
    identity: str | None = None


def classify(code: str | None, message: str, *, authorizes_first: bool) -> Seen:
    """What an error code shows; None means that the call succeeded.

    ``authorizes_first``: the target is known to decide on permission before it looks at anything else, so
    that any other error of the operation itself shows that the caller was let through. Of an operation that
    the target has not implemented it says whether it decided.
    """
    if code is None or code == "DryRunOperation":
        return Seen.ALLOWED
    if code == "403" and not authorizes_first:
        return Seen.INCONCLUSIVE  # no body: a key that is not known yet is refused in the same words
    if code in _DENIED:
        unsure = "resource not derived" in message or "condition key not derived" in message
        return Seen.INCONCLUSIVE if unsure else Seen.DENIED
    if code in _CREDENTIAL or code in _WEATHER or not authorizes_first:
        return Seen.INCONCLUSIVE
    if code in _UNDECIDED or (code == "NotImplemented" and _ALLOWED_BUT_MISSING not in message):
        return Seen.INCONCLUSIVE
    # S3 answers HEAD without a body: botocore then calls the error 404 and says "Not Found".
    if code == "404" and message != "Not Found":
        return Seen.INCONCLUSIVE
    return Seen.ALLOWED
