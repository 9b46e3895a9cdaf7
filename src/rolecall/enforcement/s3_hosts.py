"""Whether the host of a call to S3 names a bucket: worked out once for a host.

moto asks that seven times for each call, by a dozen regular expressions, which takes longer than deciding
whether the call is allowed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.replacing import replaced

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

__all__ = ["hosts_remembered"]


def hosts_remembered() -> AbstractContextManager[None]:
    """Have moto remember what it found of a host while the block runs."""
    from moto.s3.responses import S3Response

    def changes() -> list[tuple[Any, str, Any]]:
        remembering = staticmethod(_remembering(S3Response.subdomain_based_buckets))
        return [(S3Response, "subdomain_based_buckets", remembering)]

    return replaced(S3Response, "_rolecall_hosts", changes)


def _remembering(original: Callable[[Any], bool]) -> Callable[[Any], bool]:
    from moto import settings

    @lru_cache(maxsize=1024)
    def found(host: str, endpoints: tuple[str, ...]) -> bool:
        return original(_Asked(host))

    def subdomain_based_buckets(request: Any) -> bool:
        host = request.headers.get("host", request.headers.get("Host"))
        if not host:
            return original(request)
        return found(host, tuple(settings.get_s3_custom_endpoints()))  # the user may set them at any time

    return subdomain_based_buckets


class _Asked:
    """As much of a request as moto looks at."""

    def __init__(self, host: str) -> None:
        self.headers = {"host": host}
