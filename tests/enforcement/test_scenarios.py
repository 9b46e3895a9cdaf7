"""The scenario table: what AWS documents for a situation, in process and over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from rolecall.targets.moto import enforcing_moto
from rolecall.targets.server import enforcing_server
from tests.enforcement.scenarios import credentials, identity, services
from tests.enforcement.scenarios.world import Refused, Scenario, World

if TYPE_CHECKING:
    from collections.abc import Iterator

SCENARIOS = [*identity.SCENARIOS, *services.SCENARIOS, *credentials.SCENARIOS]
WAYS = {"in-process": enforcing_moto, "http": enforcing_server}


@pytest.fixture(scope="module", params=list(WAYS))
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with WAYS[request.param](account_id="111122223333", region="us-east-1") as aws:
        yield World(aws)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_situation_gets_the_documented_answer(world: World, scenario: Scenario) -> None:
    if scenario.expect is None:
        scenario.call(world)
        return
    with pytest.raises(ClientError) as caught:
        scenario.call(world)
    answer = caught.value.response
    expected: Refused = scenario.expect
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (
        expected.code,
        expected.status,
    )
    for words in expected.says:
        assert words in answer["Error"]["Message"]
    assert answer["ResponseMetadata"]["RequestId"]


def test_scenario_ids_are_unique() -> None:
    ids = [scenario.id for scenario in SCENARIOS]
    assert len(ids) == len(set(ids))
