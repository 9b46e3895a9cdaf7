"""In process: requests that moto would answer go through a gate first.

moto answers every request of botocore and of ``requests`` in ``BotocoreStubber.process_request``. While at
least one gate is installed, an attribute of that name on moto's stubber stands in front of the method;
when the last gate goes, so does the attribute, and moto is what it was.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rolecall.enforcement.answers import Answer
from rolecall.enforcement.calls import HttpRequest
from rolecall.enforcement.dispatch import process
from rolecall.enforcement.resources.s3_access_points import to_bucket
from rolecall.enforcement.services import is_aws_host
from rolecall.enforcement.turns import turn
from rolecall.enforcement.unimplemented import is_moto_gap

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

    from rolecall.enforcement.gate import Gate

__all__ = ["Interceptor", "forward", "install", "remove"]

_lock = threading.Lock()
_ACCOUNT_HEADER = "x-moto-account-id"


class Interceptor:
    """Stands in front of ``process_request`` for one or more gates."""

    def __init__(self, stubber: Any) -> None:
        self._stubber = stubber
        self._gates: tuple[Gate, ...] = ()
        self._inside = threading.local()

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The installed gates, the newest last."""
        return self._gates

    def add(self, gate: Gate) -> None:
        """Let a gate decide from now on."""
        self._gates = (*self._gates, gate)

    def discard(self, gate: Gate) -> None:
        """Take a gate away."""
        self._gates = tuple(kept for kept in self._gates if kept is not gate)

    def __call__(self, request: AWSPreparedRequest) -> tuple[int, dict[str, Any], Any] | None:
        stubber, gates = self._stubber, self._gates
        # Calls that moto makes to itself while it answers one have been authorized with that one.
        if not gates or getattr(self._inside, "busy", False):
            return type(stubber).process_request(stubber, request)  # type: ignore[no-any-return]
        parts = urlsplit(request.url)
        if not is_aws_host(parts.netloc):
            return type(stubber).process_request(stubber, request)  # type: ignore[no-any-return]
        http = _read(request, parts)
        gate = _gate_for(gates, http)
        with turn() as taken:
            admitted = gate.pass_through(http, parts.netloc)
            if isinstance(admitted, Answer):
                return _as_tuple(admitted)
            taken.wait_for(admitted.call)
            self._inside.busy = True
            try:
                return forward(stubber, gate, admitted, request)
            finally:
                self._inside.busy = False


def forward(stubber: Any, gate: Gate, admitted: Any, request: Any) -> tuple[int, dict[str, Any], Any] | None:
    """Hand an admitted request to moto, in the account that it concerns.

    What moto has not implemented, it says by an exception or a bare 404: both become the same answer here.
    """
    from botocore.awsrequest import AWSPreparedRequest

    headers = request.headers.__class__()
    for name, value in request.headers.items():
        if name.lower() != _ACCOUNT_HEADER:
            headers[name] = value
    headers[_ACCOUNT_HEADER] = admitted.account
    url = to_bucket(admitted.call, request.url)
    passed = AWSPreparedRequest(request.method, url, headers, request.body, request.stream_output)
    try:
        answer = process(stubber, passed)
    except NotImplementedError as error:
        return _as_tuple(gate.not_implemented(admitted, str(error)))
    if answer is not None:
        if is_moto_gap(admitted.call, int(answer[0]), answer[2]):
            return _as_tuple(gate.not_implemented(admitted))
        gate.after(admitted, int(answer[0]))
    return answer


def _as_tuple(answer: Answer) -> tuple[int, dict[str, Any], Any]:
    return answer.status, answer.headers, answer.body


def install(gate: Gate) -> None:
    """Put a gate in front of moto."""
    from moto.core.models import botocore_stubber

    with _lock:
        current = botocore_stubber.__dict__.get("process_request")
        if not isinstance(current, Interceptor):
            current = Interceptor(botocore_stubber)
            botocore_stubber.process_request = current
        current.add(gate)


def remove(gate: Gate) -> None:
    """Take a gate away; with the last one the patch is gone."""
    from moto.core.models import botocore_stubber

    with _lock:
        current = botocore_stubber.__dict__.get("process_request")
        if isinstance(current, Interceptor):
            current.discard(gate)
            if not current.gates:
                del botocore_stubber.process_request


def _gate_for(gates: tuple[Gate, ...], request: HttpRequest) -> Gate:
    """The newest gate that knows the credential; else the newest."""
    if len(gates) > 1:
        from rolecall.enforcement.signatures import IncompleteSignature, read_signature

        try:
            signature = read_signature(request)
        except IncompleteSignature:
            signature = None
        if signature is not None:
            for gate in reversed(gates):
                if gate.knows(signature.access_key_id):
                    return gate
    return gates[-1]


def _read(request: AWSPreparedRequest, parts: Any) -> HttpRequest:
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name.lower()] = value.decode("utf-8") if isinstance(value, bytes) else str(value)
    body, known = _body(request.body)
    host = parts.netloc
    # A default port is not part of the host that clients sign.
    for suffix in (":443", ":80"):
        host = host.removesuffix(suffix)
    return HttpRequest(
        method=request.method,
        host=headers.get("host", host),
        path=parts.path or "/",
        query=parts.query,
        headers=headers,
        body=body,
        secure=parts.scheme == "https",
        body_known=known,
    )


def _body(body: Any) -> tuple[bytes, bool]:
    if body is None:
        return b"", True
    if isinstance(body, (bytes, bytearray)):
        return bytes(body), True
    if isinstance(body, str):
        return body.encode(), True
    # A stream is moto's to read, and is not needed here: only objects are sent so.
    return b"", False
