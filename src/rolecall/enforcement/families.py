"""How groups of services word the same refusal: their codes, HTTP statuses and texts.

Source: the "Common Errors" page of each service's API reference, "Error codes for the Amazon EC2 API",
and "Error responses" of the Amazon S3 API reference.
"""

from __future__ import annotations

from enum import StrEnum

from rolecall.enforcement.calls import ApiError

__all__ = ["Family", "Refusal", "family_of", "refusal"]


class Family(StrEnum):
    """Services that answer alike."""

    QUERY = "query"
    EC2 = "ec2"
    S3 = "s3"
    JSON = "json"
    REST_JSON = "rest-json"
    REST_XML = "rest-xml"
    SQS = "sqs"


class Refusal(StrEnum):
    """Why a request is not let in at all."""

    MISSING = "no credentials"
    INCOMPLETE = "a part of the signature is missing"
    INCOMPLETE_QUERY = "a part of the presigned URL is missing or wrong"
    TWO_SIGNATURES = "signed in the header and in the query"
    WRONG_SCOPE = "signed for another region or service"
    UNKNOWN_KEY = "unknown, deleted or inactive key"
    BAD_TOKEN = "missing or foreign session token"  # noqa: S105
    BAD_SIGNATURE = "wrong secret, or altered request"
    EXPIRED_SESSION = "the session's time is over"
    SKEWED = "signed too long ago or in the future"
    EXPIRED_URL = "the presigned URL's time is over"


_INVALID = "The security token included in the request is invalid."
_EXPIRED = "The security token included in the request is expired"
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)
_EC2_FAILURE = "AWS was not able to validate the provided access credentials"
_NO_TOKEN = "Request is missing Authentication Token"  # noqa: S105
_S3_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your key and "
    "signing method."
)
_S3_UNKNOWN = "The AWS Access Key Id you provided does not exist in our records."

_QUERY = {
    Refusal.MISSING: ("MissingAuthenticationToken", 403, _NO_TOKEN),
    Refusal.INCOMPLETE: ("IncompleteSignature", 400, ""),
    Refusal.INCOMPLETE_QUERY: ("IncompleteSignature", 400, ""),
    Refusal.TWO_SIGNATURES: ("IncompleteSignature", 400, ""),
    Refusal.WRONG_SCOPE: ("SignatureDoesNotMatch", 403, ""),
    Refusal.UNKNOWN_KEY: ("InvalidClientTokenId", 403, _INVALID),
    Refusal.BAD_TOKEN: ("InvalidClientTokenId", 403, _INVALID),
    Refusal.BAD_SIGNATURE: ("SignatureDoesNotMatch", 403, _MISMATCH),
    Refusal.EXPIRED_SESSION: ("ExpiredToken", 403, _EXPIRED),
    Refusal.SKEWED: ("SignatureDoesNotMatch", 403, ""),
    Refusal.EXPIRED_URL: ("SignatureDoesNotMatch", 403, "Signature expired."),
}
_JSON = {
    Refusal.MISSING: ("MissingAuthenticationTokenException", 400, "Missing Authentication Token"),
    Refusal.INCOMPLETE: ("IncompleteSignatureException", 400, ""),
    Refusal.INCOMPLETE_QUERY: ("IncompleteSignatureException", 400, ""),
    Refusal.TWO_SIGNATURES: ("IncompleteSignatureException", 400, ""),
    Refusal.WRONG_SCOPE: ("InvalidSignatureException", 400, ""),
    Refusal.UNKNOWN_KEY: ("UnrecognizedClientException", 400, _INVALID),
    Refusal.BAD_TOKEN: ("UnrecognizedClientException", 400, _INVALID),
    Refusal.BAD_SIGNATURE: ("InvalidSignatureException", 400, _MISMATCH),
    Refusal.EXPIRED_SESSION: ("ExpiredTokenException", 400, _EXPIRED),
    Refusal.SKEWED: ("InvalidSignatureException", 400, ""),
    Refusal.EXPIRED_URL: ("InvalidSignatureException", 400, "Signature expired."),
}
_EC2 = {
    Refusal.MISSING: ("MissingAuthenticationToken", 403, "The request must contain valid AWS credentials."),
    Refusal.INCOMPLETE: ("IncompleteSignature", 400, ""),
    Refusal.INCOMPLETE_QUERY: ("IncompleteSignature", 400, ""),
    Refusal.TWO_SIGNATURES: ("IncompleteSignature", 400, ""),
    Refusal.WRONG_SCOPE: ("AuthFailure", 401, _EC2_FAILURE),
    Refusal.UNKNOWN_KEY: ("AuthFailure", 401, _EC2_FAILURE),
    Refusal.BAD_TOKEN: ("AuthFailure", 401, _EC2_FAILURE),
    Refusal.BAD_SIGNATURE: ("AuthFailure", 401, _EC2_FAILURE),
    Refusal.EXPIRED_SESSION: ("RequestExpired", 400, "Request has expired."),
    Refusal.SKEWED: ("RequestExpired", 400, "Request has expired."),
    Refusal.EXPIRED_URL: ("RequestExpired", 400, "Request has expired."),
}
_S3 = {
    Refusal.MISSING: ("AccessDenied", 403, "Access Denied"),
    Refusal.INCOMPLETE: ("AuthorizationHeaderMalformed", 400, ""),
    Refusal.INCOMPLETE_QUERY: ("AuthorizationQueryParametersError", 400, ""),
    Refusal.TWO_SIGNATURES: ("InvalidArgument", 400, ""),
    Refusal.WRONG_SCOPE: ("AuthorizationHeaderMalformed", 400, ""),
    Refusal.UNKNOWN_KEY: ("InvalidAccessKeyId", 403, _S3_UNKNOWN),
    Refusal.BAD_TOKEN: ("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
    Refusal.BAD_SIGNATURE: ("SignatureDoesNotMatch", 403, _S3_MISMATCH),
    Refusal.EXPIRED_SESSION: ("ExpiredToken", 400, "The provided token has expired."),
    Refusal.SKEWED: (
        "RequestTimeTooSkewed",
        403,
        "The difference between the request time and the current time is too large.",
    ),
    Refusal.EXPIRED_URL: ("AccessDenied", 403, "Request has expired"),
}
_TABLES = {
    Family.QUERY: _QUERY,
    Family.REST_XML: _QUERY,
    Family.SQS: _QUERY,
    Family.EC2: _EC2,
    Family.S3: _S3,
    Family.JSON: _JSON,
    Family.REST_JSON: {why: (code, 403, text) for why, (code, _, text) in _JSON.items()},
}


def family_of(service: str | None, protocol: str | None) -> Family:
    """The family of a boto3 service, given the protocol of its model."""
    if service in ("ec2", "s3", "sqs"):
        return Family(service)
    if service == "s3control":
        return Family.S3
    try:
        return Family(protocol or "query")
    except ValueError:
        return Family.REST_JSON


def refusal(family: Family, why: Refusal, message: str | None = None) -> ApiError:
    """The error that a family of services answers; ``message`` replaces the standing text."""
    code, status, text = _TABLES[family][why]
    # EC2 and S3 keep to their one sentence, whatever the reason.
    return ApiError(code, text or message or why.value, status)
