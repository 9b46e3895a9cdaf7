"""Whole pytest sessions against an endpoint: signals, crashes, folders that cannot be written, secrets."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rolecall.provisioning import FileLedger
from tests.account.conftest import ACCOUNT, ROOT, Served
from tests.faults.proxy import Call, Forward, Reply, proxy, refusal
from tests.pytest_plugin.conftest import named_plugin

if TYPE_CHECKING:
    from collections.abc import Callable

MANIFEST = """\
version: 1
chain: small
accounts: {home: "278805249149"}
policies: {assume: assume.json}
users: {walker: {policies: [assume], access_key: true}}
roles: {goal: {trust: trust.json, policies: ["arn:aws:iam::aws:policy/AmazonEC2FullAccess"]}}
hops: [{from: walker, assume: goal}]
expect:
  - {id: reaches, reach: goal}
  - {id: sees, as: goal, allow: "ec2:DescribeInstances"}
  - {id: not-more, as: goal, deny: "s3:ListAllMyBuckets"}
"""


IN_TIME = 7 if os.environ.get("ROLECALL_THOROUGH") else 30
"""Seconds for an orderly end. Seven are promised on a machine of one's own (xdist's controller takes most of
them before its workers notice); a loaded machine shows with thirty that the end comes in order at all."""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A repository with one small chain and the check of every promise."""
    folder = tmp_path / "suite"
    (folder / "policies" / "small").mkdir(parents=True)
    for name in ("assume-role-policy.json", "assume-role-trust-relationship.json"):
        text = (ROOT / "policies" / "assume-role" / name).read_text()
        (folder / "policies" / "small" / ("trust.json" if "trust" in name else "assume.json")).write_text(
            text
        )
    (folder / "policies" / "small" / "chain.yaml").write_text(MANIFEST)
    (folder / "test_it.py").write_text("def test_it(expectation, verify):\n    verify(expectation)\n")
    (folder / "pytest.ini").write_text("[pytest]\n")
    return folder


