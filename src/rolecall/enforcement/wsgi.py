"""Over HTTP: a WSGI application that reads a request, asks the gate, and passes it on to moto."""

from __future__ import annotations

import json
import logging
import traceback
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.answers import Answer
from rolecall.enforcement.calls import HttpRequest
from rolecall.enforcement.chunked_bodies import is_chunked, read_chunked
from rolecall.enforcement.interception import forward
from rolecall.enforcement.signatures import UNSIGNED_PAYLOAD
from rolecall.enforcement.turns import turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rolecall.enforcement.gate import Admission, Gate

__all__ = ["Application"]

_log = logging.getLogger(__name__)
_DROPPED = frozenset({"connection", "transfer-encoding", "expect", "keep-alive", "te", "upgrade"})


class Application:
    """Serves one gate. ``body_limit`` is in bytes."""

    def __init__(self, gate: Gate, *, body_limit: int) -> None:
        from moto.core.botocore_stubber import BotocoreStubber

        self._gate = gate
        self._body_limit = body_limit
        self._stubber = BotocoreStubber()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self._answer(environ)
        # The phrase is not read by anyone, but has to be there.
        start_response(f"{answer.status} -", list(answer.headers.items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]

    def _answer(self, environ: dict[str, Any]) -> Answer:
        from werkzeug.exceptions import HTTPException

        in_json = "HTTP_X_AMZ_TARGET" in environ or "json" in environ.get("CONTENT_TYPE", "")
        try:
            request = self._read(environ)
            with turn() as taken:
                admitted = self._gate.pass_through(request, None)
                if not isinstance(admitted, Answer):
                    taken.wait_for(admitted.call)
                    admitted = self._pass_on(admitted, request)
        except HTTPException as error:
            return _failure(
                error.code or 400, "RequestEntityTooLarge", "The request body is too large.", in_json=in_json
            )
        except Exception as error:
            # Its words may hold what the request held; the places are enough to find it.
            places = "".join(traceback.format_tb(error.__traceback__))
            _log.error("A request failed inside rolecall or moto: %s\n%s", type(error).__name__, places)
            return _failure(
                500, "InternalFailure", "The request failed inside rolecall or moto.", in_json=in_json
            )
        headers = {
            name: str(value)
            for name, value in admitted.headers.items()
            if name.lower() not in ("status", "content-length", *_DROPPED)
        }
        length = str(len(admitted.body))
        if request.method == "HEAD":
            length = str(_header(admitted.headers, "content-length") or length)
        headers["Content-Length"] = length
        return Answer(admitted.status, headers, admitted.body)

    def _read(self, environ: dict[str, Any]) -> HttpRequest:
        from werkzeug.exceptions import RequestEntityTooLarge
        from werkzeug.wsgi import get_input_stream

        target = environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ["PATH_INFO"]
        if target.startswith(("http://", "https://")):
            target = "/" + target.split("/", 3)[3] if target.count("/") > 2 else "/"
        path, _, query = target.partition("?")
        headers = {
            name[5:].replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            if environ.get(name):
                headers[name.replace("_", "-").lower()] = environ[name]
        # Where no length was told, reading ends at the limit without a word: the byte beyond it tells.
        body = get_input_stream(environ, max_content_length=self._body_limit + 1).read()
        if len(body) > self._body_limit:
            raise RequestEntityTooLarge
        return HttpRequest(
            method=environ["REQUEST_METHOD"],
            host=environ.get("HTTP_HOST", ""),
            path=path or "/",
            query=query,
            headers=headers,
            body=body,
            source_ip=environ.get("REMOTE_ADDR", "127.0.0.1"),
            secure=environ.get("wsgi.url_scheme") == "https",
        )

    def _pass_on(self, admitted: Admission, request: HttpRequest) -> Answer:
        from botocore.awsrequest import AWSPreparedRequest
        from botocore.compat import HTTPHeaders

        headers = HTTPHeaders()
        for name, value in request.headers.items():
            if name not in _DROPPED and name != "host":
                headers[name] = value
        url = f"https://{admitted.host}{request.path}"
        if request.query:
            url += f"?{request.query}"
        body = request.body
        if is_chunked(request):
            try:
                body = read_chunked(body).content
            except ValueError:
                return _failure(
                    400, "IncompleteBody", "The body is not in chunks, or ends too early.", in_json=False
                )
            _unchunk(headers, len(body))
        if request.method == "PUT" and admitted.call.service == "s3" and _is_form(request):
            # moto would take the object for a form, and store nothing. Python's and curl's default type.
            del headers["content-type"]
            headers["content-type"] = "binary/octet-stream"
        prepared = AWSPreparedRequest(request.method, url, headers, body, False)
        answer = forward(self._stubber, self._gate, admitted, prepared)
        if answer is None:
            return _failure(
                404, "UnknownOperationException", "moto does not answer to this request.", in_json=True
            )
        status, moto_headers, body = answer
        raw = body.encode() if isinstance(body, str) else bytes(body or b"")
        return Answer(int(status), dict(moto_headers), raw)


def _is_form(request: HttpRequest) -> bool:
    return request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def _unchunk(headers: Any, length: int) -> None:
    """Have the headers say what the body is without its chunks."""
    for name in ("x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer", "content-length"):
        del headers[name]
    headers["x-amz-content-sha256"] = UNSIGNED_PAYLOAD
    headers["content-length"] = str(length)
    kept = [part.strip() for part in (headers.get("content-encoding") or "").split(",")]
    kept = [part for part in kept if part not in ("", "aws-chunked")]
    del headers["content-encoding"]
    if kept:
        headers["content-encoding"] = ",".join(kept)


def _header(headers: dict[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name), None)


def _failure(status: int, code: str, message: str, *, in_json: bool) -> Answer:
    content_type, body = "application/json", json.dumps({"__type": code, "message": message})
    if not in_json:
        # Clients of the query and XML protocols cannot read JSON, and would tell of that alone.
        content_type = "text/xml"
        body = (
            f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        )
    headers = {
        "Content-Type": content_type,
        "Content-Length": str(len(body)),
        "x-amzn-ErrorType": code,
        "Connection": "close",
    }
    return Answer(status, headers, body.encode())
