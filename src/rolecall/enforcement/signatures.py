"""Signature Version 4: read what a request claims, and compute what it should have signed.

Source: AWS General Reference, "Create a signed AWS API request" (sigv4) and "Authenticating Requests: Using
Query Parameters" of the Amazon S3 API reference. Of the sentences about X-Amz-Expires the one about a week
was seen from S3 (aws/aws-cli issue 5464, bryanjos/aws_auth issue 31); those about numbers and negative ones
were found in other servers of the protocol only (MinIO, OpenStack Swift).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from rolecall.enforcement.calls import HttpRequest

__all__ = ["IncompleteSignature", "Signature", "expected_signature", "read_signature", "signing_key"]

ALGORITHM = "AWS4-HMAC-SHA256"
_ASYMMETRIC = "AWS4-ECDSA-P256-SHA256"
_NOT_ASYMMETRIC = (
    f"Signature Version 4A ({_ASYMMETRIC}), which S3 Multi-Region Access Points use, cannot be checked here: "
    f"sign with {ALGORITHM}."
)
_WEEK = 604800
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
_PART = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")


class IncompleteSignature(Exception):
    """The request says that it is signed but lacks a part of the signature.

    ``place`` is where it says so: ``header``, ``query``, or ``both``.
    """

    def __init__(self, message: str, place: str = "header") -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signed request claims. ``expires`` is the life in seconds of a presigned URL, else None."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    value: str = field(repr=False)
    timestamp: str
    time: datetime
    token: str | None = field(repr=False, default=None)
    expires: int | None = None
    presigned: bool = False


def read_signature(request: HttpRequest) -> Signature | None:
    """The signature of a request, from its Authorization header or its query; None when unsigned.

    Raises IncompleteSignature when a part is missing or cannot be read.
    """
    header = request.headers.get("authorization")
    in_query = "X-Amz-Algorithm=" in request.query or "X-Amz-Signature=" in request.query
    if header is not None:
        if in_query:
            raise IncompleteSignature(
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query "
                "string parameter or the Authorization header should be specified",
                "both",
            )
        return _from_header(request, header)
    if in_query:
        try:
            return _from_query(request)
        except IncompleteSignature as error:
            raise IncompleteSignature(str(error), "query") from error
    return None


def _from_header(request: HttpRequest, header: str) -> Signature | None:
    if header.startswith("AWS "):
        return None
    if header.startswith(_ASYMMETRIC):
        raise IncompleteSignature(_NOT_ASYMMETRIC)
    if not header.startswith(ALGORITHM):
        raise IncompleteSignature(f"Authorization header requires '{ALGORITHM}'.")
    parts = dict(_PART.findall(header))
    for name in ("Credential", "Signature", "SignedHeaders"):
        if name not in parts:
            raise IncompleteSignature(f"Authorization header requires '{name}' parameter.")
    stamp = request.headers.get("x-amz-date")
    if stamp is None and (date := request.headers.get("date")):
        try:
            stamp = parsedate_to_datetime(date).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        except ValueError as error:
            raise IncompleteSignature("Date must be in a valid format.") from error
    if stamp is None:
        raise IncompleteSignature(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    key, date, region, service = _scope(parts["Credential"])
    return Signature(
        access_key_id=key,
        date=date,
        region=region,
        service=service,
        signed_headers=tuple(parts["SignedHeaders"].lower().split(";")),
        value=parts["Signature"],
        timestamp=stamp,
        time=_time(stamp),
        token=request.headers.get("x-amz-security-token"),
    )


def _from_query(request: HttpRequest) -> Signature:
    values = {name: unquote(value) for name, value in _pairs(request.query)}
    if values.get("X-Amz-Algorithm") == _ASYMMETRIC:
        raise IncompleteSignature(_NOT_ASYMMETRIC)
    for name in ("X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Signature"):
        if name not in values:
            raise IncompleteSignature(f"AWS query-string parameters must include '{name}'.")
    key, date, region, service = _scope(values["X-Amz-Credential"])
    return Signature(
        access_key_id=key,
        date=date,
        region=region,
        service=service,
        signed_headers=tuple(values["X-Amz-SignedHeaders"].lower().split(";")),
        value=values["X-Amz-Signature"],
        timestamp=values["X-Amz-Date"],
        time=_time(values["X-Amz-Date"]),
        token=values.get("X-Amz-Security-Token"),
        expires=_expires(values.get("X-Amz-Expires"), service),
        presigned=True,
    )


def _expires(said: str | None, service: str) -> int | None:
    if said is None and service != "s3":
        return None
    if said is None:
        raise IncompleteSignature(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
            "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        )
    if said.startswith("-") and said[1:].isdigit():
        raise IncompleteSignature("X-Amz-Expires must be non-negative")
    if not (said.isascii() and said.isdigit()):
        raise IncompleteSignature("X-Amz-Expires should be a number")
    if int(said) > _WEEK:
        raise IncompleteSignature(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be "
            f"less than {_WEEK} seconds"
        )
    return int(said)


def _scope(credential: str) -> tuple[str, str, str, str]:
    fields = credential.split("/")
    if len(fields) != 5 or fields[4] != "aws4_request":
        raise IncompleteSignature("Credential must have exactly 5 slash-delimited elements.")
    return fields[0], fields[1], fields[2], fields[3]


def _time(stamp: str) -> datetime:
    try:
        return datetime(
            int(stamp[0:4]),
            int(stamp[4:6]),
            int(stamp[6:8]),
            int(stamp[9:11]),
            int(stamp[11:13]),
            int(stamp[13:15]),
            tzinfo=UTC,
        )
    except ValueError as error:
        raise IncompleteSignature("Date must be in ISO-8601 'basic format'.") from error


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (part.partition("=") for part in query.split("&") if part)]


def expected_signature(request: HttpRequest, signature: Signature, secret: str) -> str:
    """The signature that this request should carry if it was signed with ``secret``."""
    headers = request.headers
    lines = []
    for name in signature.signed_headers:
        value = request.host if name == "host" else headers.get(name, "")
        lines.append(f"{name}:{' '.join(value.split())}")
    canonical = "\n".join(
        (
            request.method,
            _canonical_path(request.path, signature.service),
            _canonical_query(request.query),
            *lines,
            "",
            ";".join(signature.signed_headers),
            _payload_hash(request, signature),
        )
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    scope = f"{signature.date}/{signature.region}/{signature.service}/aws4_request"
    to_sign = f"{ALGORITHM}\n{signature.timestamp}\n{scope}\n{digest}"
    key = signing_key(secret, signature.date, signature.region, signature.service)
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=256)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key that signs in one day, region and service, derived from a secret access key."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _payload_hash(request: HttpRequest, signature: Signature) -> str:
    said = request.headers.get("x-amz-content-sha256")
    if said is not None:
        return said
    if signature.presigned and signature.service == "s3":
        return UNSIGNED_PAYLOAD
    return hashlib.sha256(request.body).hexdigest()


def _canonical_path(path: str, service: str) -> str:
    if service == "s3" or path in ("", "/"):
        return path or "/"
    return quote(_without_dots(path), safe="/~")


def _without_dots(path: str) -> str:
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if kept:
                kept.pop()
        elif part and part != ".":
            kept.append(part)
    ending = "/" if path.endswith("/") and kept else ""
    return "/" + "/".join(kept) + ending


def _canonical_query(query: str) -> str:
    if not query:
        return ""
    parts = sorted(
        (quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~"))
        for name, value in _pairs(query)
        if name != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in parts)
