"""Bodies in chunks (``aws-chunked``), as SDKs send objects: taken apart, and their signatures checked.

Source: Amazon S3 API Reference, "Signature calculations for the authorization header: transferring payload
in multiple chunks" and "… including trailing headers".
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rolecall.enforcement.signatures import signing_key

if TYPE_CHECKING:
    from rolecall.enforcement.calls import HttpRequest
    from rolecall.enforcement.signatures import Signature

__all__ = ["ChunkedBody", "chunks_are_signed", "is_chunked", "read_chunked"]

_EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class ChunkedBody:
    """A body taken apart: each chunk with its signature (None where it has none), and the trailer."""

    chunks: tuple[tuple[bytes, str | None], ...]
    trailer: tuple[bytes, ...]

    @property
    def content(self) -> bytes:
        """What was sent, without the marks between the chunks."""
        return b"".join(data for data, _ in self.chunks)


def is_chunked(request: HttpRequest) -> bool:
    """Whether the body of a request comes in chunks."""
    return request.headers.get("x-amz-content-sha256", "").startswith("STREAMING-")


def read_chunked(body: bytes) -> ChunkedBody:
    """A body taken apart. Raises ValueError where it ends too early or is not in chunks."""
    chunks: list[tuple[bytes, str | None]] = []
    at = 0
    while True:
        end = body.index(b"\r\n", at)
        size, _, extension = body[at:end].partition(b";")
        length = int(size, 16)
        signature = extension.partition(b"chunk-signature=")[2].decode("ascii") or None
        at = end + 2
        data = body[at : at + length]
        if len(data) < length:
            raise ValueError("the last chunk is not complete")
        chunks.append((data, signature))
        if not length:
            break
        at += length + 2
    return ChunkedBody(tuple(chunks), tuple(line for line in body[at:].split(b"\r\n") if line))


def chunks_are_signed(request: HttpRequest, signature: Signature, secret: str) -> bool:
    """Whether each chunk carries its signature, where the request says that chunks are signed."""
    said = request.headers["x-amz-content-sha256"]
    if "AWS4-HMAC-SHA256" not in said:
        return True
    try:
        body = read_chunked(request.body)
    except ValueError:
        return False
    scope = f"{signature.date}/{signature.region}/{signature.service}/aws4_request"
    key = signing_key(secret, signature.date, signature.region, signature.service)

    def signed(kind: str, *rest: str) -> str:
        text = "\n".join((f"AWS4-HMAC-SHA256-{kind}", signature.timestamp, scope, before, *rest))
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    before = signature.value
    for data, claimed in body.chunks:
        wanted = signed("PAYLOAD", _EMPTY, hashlib.sha256(data).hexdigest())
        if claimed is None or not hmac.compare_digest(claimed.encode(), wanted.encode()):
            return False
        before = wanted
    if not said.endswith("-TRAILER"):
        return True
    named = [line for line in body.trailer if not line.startswith(b"x-amz-trailer-signature:")]
    claims = [line for line in body.trailer if line not in named]
    wanted = signed("TRAILER", hashlib.sha256(b"".join(line + b"\n" for line in named)).hexdigest())
    return bool(claims) and hmac.compare_digest(claims[0].partition(b":")[2].strip(), wanted.encode())
