"""``rolecall serve``: moto that enforces IAM, over HTTP."""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import sys
from pathlib import Path

from rolecall.errors import TargetError, UsageError

__all__ = ["configure"]

_EPILOG = """\
When it is ready it prints one line of JSON:
  {"endpoint_url": "http://127.0.0.1:PORT", "account_id": …, "access_key_id": …, "secret_access_key": …}
The access key is that of the account's root user, the only credential there is. SIGTERM or Ctrl-C stops it.

examples:
  rolecall serve --account-id 278805249149 --region ap-northeast-2
  rolecall serve --port 5000 --ready-file ready.json &
  aws --endpoint-url http://127.0.0.1:5000 sts get-caller-identity
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.epilog = _EPILOG
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=0, help="the port; 0 takes a free one (default)")
    parser.add_argument("--account-id", default="123456789012", help="the account (default: %(default)s)")
    parser.add_argument("--region", default="us-east-1", help="the region (default: %(default)s)")
    parser.add_argument(
        "--ready-file", type=Path, metavar="PATH", help="write the line of JSON there too (mode 0600)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop."""
    from rolecall.targets.regions import unknown_region
    from rolecall.targets.server import serve

    def announce(ready: dict[str, str]) -> None:
        line = json.dumps(ready) + "\n"
        if options.ready_file is not None:
            _write_privately(options.ready_file, line)
        # Somebody may have closed it: then there is the ready file.
        if sys.stdout is not None:
            sys.stdout.write(line)
            sys.stdout.flush()

    unknown = unknown_region(options.region)
    if unknown:
        raise UsageError(f"--region: {unknown}")
    if not _is_loopback(options.host) and sys.stderr is not None:
        sys.stderr.write(
            f"rolecall: listening on {options.host}, where others can reach it too: root's key is in the "
            "ready line, and nothing is encrypted. Leave --host out to serve this machine only.\n"
        )
    try:
        serve(
            announce,
            host=options.host,
            port=options.port,
            account_id=options.account_id,
            region=options.region,
        )
    finally:
        if options.ready_file is not None:
            options.ready_file.unlink(missing_ok=True)
    return 0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _write_privately(path: Path, text: str) -> None:
    """Whole or not at all: whoever waits for the file never reads half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.replace(beside, path)
    except OSError as error:
        raise TargetError(f"the ready file {path} cannot be written: {error.strerror}") from None


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"takes a number from 0 to 65535, not {text!r}")
    return int(text)
