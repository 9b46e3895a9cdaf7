"""What is answered where moto cannot carry a call out: the gate's own error, after the call was authorized.

AWS has no such answer. The code is ``NotImplemented`` with status 501, which SDKs do not retry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.calls import ApiError

if TYPE_CHECKING:
    from rolecall.enforcement.calls import ApiCall

__all__ = ["NOT_IMPLEMENTED", "is_moto_gap", "not_implemented", "undecided"]

NOT_IMPLEMENTED = "NotImplemented"
_STATUS = 501


def not_implemented(call: ApiCall, detail: str = "") -> ApiError:
    """The error of a call that the caller may make. ``detail`` is what moto says it lacks."""
    message = (
        f"{call.service}:{call.operation} is not implemented by moto; the caller is allowed to make the call."
    )
    return ApiError(NOT_IMPLEMENTED, f"{message} moto says: {detail}" if detail else message, _STATUS)


def undecided(what: str) -> ApiError:
    """The error of a request for which no permission is known. ``what`` says why."""
    return ApiError(NOT_IMPLEMENTED, f"{what}: nothing was decided about permission.", _STATUS)


def is_moto_gap(call: ApiCall, status: int, body: object) -> bool:
    """Whether an answer of moto's says that it has no such operation.

    "Not yet implemented" is its word where no URL matches, an empty 404 where none of its handlers does; a
    HEAD of an object that is not there is the same on the wire.
    """
    if status != 404 or call.http.method == "HEAD":
        return False
    return body in ("Not yet implemented", b"Not yet implemented", "", b"")
