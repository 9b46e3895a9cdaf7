"""moto that enforces IAM, over HTTP: what ``rolecall serve`` runs."""

from __future__ import annotations

import signal
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.environment import system_clock
from rolecall.errors import TargetError
from rolecall.targets.moto import EnforcedMoto, new_environment
from rolecall.targets.moto_process import emptied_moto, moto_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from rolecall.enforcement.environment import Environment
    from rolecall.iam.switches import Switches

__all__ = ["BODY_LIMIT", "RunningServer", "enforcing_server", "serve"]

BODY_LIMIT = 256 * 1024 * 1024
"""Bytes of a request body that are taken at most."""

_DRAIN_SECONDS = 5.0


@dataclass(slots=True)
class RunningServer(EnforcedMoto):
    """A server that answers at ``endpoint_url``."""

    def ready_line(self) -> dict[str, str]:
        """What ``rolecall serve`` prints when it is ready: where it answers, and root's credential."""
        root = self.environment.root()
        return {
            "endpoint_url": self.endpoint_url or "",
            "account_id": self.account_id,
            "access_key_id": root.access_key_id,
            "secret_access_key": root.secret_access_key,
        }


@contextmanager
def enforcing_server(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    account_id: str = "123456789012",
    region: str = "us-east-1",
    clock: Callable[[], datetime] = system_clock,
    switches: Switches | None = None,
    body_limit: int = BODY_LIMIT,
) -> Iterator[RunningServer]:
    """The enforcing moto at an address, in threads of this process, until the block ends.

    In: where to listen (loopback and a free port unless told otherwise) and what ``enforcing_moto``
    takes. Raises TargetError when the address cannot be had. Requests under way are answered before the
    block ends. moto's state is one for the process.
    """
    environment = new_environment(account_id, region, clock, switches)
    from rolecall.enforcement.moto_judgement import judgement_set_aside
    from rolecall.enforcement.s3_hosts import hosts_remembered
    from rolecall.enforcement.strict_iam import moto_replaced
    from rolecall.targets.sessions import SessionMaker

    with (
        moto_settings(),
        emptied_moto(),
        moto_replaced(environment),
        judgement_set_aside(),
        hosts_remembered(),
        _listening(environment, host, port, body_limit) as url,
    ):
        yield RunningServer(environment, region, SessionMaker(url), url)


def serve(announce: Callable[[dict[str, str]], None], **options: Any) -> None:
    """Serve until SIGTERM, SIGINT or SIGHUP: the whole of ``rolecall serve``, called in the main thread.

    A SIGHUP that is ignored, as under ``nohup``, stays ignored.
    In: what to do with the ready line once the server answers, and the options of ``enforcing_server``.
    Signals that come while it starts or announces itself end it just as cleanly.
    """
    ended = threading.Event()
    numbers = [signal.SIGTERM, signal.SIGINT]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in numbers}
    try:
        with enforcing_server(**options) as server:
            announce(server.ready_line())
            # A timeout lets Python run signal handlers on every platform.
            while not ended.wait(0.5):
                pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _listening(environment: Environment, host: str, port: int, body_limit: int) -> Iterator[str]:
    from werkzeug.serving import ThreadedWSGIServer

    from rolecall.enforcement.gate import Gate
    from rolecall.enforcement.wsgi import Application

    application = _Counting(Application(Gate(environment), body_limit=body_limit))
    # Werkzeug tells people on standard error, and exits, when it cannot bind by itself.
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise TargetError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    with listener:
        bound = listener.getsockname()[1]
        server = ThreadedWSGIServer(host, bound, application, handler=_quiet_handler(), fd=listener.fileno())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        name = f"[{host}]" if ":" in host else host
        yield f"http://{name}:{bound}"
    finally:
        server.shutdown()
        thread.join()
        application.drain(_DRAIN_SECONDS)
        server.server_close()


class _Counting:
    """A WSGI application that knows how many of its requests are under way."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._under_way = 0
        self._changed = threading.Condition()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        with self._changed:
            self._under_way += 1
        try:
            return self._application(environ, start_response)
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def drain(self, seconds: float) -> None:
        """Wait until no request is under way, that long at most."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way == 0, seconds)


def _quiet_handler() -> type[Any]:
    from werkzeug.serving import WSGIRequestHandler

    class Handler(WSGIRequestHandler):
        """Keeps connections open, and logs nothing: query strings can hold session tokens."""

        protocol_version = "HTTP/1.1"
        timeout = 65

        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
            pass

    return Handler
