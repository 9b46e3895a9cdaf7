"""kill -9 before and after every single API call of a provisioning and of a teardown: nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rolecall.targets.ledgers import find_ledgers
from rolecall.targets.sweeping import find_left, sweep_found, sweep_ledger
from tests.account.conftest import ACCOUNT, ROOT, Served
from tests.account.targets import make_target
from tests.faults.proxy import Call, Forward, Proxy, Reply, proxy

if TYPE_CHECKING:
    from collections.abc import Iterator


# Every call of all four ways takes minutes; by default every second or third write.
THOROUGH = bool(os.environ.get("ROLECALL_THOROUGH"))


class Breeder:
    """The process whose children are killed."""

    def __init__(self, served: Served) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.account.victim"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=served.environment,
        )
        self.pid = 0

    def start(self, *words: str) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        self.pid = int(self.process.stdout.readline().split()[1])

    def wait(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline().split()[1])


@pytest.fixture(scope="module")
def breeder(served: Served) -> Iterator[Breeder]:
    made = Breeder(served)
    yield made
    assert made.process.stdin is not None
    assert made.process.stdout is not None
    made.process.stdin.close()
    made.process.wait(10)
    made.process.stdout.close()


class Killer:
    """Kills at a call, before it is forwarded or after it was answered."""

    def __init__(self, breeder: Breeder) -> None:
        self.breeder = breeder
        self.at = 0
        self.after = False
        self.count = 0
        self.killed = ""

    def __call__(self, call: Call, forward: Forward) -> Reply:
        self.count += call.writes or THOROUGH
        if not (call.writes or THOROUGH) or self.count != self.at:
            return forward()
        self.killed = f"{call.operation} ({'after' if self.after else 'before'})"
        if self.after:
            forward()
        os.kill(self.breeder.pid, signal.SIGKILL)
        return Reply(500, b"")

    def aim(self, at: int, *, after: bool) -> None:
        self.at, self.after, self.count, self.killed = at, after, 0, ""


@contextmanager
def killing(served: Served, breeder: Breeder) -> Iterator[tuple[Proxy, Killer]]:
    killer = Killer(breeder)
    with proxy(served.url, killer) as through:
        yield through, killer


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("by", ["ledger", "path"])
def test_whatever_call_a_run_is_killed_at_sweep_leaves_nothing(
    served: Served, breeder: Breeder, others: dict[str, frozenset[str]], tmp_path: Path, after: bool, by: str
) -> None:
    ends: list[tuple[str, int]] = []
    with killing(served, breeder) as (through, killer):
        number = 0
        while True:
            number += 1 if THOROUGH else 2 if by == "ledger" else 3
            run = f"kill-{by}-{after:d}-{number}"
            ledgers = tmp_path / run
            ledgers.mkdir()
            killer.aim(number, after=after)
            breeder.start(through.url, served.access_key_id, served.secret_access_key, str(ledgers), run)
            status = breeder.wait()
            if not killer.killed:
                assert status == 0, "a run that was not killed leaves nothing by itself"
                assert find_ledgers(ledgers) == ()
                break
            assert status == signal.SIGKILL
            target = make_target(served.url, served.credential, ledgers, "sweep")
            if by == "ledger":
                left = [left for path in find_ledgers(ledgers) for left in sweep_ledger(path, target).left]
                assert find_ledgers(ledgers) == (), killer.killed
            else:
                found = [
                    f for f in find_left(target, ACCOUNT, "ap-northeast-2", lambda _: None) if f.run == run
                ]
                left = list(sweep_found(found, target).left)
            assert left == [], killer.killed
            ends.append((killer.killed, len(served.inventory()["roles"] - others["roles"])))
            assert served.inventory() == others, killer.killed
    assert len(ends) >= (28 if THOROUGH else 7 if by == "ledger" else 4), ends
