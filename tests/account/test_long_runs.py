"""Sessions that end before the run does, the chain's own and those of the runner in other accounts."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rolecall.chains import load_chain
from rolecall.iam.catalog import load_catalog
from rolecall.runs import Workshop
from rolecall.targets.managed_policies import shipped_policy
from rolecall.verdicts import Status
from tests.account.conftest import ROOT, Served
from tests.account.targets import make_target
from tests.faults.proxy import Call, Forward, Reply, proxy, refusal

if TYPE_CHECKING:
    from rolecall.verdicts import Verdict

ROLES = load_chain(ROOT / "policies" / "role-chaining")
BASE = replace(load_chain(ROOT / "policies" / "assume-role"), resources=())
MESSAGE = "The security token included in the request is expired"


class Clock:
    """The time of day, and how far it was put on."""

    def __init__(self) -> None:
        self.on = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.on


def workshop(url: str, served: Served, ledgers: Path, run: str, clock: Clock) -> Workshop:
    target = make_target(url, served.credential, ledgers, run)
    return Workshop(target, load_catalog(), shipped_policy, clock=clock, timer=time.perf_counter)


def answers(verdict: Verdict) -> str:
    return " ".join(one.answer.answer for one in verdict.observation.calls)


@pytest.mark.parametrize("lives", [4, 7, 12])
def test_a_session_that_is_over_is_renewed_and_its_denials_are_none(
    served: Served, tmp_path: Path, lives: int
) -> None:
    """Each session key is good for a few calls; then AWS says in one way or the other that it is over."""
    used: Counter[str] = Counter()

    def expire(call: Call, forward: Forward) -> Reply:
        if not call.key_id.startswith("ASIA"):
            return forward()
        used[call.key_id] += 1
        if used[call.key_id] <= lives:
            return forward()
        code = "RequestExpired" if call.service == "ec2" else "ExpiredToken"
        return refusal(call, 400 if call.service == "ec2" else 403, code, MESSAGE)

    with proxy(served.url, expire) as through:
        shop = workshop(through.url, served, tmp_path, f"mortal-{lives}", Clock())
        found = [shop.verify(ROLES, one) for one in ROLES.expectations]
        assert shop.close() == ()
    assert {one.status for one in found} <= {Status.PASSED, Status.INCONCLUSIVE}
    assert sum(one.status is Status.PASSED for one in found) >= len(found) - (2 if lives > 4 else 6)
    assert any("the session was renewed" in answers(one) for one in found)
    assert max(used.values()) > lives


def test_a_session_is_renewed_before_it_ends_by_the_clock(served: Served, tmp_path: Path) -> None:
    clock = Clock()
    with proxy(served.url, lambda call, forward: forward()) as through:
        shop = workshop(through.url, served, tmp_path, "hours-1", clock)
        for one in (*BASE.expectations, *BASE.expectations):
            before = sum(call.operation == "AssumeRole" for call in through.calls)
            verdict = shop.verify(BASE, one)
            assert verdict.status is Status.PASSED, verdict.reason
            clock.on += timedelta(minutes=58)
            if one.id == "role-describes-ec2" and clock.on > timedelta(hours=4):
                assert sum(call.operation == "AssumeRole" for call in through.calls) > before
                assert "the session was renewed" in answers(verdict)
        assert shop.close() == ()


def test_a_denial_from_a_session_that_is_over_never_counts(served: Served, tmp_path: Path) -> None:
    """The clock passes the session's end while a call is under way, and the answer is a denial."""
    clock = Clock()
    denied: list[str] = []

    def deny(call: Call, forward: Forward) -> Reply:
        if call.service != "ec2" or not call.key_id.startswith("ASIA"):
            return forward()
        if not denied or call.key_id == denied[0]:
            denied.append(call.key_id)
            clock.on = timedelta(hours=1, minutes=1)
            return refusal(call, 403, "UnauthorizedOperation", "You are not authorized")
        return forward()

    (promise,) = (one for one in BASE.expectations if one.id == "role-describes-ec2")
    with proxy(served.url, deny) as through:
        shop = workshop(through.url, served, tmp_path, "late-1", clock)
        verdict = shop.verify(BASE, promise)
        assert verdict.status is Status.PASSED, verdict.reason
        assert "the session was renewed" in answers(verdict)
        assert len(denied) == 1
        assert shop.close() == ()
