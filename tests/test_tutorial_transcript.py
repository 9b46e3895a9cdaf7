"""The tutorial that this project starts from, typed with the real ``aws`` command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.enforcement.scenarios.command_line import VERSIONS, aws_command

ROOT = Path(__file__).parents[1]
ACCOUNT = "278805249149"
REGION = "ap-northeast-2"
POLICIES = ROOT / "policies" / "assume-role"


class Shell:
    """A throwaway home, and the aws command in it."""

    def __init__(self, home: Path, endpoint: str, command: tuple[str, ...]) -> None:
        self.home = home
        self.variables = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_PAGER": "",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self.command = command

    def export(self, **variables: str) -> None:
        self.variables.update(variables)

    def unset(self, *names: str) -> None:
        for name in names:
            self.variables.pop(name, None)

    def aws(self, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, *words],
            env=self.variables,
            cwd=POLICIES,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def json(self, *words: str) -> dict[str, object]:
        done = self.aws(*words, "--output", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else {}


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A running ``rolecall serve`` and what it printed when it was ready."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    server = subprocess.Popen(
        [sys.executable, "-m", "rolecall", "serve", "--account-id", ACCOUNT, "--region", REGION],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert server.stdout is not None
    yield json.loads(server.stdout.readline())
    server.send_signal(signal.SIGTERM)
    assert server.wait(15) == 0
    assert server.stderr is not None
    assert server.stderr.read() == ""


@pytest.mark.parametrize("version", VERSIONS)
def test_the_tutorial_step_by_step(ready: dict[str, str], tmp_path: Path, version: int) -> None:
    command = aws_command(version)
    if command is None:
        pytest.skip(f"version {version} of the aws command is not installed")
    home = tmp_path / "home"
    home.mkdir()
    if version == 2:
        # AWS_ENDPOINT_URL is read from 2.13 on; the one of Debian 12 is older.
        command = (*command, "--endpoint-url", ready["endpoint_url"])
    shell = Shell(home, ready["endpoint_url"], command)
    # The administrator
    shell.export(
        AWS_ACCESS_KEY_ID=ready["access_key_id"],
        AWS_SECRET_ACCESS_KEY=ready["secret_access_key"],
        AWS_DEFAULT_REGION=REGION,
    )
    policy = shell.json(
        "iam", "create-policy", "--policy-name", "assume-role-policy",
        "--policy-document", "file://assume-role-policy.json",
    )  # fmt: skip
    policy_arn = f"arn:aws:iam::{ACCOUNT}:policy/assume-role-policy"
    assert policy["Policy"]["Arn"] == policy_arn  # type: ignore[index]
    shell.json("iam", "create-user", "--user-name", "assume-role-user")
    key = shell.json("iam", "create-access-key", "--user-name", "assume-role-user")["AccessKey"]
    shell.json("iam", "attach-user-policy", "--user-name", "assume-role-user", "--policy-arn", policy_arn)
    role = shell.json(
        "iam", "create-role", "--role-name", "assume-role-role",
        "--assume-role-policy-document", "file://assume-role-trust-relationship.json",
    )["Role"]  # fmt: skip
    shell.json(
        "iam", "attach-role-policy", "--role-name", "assume-role-role",
        "--policy-arn", "arn:aws:iam::aws:policy/AmazonEC2FullAccess",
    )  # fmt: skip
    run = shell.json(
        "ec2", "run-instances", "--image-id", "ami-0abcdef1234567890", "--instance-type", "t2.micro"
    )
    instance = run["Instances"][0]["InstanceId"]  # type: ignore[index]

    # The user: aws configure in a throwaway home
    shell.unset("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")
    answers = f"{key['AccessKeyId']}\n{key['SecretAccessKey']}\n{REGION}\njson\n"  # type: ignore[index]
    assert shell.aws("configure", stdin=answers).returncode == 0
    assert (home / ".aws" / "credentials").stat().st_mode & 0o077 == 0
    assert shell.json("sts", "get-caller-identity")["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/assume-role-user"
    refused = shell.aws("ec2", "describe-instances")
    assert refused.returncode != 0
    assert "(UnauthorizedOperation) when calling the DescribeInstances operation" in refused.stderr
    assert "You are not authorized to perform this operation." in refused.stderr
    assert "because no identity-based policy allows the ec2:DescribeInstances action" in refused.stderr

    # The hop
    answer = shell.json(
        "sts", "assume-role", "--role-arn", role["Arn"],  # type: ignore[index]
        "--role-session-name", "assume-role-session",
    )  # fmt: skip
    session_arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/assume-role-role/assume-role-session"
    assert answer["AssumedRoleUser"]["Arn"] == session_arn  # type: ignore[index]
    given = answer["Credentials"]
    shell.export(
        AWS_ACCESS_KEY_ID=given["AccessKeyId"],  # type: ignore[index]
        AWS_SECRET_ACCESS_KEY=given["SecretAccessKey"],  # type: ignore[index]
        AWS_SESSION_TOKEN=given["SessionToken"],  # type: ignore[index]
    )
    seen = shell.json("ec2", "describe-instances")["Reservations"]
    assert [i["InstanceId"] for r in seen for i in r["Instances"]] == [instance]  # type: ignore[attr-defined]
    assert shell.json("sts", "get-caller-identity")["Arn"] == session_arn
