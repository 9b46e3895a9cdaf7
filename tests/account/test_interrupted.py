"""Runs that end in the middle without a chance to say goodbye, and provisionings that meet a quota."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.account.test_sessions import end_at, run, suite  # noqa: F401
from tests.faults.proxy import Call, Forward, Reply, proxy, refusal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.account.conftest import Served


@pytest.mark.parametrize("operation", ["CreatePolicy", "CreateAccessKey", "CreateRole", "AttachRolePolicy"])
def test_a_quota_in_mid_provisioning_takes_back_what_was_made(
    served: Served,
    suite: Path,  # noqa: F811
    operation: str,
) -> None:
    def full(call: Call, forward: Forward) -> Reply:
        if call.operation == operation:
            return refusal(call, 409, "LimitExceeded", "Cannot exceed quota: 1000")
        return forward()

    before = served.inventory()
    with proxy(served.url, full) as through:
        code, output = run(served, suite, "--fail-on-inconclusive", url=through.url)
        tried = [call for call in through.calls if call.operation == operation]
    assert code == 1, output
    assert "LimitExceeded" in output
    assert " passed" not in output
    # Keys whose secrets were lost on the way may fill the quota: one more try without them.
    most = 2 if operation == "CreateAccessKey" else 1
    assert len(tried) == most, "neither retried nor provisioned once more for each promise"
    assert served.inventory() == before
    assert list((suite / "reports").glob("*.ledger.jsonl")) == []


@pytest.mark.parametrize("whom", ["controller", "group"])
def test_what_a_killed_run_of_several_workers_leaves_is_swept(
    served: Served,
    suite: Path,  # noqa: F811
    whom: str,
) -> None:
    def kill(process: subprocess.Popen[str]) -> None:
        (os.killpg if whom == "group" else os.kill)(process.pid, signal.SIGKILL)

    before = served.inventory()
    # Its output ends when the last worker does.
    code, output, _ = end_at(served, suite, kill, "-n", "2")
    assert code == -signal.SIGKILL, output
    ledgers = list((suite / "reports").glob("*.ledger.jsonl"))
    assert whom == "controller" or ledgers, "nobody was there to remove anything"
    for ledger in ledgers:
        swept = subprocess.run(
            [
                sys.executable, "-m", "rolecall", "sweep", "--ledger", str(ledger),
                "--aws-endpoint-url", served.url,
            ],
            env=served.environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert swept.returncode == 0, swept.stdout + swept.stderr
    assert served.inventory() == before, output
