"""The scenario table: what AWS documents for a situation, in process, over HTTP and with the command line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from rolecall.targets.moto import enforcing_moto
from rolecall.targets.server import enforcing_server
from tests.enforcement.scenarios import (
    credentials,
    encryption,
    identity,
    principals,
    privileged,
    resources,
    services,
    sts,
)
from tests.enforcement.scenarios.command_line import VERSIONS, CommandLineWorld, aws_command
from tests.enforcement.scenarios.world import Scenario, World

if TYPE_CHECKING:
    import os
from collections.abc import Iterator

SCENARIOS = [
    *identity.SCENARIOS,
    *services.SCENARIOS,
    *resources.SCENARIOS,
    *credentials.SCENARIOS,
    *encryption.SCENARIOS,
    *sts.SCENARIOS,
    *principals.SCENARIOS,
    *privileged.SCENARIOS,
]
WAYS = {"in-process": enforcing_moto, "http": enforcing_server}


# One or two of each kind: a command takes a second, a call of boto3 some milliseconds.
BY_COMMAND = frozenset(
    [
        "allowed-action",
        "explicit-deny-wins",
        "boundary-limits",
        "session-policy-limits",
        "request-tag-missing",
        "scp-without-allow",
        "mfa-demanded",
        "aws-managed-policy",
        "ec2-dry-run-allowed",
        "ec2-dry-run-denied",
        "run-instances-needs-pass-role",
        "stop-other-instance",
        "s3-get-object",
        "s3-get-object-elsewhere",
        "s3-missing-key-without-list",
        "bucket-policy-names-user",
        "dynamodb-table",
        "dynamodb-other-leading-key",
        "sqs-other-queue",
        "sns-denied",
        "lambda-untag-other-key",
        "secret-elsewhere",
        "ssm-parameter-elsewhere",
        "log-group",
        "wrong-secret-s3",
        "unknown-key-dynamodb",
        "session-key-without-token",
        "deleted-key",
        "session-token-at-iam",
        "federated-user-shares",
        "web-identity",
        "web-identity-of-another-branch",
        "decode-message",
        "decode-needs-permission",
    ]
)


@pytest.fixture(scope="module", params=list(WAYS))
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with WAYS[request.param](account_id="111122223333", region="us-east-1") as aws:
        yield World(aws)


@pytest.fixture(scope="module")
def command_line(request: pytest.FixtureRequest) -> Iterator[World]:
    command = aws_command(request.param)
    if command is None:
        pytest.skip(f"version {request.param} of the aws command is not installed")
    # moto's state is one for the process: an account of its own keeps this world apart from the other ones.
    with enforcing_server(account_id=f"22223333444{request.param}", region="us-east-1") as aws:
        yield CommandLineWorld(aws, command=command)


def _played() -> Iterator[tuple[int, Scenario]]:
    """Every row by one version of the command or the other in turn; by both in a thorough run."""
    rows = [item for item in SCENARIOS if item.id in BY_COMMAND]
    both = bool(os.environ.get("ROLECALL_THOROUGH"))
    for version in VERSIONS:
        yield from ((version, item) for item in (rows if both else rows[version - 1 :: 2]))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_situation_gets_the_documented_answer(world: World, scenario: Scenario) -> None:
    answer = _play(world, scenario)
    if answer is not None and scenario.expect is not None:
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == scenario.expect.status
        assert answer["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize(
    ("command_line", "scenario"),
    [pytest.param(version, item, id=f"aws-v{version}-{item.id}") for version, item in _played()],
    indirect=["command_line"],
)
def test_command_line_gets_the_documented_answer(command_line: World, scenario: Scenario) -> None:
    _play(command_line, scenario)


def _play(world: World, scenario: Scenario) -> dict[str, Any] | None:
    """Make the calls, hold code and message against the table; the refusal, if it is one."""
    if scenario.expect is None:
        scenario.call(world)
        return None
    with pytest.raises(ClientError) as caught:
        scenario.call(world)
    answer: dict[str, Any] = caught.value.response
    assert answer["Error"]["Code"] == scenario.expect.code
    for words in scenario.expect.says:
        assert words in answer["Error"]["Message"]
    return answer


def test_scenario_ids_are_unique() -> None:
    ids = [scenario.id for scenario in SCENARIOS]
    assert len(ids) == len(set(ids))
    assert set(ids) >= BY_COMMAND
