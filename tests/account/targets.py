"""Targets and workshops for tests, with time under the test's hand."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rolecall.iam.catalog import load_catalog
from rolecall.probes.patience import Patience
from rolecall.runs import Workshop
from rolecall.targets.account import AccountTarget, Remote
from rolecall.targets.managed_policies import shipped_policy
from rolecall.targets.namespace import Namespace
from rolecall.targets.rails import Rails
from rolecall.targets.retries import RetryBudget
from rolecall.targets.sessions import SessionMaker

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def make_target(
    url: str,
    credential: tuple[str, str, str | None],
    ledgers: Path,
    run: str,
    *,
    clock: Clock | None = None,
    seed: int = 1,
    worker: str = "",
    rails: Rails | None = None,
    remote: dict[str, Any] | None = None,
    told: Callable[..., None] = lambda *_: None,
    clock_of_day: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AccountTarget:
    maker = SessionMaker(url)
    chance = random.Random(seed).random  # noqa: S311
    clock = clock or Clock()
    return AccountTarget(
        Remote("endpoint", "us-east-1", url, **{"at_once": 1, **(remote or {})}),
        rails or Rails((), loopback=True, root_refused=False),
        Namespace(run, datetime.now(UTC), worker),
        ledgers,
        Patience(clock.sleep, clock, chance, told=told),
        RetryBudget(clock.sleep, chance),
        credential=credential,
        sessions=maker,
        clock=clock_of_day,
    )


def make_workshop(target: AccountTarget) -> Workshop:
    return Workshop(
        target, load_catalog(), shipped_policy, clock=lambda: datetime.now(UTC), timer=time.perf_counter
    )
