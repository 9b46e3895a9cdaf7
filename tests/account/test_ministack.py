"""The suite against MiniStack: an AWS emulator with IAM enforcement that nobody here wrote.

``make test`` installs it (tests/account/ministack.txt) into an environment of its own, as it pins another
botocore. ROLECALL_MINISTACK names the command where it lies elsewhere; only where neither is there these
tests are skipped, and .ci/run lets them fail then.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rolecall.targets.sessions import SessionMaker
from tests.account.conftest import ROOT, Served
from tests.account.test_sessions import MANIFEST, run, suite
from tests.faults.proxy import Call, Forward, Reply, proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["suite"]


@pytest.fixture(scope="module")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    command = os.environ.get("ROLECALL_MINISTACK")
    if command is None:
        own = ROOT / ".venv" / "ministack" / "bin" / "ministack"
        command = str(own) if own.exists() else shutil.which("ministack")
    if command is None:
        pytest.skip("MiniStack is not installed: make test does that, or name it in ROLECALL_MINISTACK")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("ministack")
    process = subprocess.Popen(
        [command],
        env={
            "PATH": os.environ["PATH"], "HOME": str(home), "GATEWAY_PORT": str(port), "AUTH": "true",
            "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0",
        },
        cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/_ministack/ready", timeout=2)  # noqa: S310
                break
            except OSError:
                time.sleep(0.1)
        yield Served(url, "test", "test")
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def iam_of(served: Served) -> dict[str, list[str]]:
    iam = (
        SessionMaker(served.url)
        .session(served.access_key_id, served.secret_access_key, None, "us-east-1")
        .client("iam")
    )
    return {
        "users": [item["UserName"] for item in iam.list_users()["Users"]],
        "roles": [item["RoleName"] for item in iam.list_roles()["Roles"]],
        "policies": [item["PolicyName"] for item in iam.list_policies(Scope="Local")["Policies"]],
    }


def test_a_chain_is_verified_and_removed(ministack: Served, suite: Path) -> None:
    # MiniStack gives sessions longer than the role's maximum: the automatic negative finds that, rightly.
    manifest = MANIFEST.replace("assume: goal}", "assume: goal, negatives: false}")
    (suite / "policies" / "small" / "chain.yaml").write_text(manifest)
    before = iam_of(ministack)
    code, output = run(ministack, suite)
    assert code == 0, output
    assert "expectations passed on endpoint, account 000000000000" in output
    assert iam_of(ministack) == before


def test_a_broken_chain_fails(ministack: Served, suite: Path) -> None:
    broken = MANIFEST.replace(', policies: ["arn:aws:iam::aws:policy/AmazonEC2FullAccess"]', "")
    assert broken != MANIFEST
    (suite / "policies" / "small" / "chain.yaml").write_text(broken)
    before = iam_of(ministack)
    code, output = run(ministack, suite)
    assert code == 1, output
    assert "small/sees failed" in output
    assert "small/reaches failed" not in output
    assert iam_of(ministack) == before


def test_a_run_that_is_killed_is_swept(ministack: Served, suite: Path) -> None:
    import re

    from tests.account.test_sessions import start

    before = iam_of(ministack)
    held: list[subprocess.Popen[str]] = []

    def kill(call: Call, forward: Forward) -> Reply:
        reply = forward()
        if call.operation == "AttachRolePolicy":
            while not held:
                time.sleep(0.01)
            held[0].kill()
        return reply

    with proxy(ministack.url, kill) as through:
        held.append(start(ministack, suite, url=through.url))
        held[0].communicate(timeout=60)
    assert iam_of(ministack) != before
    (ledger,) = (suite / "reports").glob("*.ledger.jsonl")
    run_id = re.sub(r"\.small\.ledger\.jsonl$", "", ledger.name)
    swept = subprocess.run(
        [sys.executable, "-m", "rolecall", "sweep", "--aws-endpoint-url", ministack.url, "--run", run_id],
        env=ministack.environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert swept.returncode == 0, swept.stdout + swept.stderr
    assert iam_of(ministack) == before
