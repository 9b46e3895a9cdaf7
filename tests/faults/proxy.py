"""An HTTP proxy in front of the enforcing server, where faults are put in. For tests, on loopback only."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

__all__ = ["Call", "Dropped", "Fault", "Reply", "proxy"]


_READING = ("Get", "List", "Describe", "AssumeRole", "Head", "Simulate", "DecodeAuthorizationMessage")


class Dropped(Exception):
    """The connection is closed without an answer."""


@dataclass(frozen=True)
class Call:
    """One API call: ``number`` counts from 1."""

    number: int
    service: str
    operation: str
    params: dict[str, str]
    key_id: str
    region: str = ""

    @property
    def writes(self) -> bool:
        return not self.operation.startswith(_READING)


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


Forward = Callable[[], Reply]
Fault = Callable[[Call, Forward], Reply]


def refusal(call: Call, status: int, code: str, message: str) -> Reply:
    """An error in the words of the service."""
    if call.service == "ec2":
        text = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
            "<RequestID>00000000-0000-0000-0000-000000000000</RequestID></Response>"
        )
    else:
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            "<RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>"
        )
    return Reply(status, text.encode(), {"Content-Type": "text/xml"})


@dataclass
class Proxy:
    url: str
    calls: list[Call] = field(default_factory=list)


@contextmanager
def proxy(upstream: str, fault: Fault) -> Iterator[Proxy]:
    """Forward every call to ``upstream`` through ``fault``."""
    target = urlsplit(upstream)
    lock = threading.Lock()
    held = Proxy("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with lock:
                call = _read(len(held.calls) + 1, self.headers, body, self.path)
                held.calls.append(call)

            def forward() -> Reply:
                connection = http.client.HTTPConnection(target.hostname or "", target.port or 80, timeout=20)
                try:
                    connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                    for name, value in self.headers.items():
                        if name.lower() not in ("connection",):
                            connection.putheader(name, value)
                    connection.endheaders(body)
                    answer = connection.getresponse()
                    found = {n: v for n, v in answer.getheaders() if n.lower() in _KEPT}
                    return Reply(answer.status, answer.read(), found)
                finally:
                    connection.close()

            try:
                reply = fault(call, forward)
            except Dropped:
                self.close_connection = True
                return
            try:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)
                self.wfile.flush()
            except OSError:
                self.close_connection = True  # whoever asked is gone

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _handle

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that was killed resets its connection: that is what is being tried."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    held.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


_KEPT = ("content-type", "x-amzn-requestid", "x-amz-request-id", "location")


def _read(number: int, headers: Any, body: bytes, path: str) -> Call:
    credential = (headers.get("Authorization") or "").partition("Credential=")[2].partition(",")[0].split("/")
    key_id, region, service = (
        (credential[0], credential[2], credential[3]) if len(credential) > 3 else ("", "", "sts")
    )
    target = headers.get("X-Amz-Target")
    if target:
        given = {name: str(value) for name, value in json.loads(body or b"{}").items()}
        return Call(number, service, target.rpartition(".")[2], given, key_id, region)
    if service in ("iam", "sts", "ec2", "sns"):
        params = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        return Call(number, service, params.get("Action", ""), params, key_id, region)
    return Call(number, service, f"{headers.get('X-Method', '')}{path}", {}, key_id, region)
