"""The same scenarios with the ``aws`` command line as the client of everybody but root."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from tests.enforcement.scenarios.world import World

__all__ = ["VERSIONS", "CommandLineWorld", "aws_command"]

VERSIONS = (1, 2)
"""The major versions of the ``aws`` command: 1 is a package of PyPI, 2 one of Debian or of AWS."""
_NAMES = {"s3": "s3api"}
_ERROR = re.compile(
    r"An error occurred \((?P<code>[^)]+)\) when calling the (?P<operation>\w+) operation"
    r"(?: \(reached max retries: \d+\))?: (?P<message>.*)",
    re.DOTALL,
)


@cache
def aws_command(version: int) -> tuple[str, ...] | None:
    """The words that start the ``aws`` command of a major version; None where it is not installed."""
    if version == 1:
        # The script itself breaks in a path with spaces.
        return (sys.executable, "-m", "awscli") if find_spec("awscli") else None
    folders = dict.fromkeys([*os.environ["PATH"].split(os.pathsep), "/usr/local/bin", "/usr/bin"])
    for path in (Path(folder, "aws") for folder in folders):
        if os.access(path, os.X_OK):
            said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60)
            if said.stdout.startswith(f"aws-cli/{version}."):
                return (str(path),)
    return None


@dataclass
class CommandLineWorld(World):
    """A world whose callers type commands."""

    command: tuple[str, ...] = ()

    def credential(self, key: str | None, secret: str | None, token: str | None = None) -> Any:
        return _Shell(self, key, secret, token)


@dataclass
class _Shell:
    world: CommandLineWorld
    key: str | None
    secret: str | None
    token: str | None

    def client(self, service: str, **options: Any) -> Any:
        assert not options, "the command line takes no options of boto3"
        return _Command(self, service)

    def run(self, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        endpoint = self.world.aws.endpoint_url
        assert endpoint is not None
        with tempfile.TemporaryDirectory() as home:
            variables = {
                "PATH": os.environ["PATH"],
                "HOME": home,
                "AWS_DEFAULT_REGION": self.world.region,
                "AWS_PAGER": "",
                "AWS_MAX_ATTEMPTS": "1",
            }
            if self.key and self.secret:
                variables |= {"AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret}
            if self.token:
                variables["AWS_SESSION_TOKEN"] = self.token
            words = [
                *self.world.command,
                "--endpoint-url",
                endpoint,
                "--output",
                "json",
                _NAMES.get(service, service),
            ]
            words.append(operation.replace("_", "-"))
            if (service, operation) == ("s3", "get_object"):
                # An operation with an output file wants its parameters one by one.
                words += [word for name, value in params.items() for word in (f"--{name.lower()}", value)]
                words.append(str(Path(home) / "object"))
            else:
                words += ["--cli-input-json", json.dumps(params)]
            done = subprocess.run(words, env=variables, cwd=home, capture_output=True, text=True, timeout=60)
        if done.returncode == 0:
            return json.loads(done.stdout) if done.stdout.strip() else {}
        found = _ERROR.search(done.stderr)
        assert found is not None, done.stderr
        assert xform_name(found["operation"]) == operation
        # The command line does not print the status.
        error = {"Code": found["code"], "Message": found["message"].strip()}
        raise ClientError({"Error": error}, found["operation"])


@dataclass
class _Command:
    shell: _Shell
    service: str

    def __getattr__(self, operation: str) -> Any:
        def call(**params: Any) -> dict[str, Any]:
            return self.shell.run(self.service, operation, params)

        return call