def start(
    served: Served, suite: Path, *words: str, url: str | None = None, **more: str
) -> subprocess.Popen[str]:
    command = [
        sys.executable, "-m", "pytest", *named_plugin(), "--aws-target=endpoint",
        f"--aws-endpoint-url={url or served.url}", "--patience=5", *words,
    ]  # fmt: skip
    return subprocess.Popen(
        command, cwd=suite, env={**served.environment, **more}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def run(served: Served, suite: Path, *words: str, url: str | None = None, **more: str) -> tuple[int, str]:
    process = start(served, suite, *words, url=url, **more)
    output = process.communicate(timeout=90)[0]
    return process.returncode, output


def test_a_run_passes_and_tells_both_accounts(served: Served, suite: Path) -> None:
    before = served.inventory()
    code, output = run(served, suite)
    assert code == 0, output
    evidence = json.loads((suite / "reports" / "evidence.json").read_text())
    (chain,) = evidence["chains"]
    assert chain["accounts"] == [{"name": "home", "declared": "278805249149", "actual": ACCOUNT}]
    calls = [call for e in chain["expectations"] for call in (e.get("observed") or {}).get("calls", ())]
    assert all(call["attempts"] >= 3 and len(call["waits"]) == call["attempts"] - 1 for call in calls)
    assert served.inventory() == before
    assert list((suite / "reports").glob("*.ledger.jsonl")) == []


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_plan_prints_the_calls_and_makes_none(served: Served, suite: Path, workers: tuple[str, ...]) -> None:
    with proxy(served.url, lambda call, forward: forward()) as through:
        code, output = run(served, suite, "--plan", *workers, url=through.url)
        assert through.calls == []
    assert code == 0
    for operation in ("CreatePolicy", "CreateUser", "CreateAccessKey", "AttachUserPolicy", "CreateRole"):
        assert f"iam:{operation}" in output
    assert "/rolecall/" in output


def end_at(
    served: Served, suite: Path, act: Callable[[subprocess.Popen[str]], None], *words: str
) -> tuple[int, str, float]:
    """Run, act on the process in mid-provisioning; exit code, output and seconds after it."""
    reached: list[float] = []
    processes: list[subprocess.Popen[str]] = []

    def watch(call: Call, forward: Forward) -> Reply:
        reply = forward()
        if call.operation == "AttachRolePolicy" and not reached:
            while not processes:
                time.sleep(0.01)
            reached.append(time.monotonic())
            act(processes[0])
        return reply

    with proxy(served.url, watch) as through:
        processes.append(start(served, suite, *words, url=through.url))
        output = processes[0].communicate(timeout=90)[0]
    assert reached, output
    return processes[0].returncode, output, time.monotonic() - reached[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_a_run_in_good_order(served: Served, suite: Path, number: signal.Signals) -> None:
    before = served.inventory()
    code, output, seconds = end_at(served, suite, lambda process: process.send_signal(number))
    assert code == 2, output
    assert seconds < IN_TIME
    assert served.inventory() == before
    assert list((suite / "reports").glob("*.ledger.jsonl")) == []


def test_a_call_that_is_on_its_way_when_the_signal_comes_leaves_nothing(served: Served, suite: Path) -> None:
    """The process hears the signal at once; what it had asked for comes about a moment later."""
    before = served.inventory()
    processes: list[subprocess.Popen[str]] = []
    sent: list[int] = []

    def slowly(call: Call, forward: Forward) -> Reply:
        if call.operation == "CreateRole":
            sent.append(call.number)
            processes[0].send_signal(signal.SIGTERM)
            gone = [0]
            while len(gone) < 200 and not any(c.operation == "GetRole" for c in through.calls):
                gone.append(0)
                time.sleep(0.05)
        return forward()

    with proxy(served.url, slowly) as through:
        processes.append(start(served, suite, url=through.url))
        output = processes[0].communicate(timeout=90)[0]
    assert sent
    assert served.inventory() == before, output
    assert list((suite / "reports").glob("*.ledger.jsonl")) == []


def test_what_a_cancelled_job_sends_does_not_stop_the_removal(served: Served, suite: Path) -> None:
    def cancel(process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)

    before = served.inventory()
    _, _, seconds = end_at(served, suite, cancel)
    assert seconds < IN_TIME
    assert served.inventory() == before


@pytest.mark.parametrize("whom", ["controller", "group"])
def test_a_signal_ends_a_run_of_several_workers_in_good_order(served: Served, suite: Path, whom: str) -> None:
    def act(process: subprocess.Popen[str]) -> None:
        (os.killpg if whom == "group" else os.kill)(process.pid, signal.SIGTERM)

    before = served.inventory()
    _, output, seconds = end_at(served, suite, act, "-n", "2")
    assert seconds < IN_TIME, output
    assert served.inventory() == before, output
    assert list((suite / "reports").glob("*.ledger.jsonl")) == []


def test_what_a_crashed_worker_left_is_removed_by_the_controller(served: Served, suite: Path) -> None:
    (suite / "test_it.py").write_text(
        "import os\n\n\ndef test_it(expectation, verify):\n    verify(expectation)\n"
        "    if expectation.expectation.id == 'sees':\n        os._exit(3)\n"
    )
    before = served.inventory()
    code, output = run(served, suite, "-n", "2", "--max-worker-restart=1")
    assert code == 1
    assert "crashed" in output
    assert served.inventory() == before, output
    assert list((suite / "reports").glob("*.ledger.jsonl")) == []


def test_what_cannot_be_removed_is_named_and_fails_the_run(served: Served, suite: Path) -> None:
    def stuck(call: Call, forward: Forward) -> Reply:
        if call.operation == "DeleteRole":
            return refusal(call, 403, "AccessDenied", "not you")
        return forward()

    killed = FileLedger(suite / "reports" / "another-run.small.ledger.jsonl", run="another-run")
    killed.close()
    with proxy(served.url, stuck) as through:
        code, output = run(served, suite, url=through.url)
    assert code == 1, output
    assert re.search(r"still there: role rc-\w+-goal in account 111122223333: AccessDenied: not you", output)
    (ledger,) = set((suite / "reports").glob("*.ledger.jsonl")) - {killed.path}
    (told,) = re.findall(r"remove it with: (rolecall sweep .*)", output)
    assert (
        f"an earlier run was killed; remove what it left with: rolecall sweep --ledger {killed.path}"
        in output
    )
    swept = subprocess.run(
        [sys.executable, "-m", *shlex.split(told.replace(through.url, served.url))],
        env=served.environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert swept.returncode == 0, swept.stdout
    assert not ledger.exists()


def test_without_a_ledger_nothing_is_created(served: Served, suite: Path) -> None:
    (suite / "file").write_text("")
    with proxy(served.url, lambda call, forward: forward()) as through:
        code, output = run(served, suite, url=through.url, ROLECALL_LEDGER_DIR="file/ledgers")
        assert [call.operation for call in through.calls if call.writes] == []
    assert "the ledger cannot be written" in output
    assert "nothing is created without it" in output
    assert code in (0, 1), "inconclusive, never passed"
    assert " passed" not in output


def test_a_report_folder_that_cannot_be_written_costs_neither_verdict_nor_removal(
    served: Served, suite: Path, tmp_path: Path
) -> None:
    (suite / "reports").write_text("a file where the folder should be")
    before = served.inventory()
    code, output = run(served, suite, ROLECALL_LEDGER_DIR=str(tmp_path / "ledgers"))
    assert code == 0, output
    assert re.search(r"All \d expectations passed", output)
    assert "the report cannot be written" in output
    assert served.inventory() == before


CRASH = """
import os


def test_crashing(workshop, chains, verify):
    access = workshop.live(chains["small"]).access
    credential, key = access.credential("goal"), access.credential("walker")
    environment = credential.environment()
    del environment
    os._exit(3)
"""


# xdist runs what crashed a worker again on the next one, as often as it may make new workers.
@pytest.mark.parametrize("workers", [(), ("-n", "2", "--max-worker-restart=0")], ids=["alone", "xdist"])
def test_no_secret_is_in_anything_that_a_failing_verbose_run_leaves(
    served: Served, suite: Path, workers: tuple[str, ...]
) -> None:
    manifest = MANIFEST.replace('deny: "s3:ListAllMyBuckets"', 'allow: "s3:ListAllMyBuckets"')
    (suite / "policies" / "small" / "chain.yaml").write_text(manifest)
    (suite / "test_failing.py").write_text(
        "def test_failing(workshop, chains, verify):\n"
        "    live = workshop.live(chains['small'])\n"
        "    credential = live.access.credential('goal')\n"
        "    key = live.access.credential('walker')\n"
        "    assert credential == key\n"
    )
    if workers:
        (suite / "test_crashing.py").write_text(CRASH)
    secrets: set[str] = {served.secret_access_key, served.access_key_id}

    def listen(call: Call, forward: Forward) -> Reply:
        reply = forward()
        text = reply.body.decode(errors="replace")
        for name in ("SecretAccessKey", "SessionToken", "AccessKeyId"):
            secrets.update(re.findall(rf"<{name}>([^<]+)</{name}>", text))
        return reply

    with proxy(served.url, listen) as through:
        code, output = run(
            served, suite, "-vv", "-l", "--showlocals", "--log-level=DEBUG", "--log-cli-level=DEBUG",
            "--log-file=all.log", "--junitxml=junit.xml", "-rA", "--tb=long", *workers, url=through.url,
        )  # fmt: skip
    assert code == 1, output
    assert ("crashed" in output) is bool(workers)
    assert len(secrets) >= 4
    left = {"output": output.encode()}
    left.update({str(p): p.read_bytes() for p in suite.rglob("*") if p.is_file()})
    assert any(name.endswith("all.log") for name in left)
    assert any(name.endswith("junit.xml") for name in left)
    assert any(name.endswith("evidence.json") for name in left)
    for secret in secrets:
        for form in (secret, secret.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")):
            found = [name for name, data in left.items() if form.encode() in data]
            assert found == [], f"a secret of {len(secret)} characters"


FIVE = """\
version: 1
chain: five
accounts: {home: "278805249149"}
policies: {assume: assume.json}
users: {walker: {policies: [assume], access_key: true}}
roles:
"""


@pytest.mark.parametrize(
    ("moment", "workers"),
    [("AttachRolePolicy", ()), ("AssumeRole", ("-n", "2"))]
    + ([("AssumeRole", ()), ("AttachRolePolicy", ("-n", "2"))] if IN_TIME == 7 else []),
)
def test_a_signal_ends_a_run_in_time_where_every_call_is_slow(
    served: Served, suite: Path, moment: str, workers: tuple[str, ...]
) -> None:
    managed = "arn:aws:iam::aws:policy/AmazonEC2FullAccess"
    (suite / "policies" / "small" / "chain.yaml").write_text(
        FIVE
        + "".join(f'  r{n}: {{trust: trust.json, policies: [assume, "{managed}"]}}\n' for n in range(5))
        + "hops:\n"
        + "".join(f"  - {{from: walker, assume: r{n}}}\n" for n in range(5))
        + "expect:\n"
        + "".join(f"  - {{id: reach-{n}, reach: r{n}}}\n" for n in range(5))
    )
    before = served.inventory()
    reached: list[float] = []
    processes: list[subprocess.Popen[str]] = []

    def slow(call: Call, forward: Forward) -> Reply:
        if reached:
            time.sleep(0.2)
        reply = forward()
        if reached:
            time.sleep(0.1)
        if call.operation == moment and not reached:
            reached.append(time.monotonic())
            processes[0].send_signal(signal.SIGTERM)
        return reply

    with proxy(served.url, slow) as through:
        processes.append(start(served, suite, *workers, url=through.url))
        output = processes[0].communicate(timeout=90)[0]
    seconds = time.monotonic() - reached[0]
    assert seconds < IN_TIME, output
    assert served.inventory() == before, output
    assert "no time was left" not in output
    assert list((suite / "reports").glob("*.ledger.jsonl")) == []
    print(f"{seconds:.1f} s")
