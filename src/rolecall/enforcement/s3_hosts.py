"""Whether the host of a call to S3 names a bucket: worked out once for a host.

moto asks that seven times for each call, by a dozen regular expressions, which takes longer than deciding
whether the call is allowed.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["hosts_remembered"]

_NAME = "subdomain_based_buckets"
_MARK = "_rolecall_hosts"
_lock = threading.Lock()


@contextmanager
def hosts_remembered() -> Iterator[None]:
    """Have moto remember what it found of a host while the block runs.

    Blocks may nest and end in any order: the last one puts back what moto had.
    """
    from moto.s3.responses import S3Response

    with _lock:
        held = S3Response.__dict__.get(_MARK)
        if held is None:
            held = [0, S3Response.__dict__[_NAME]]
            setattr(S3Response, _MARK, held)
            setattr(S3Response, _NAME, staticmethod(_remembering(S3Response.subdomain_based_buckets)))
        held[0] += 1
    try:
        yield
    finally:
        with _lock:
            held[0] -= 1
            if held[0] == 0:
                setattr(S3Response, _NAME, held[1])
                delattr(S3Response, _MARK)


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
