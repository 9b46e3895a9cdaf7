"""Disks that are full or read-only under a whole run: nothing created unannounced, and the verdicts told.

A file system in a mount namespace of its own, as the mode of a folder does not hold root up.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.account.conftest import Served
from tests.account.test_sessions import FIVE, run, suite
from tests.faults.proxy import Call, Forward, Reply, proxy
from tests.pytest_plugin.conftest import named_plugin

__all__ = ["suite"]


@cache
def mounts() -> bool:
    """Whether this user may have a file system in a namespace."""
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        ["unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=4k tmpfs /mnt"],
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


def run_on(
    served: Served, folder: Path, disk: str, *words: str, url: str | None = None, where: str = "reports"
) -> tuple[int, str]:
    """Run the suite with a folder on a disk that ``disk`` (commands of a shell) makes."""
    if not mounts():
        pytest.skip("this user may not mount a file system in a namespace (unshare -rm)")
    (folder / where).mkdir()
    command = [
        sys.executable, "-m", "pytest", *named_plugin(), "--aws-target=endpoint",
        f"--aws-endpoint-url={url or served.url}", "--patience=5", *words,
    ]  # fmt: skip
    script = f"{disk}\n{shlex.join(command)}\nended=$?\necho left: $(ls -A {where})\nexit $ended"
    ended = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], cwd=folder, env=served.environment, text=True, timeout=120,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    return ended.returncode, ended.stdout


FULL = "mount -t tmpfs -o size=8k tmpfs {0} && head -c {1} /dev/zero > {0}/filler"


@pytest.mark.parametrize("room", [0, 4096], ids=["full from the start", "full in the middle"])
def test_a_ledger_on_a_full_disk_stops_the_run_before_the_next_thing(
    served: Served, suite: Path, room: int
) -> None:
    many = "".join(f"  r{n}: {{trust: trust.json}}\n" for n in range(14))
    rest = "hops: [{from: walker, assume: r0}]\nexpect:\n  - {id: reaches, reach: r0}\n"
    (suite / "policies" / "small" / "chain.yaml").write_text(FIVE + many + rest)
    before = served.inventory()
    created: list[str] = []

    def watch(call: Call, forward: Forward) -> Reply:
        if call.operation in ("CreatePolicy", "CreateUser", "CreateRole"):
            created.append(call.operation)
        return forward()

    with proxy(served.url, watch) as through:
        code, output = run_on(
            served, suite, FULL.format("ledgers", 8192 - room), "--ledger-dir=ledgers",
            "--fail-on-inconclusive", url=through.url, where="ledgers",
        )  # fmt: skip
    assert code == 1, output
    assert "the ledger cannot be written: No space left on device; nothing is created without it" in output
    assert " passed" not in output
    assert served.inventory() == before, "what was created before is removed all the same"
    if room:
        assert 2 < len(created) < 16, "the disk was full in the middle"
    else:
        assert created == []
    assert (suite / "reports" / "index.html").exists()


@pytest.mark.parametrize(
    ("disk", "said", "broken"),
    [
        (FULL.format("reports", 8192), "No space left on device", False),
        ("mount -t tmpfs -o ro tmpfs reports", "Read-only file system", True),
    ],
    ids=["full", "read-only"],
)
def test_a_report_that_cannot_be_stored_costs_neither_verdict_nor_exit_code_nor_removal(
    served: Served, suite: Path, disk: str, said: str, broken: bool
) -> None:
    manifest = suite / "policies" / "small" / "chain.yaml"
    if broken:
        manifest.write_text(manifest.read_text().replace('deny: "s3', 'allow: "s3'))
    before = served.inventory()
    code, output = run_on(served, suite, disk, "--ledger-dir=ledgers")
    assert code == int(broken), output
    assert re.search(r"1 of \d expectations failed" if broken else r"All \d expectations passed", output), (
        output
    )
    assert f"the report cannot be written to {suite / 'reports'}: {said}" in output
    assert re.search(r"left:( filler)?\n", output), "no half of a file"
    assert served.inventory() == before
    assert list((suite / "ledgers").glob("*")) == []


def test_nothing_is_created_where_the_ledgers_folder_is_read_only(served: Served, suite: Path) -> None:
    with proxy(served.url, lambda call, forward: forward()) as through:
        code, output = run_on(
            served, suite, "mount -t tmpfs -o ro tmpfs reports", "--fail-on-inconclusive", url=through.url
        )
        assert [call.operation for call in through.calls if call.writes] == []
    assert code == 1, output
    assert "the ledger cannot be written: Read-only file system" in output


def test_a_link_in_the_reports_place_is_not_followed_by_a_ledger(served: Served, suite: Path) -> None:
    """A report's file may be a link: it is replaced, and what it pointed at stays as it is."""
    (suite / "reports").mkdir()
    (suite / "precious").write_text("mine")
    (suite / "reports" / "junit.xml").symlink_to(suite / "precious")
    code, output = run(served, suite)
    assert code == 0, output
    assert (suite / "precious").read_text() == "mine"
