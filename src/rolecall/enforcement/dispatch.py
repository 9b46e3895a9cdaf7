"""Handing a request to moto, by a table of its URLs that is made once.

moto's ``BotocoreStubber.process_request`` builds and compiles the URL table of the service for each
request, which for S3 costs more than authorizing the call. The steps are moto's.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rolecall.enforcement.services import modules_on_host

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

__all__ = ["process"]


def process(stubber: Any, request: AWSPreparedRequest) -> tuple[int, dict[str, Any], Any] | None:
    """moto's answer to a request: status, headers and body; None when moto leaves it alone."""
    parts = urlsplit(request.url)
    if _is_configured() or not parts.netloc.endswith("amazonaws.com"):
        return type(stubber).process_request(stubber, request)  # type: ignore[no-any-return]
    from moto.core.exceptions import HTTPException
    from moto.core.request import normalize_request
    from moto.moto_api import recorder

    url = f"{parts.scheme}://{parts.netloc}{parts.path}"
    for module in modules_on_host(parts.netloc):
        for pattern, handler in _handlers(module):
            if pattern.match(url):
                normalized = normalize_request(request)
                try:
                    recorder._record_request(normalized)
                    status, headers, body = handler(normalized, normalized.raw_url, normalized.headers)
                except HTTPException as error:
                    return error.code or 500, dict(error.get_headers()), error.get_body()
                return status, headers, body
    return type(stubber).process_request(stubber, request)  # type: ignore[no-any-return]


def _is_configured() -> bool:
    """Whether the user told moto to let services or URLs through, or to serve some only."""
    from moto.core.config import default_user_config

    core = default_user_config.get("core", {})
    return bool(
        core.get("service_whitelist")
        or core.get("passthrough", {}).get("urls")
        or core.get("passthrough", {}).get("services")
    )


@cache
def _handlers(module: str) -> tuple[tuple[re.Pattern[str], Any], ...]:
    """The URLs of a moto module with their handlers. They belong to classes, so they hold no state."""
    import moto.backends as backends
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.core.base_backend import BackendDict

    found = backends.get_backend(module)
    if isinstance(found, BackendDict):
        account = found[DEFAULT_ACCOUNT_ID]
        backend = account["us-east-1"] if "us-east-1" in account else account["aws"]
    else:
        backend = found["global"]
    return tuple((re.compile(url), handler) for url, handler in backend.urls.items())
