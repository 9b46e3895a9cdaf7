"""Seeded runs through bad weather: no wrong verdict, nothing left behind."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rolecall.iam.catalog import load_catalog
from rolecall.provisioning import ProvisioningFailed
from rolecall.runs import Workshop
from rolecall.targets.embedded import EmbeddedTarget
from rolecall.targets.ledgers import find_ledgers
from rolecall.targets.managed_policies import shipped_policy
from rolecall.targets.sweeping import sweep_ledger
from rolecall.verdicts import Status
from tests.account.targets import Clock, make_target, make_workshop
from tests.faults.chains import CHAINS
from tests.faults.proxy import proxy
from tests.faults.weather import Weather

if TYPE_CHECKING:
    from tests.account.conftest import Served

SEEDS = int(os.environ.get("ROLECALL_WEATHER_RUNS", "200" if os.environ.get("ROLECALL_THOROUGH") else "11"))


@lru_cache(maxsize=1)
def truth() -> dict[str, dict[str, Status]]:
    """What each promise comes to where every write is seen at once."""
    target = EmbeddedTarget("moto", "us-east-1", lambda: datetime.now(UTC))
    shop = Workshop(target, load_catalog(), shipped_policy, clock=lambda: datetime.now(UTC))
    found = {}
    for name, chain in CHAINS.items():
        found[name] = {one.id: shop.verify(chain, one).status for one in chain.expectations}
        shop.remove(chain.name)
    shop.close()
    return found


def test_the_chains_are_broken_as_their_names_say() -> None:
    failed = {
        name: [i for i, status in said.items() if status is Status.FAILED] for name, said in truth().items()
    }
    assert failed["base"] == failed["external id"] == failed["trusts the user by name"] == []
    assert "base-user-cannot-describe-ec2" in failed["user sees too much"]
    assert "role-describes-ec2" in failed["role sees nothing"]
    assert "user-reaches-role" in failed["trusts another account"]
    assert "role-describes-ec2" in failed["denied after all"]
    assert "role-sees-no-instances" not in failed["deny beside all"]
    assert failed["a grant too many"] == ["role-lists-no-buckets"]
    assert failed["external id forgotten"] == ["not-without-id"]


def test_no_weather_makes_a_wrong_verdict_or_leaves_anything(served: Served, tmp_path: Path) -> None:
    before = served.inventory()
    told: Counter[str] = Counter()
    for seed in range(SEEDS):
        name = list(CHAINS)[seed % len(CHAINS)]
        chain, clock = CHAINS[name], Clock()
        weather = Weather(seed, clock, served.clients[0], served.access_key_id)
        with proxy(served.url, weather) as through:
            target = make_target(
                through.url, served.credential, tmp_path, f"weather-{seed}", clock=clock, seed=seed,
            )  # fmt: skip
            shop = make_workshop(target)
            for one in chain.expectations:
                verdict = shop.verify(chain, one)
                expected = truth()[name][one.id]
                told["verdicts"] += 1
                told["inconclusive"] += verdict.status is Status.INCONCLUSIVE
                told["attempts"] += sum(o.answer.attempts for o in verdict.observation.calls)
                wrong = verdict.status not in (expected, Status.INCONCLUSIVE)
                assert not wrong, f"seed {seed}, {name}, {one.id}: {verdict.status}: {verdict.reason}"
            assert shop.close() == ()
        assert served.inventory() == before, f"seed {seed}"
        assert find_ledgers(tmp_path) == ()
        told.update(weather.counted)
        told["seconds waited"] += int(clock.now)
    print(f"{SEEDS} runs: {dict(told)}")
    assert told["stale"] > SEEDS
    assert told["unknown key"] > 0
    assert told["inconclusive"] <= told["verdicts"] / 50, told


@pytest.mark.parametrize("calls", [4, 6, 8])
def test_credentials_that_expire_in_the_middle_leave_a_ledger_that_sweeps(
    served: Served, tmp_path: Path, calls: int
) -> None:
    from tests.faults.proxy import Call, Forward, Reply, refusal

    before = served.inventory()

    def expire(call: Call, forward: Forward) -> Reply:
        if call.number > calls:
            return refusal(call, 403, "ExpiredToken", "The security token included in the request is expired")
        return forward()

    with proxy(served.url, expire) as through:
        target = make_target(through.url, served.credential, tmp_path, f"expired-{calls}")
        shop = make_workshop(target)
        with pytest.raises(ProvisioningFailed, match="ExpiredToken"):
            shop.live(CHAINS["base"])
        left = shop.close()
        assert left
        assert all("ExpiredToken" in str(one) for one in left)
    for path in find_ledgers(tmp_path):
        assert sweep_ledger(path, make_target(served.url, served.credential, tmp_path, "sweep")).clean
    assert served.inventory() == before
    assert find_ledgers(tmp_path) == ()
