"""Reasons, resources, context and wildcards of expectations, on chains that are built for the purpose."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.chains import load_chain
from rolecall.iam.catalog import load_catalog
from rolecall.probes import Seen
from rolecall.runs import Workshop
from rolecall.targets.embedded import EmbeddedTarget
from rolecall.targets.managed_policies import shipped_policy
from rolecall.verdicts import Status, Verdict
from tests.shapes.conftest import POLICIES, _now

Verified = Callable[[Path], dict[str, Verdict]]

MANIFEST = """\
version: 1
chain: expectations
region: eu-west-3
accounts: {home: "606060606060"}
policies: {reader: reader.json}
users: {ann: {policies: [reader], access_key: true}}
resources:
  - {s3_bucket: {name: example-open}}
  - {s3_bucket: {name: example-shut}}
  - {ec2_instance: {name: web, tags: {team: blue}}}
expect:
"""
READER = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Buckets", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::example-*"},
    {"Sid": "Shut", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::example-shut"},
    {"Sid": "Here", "Effect": "Allow", "Action": "sqs:List*", "Resource": "*",
     "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-3"}}},
    {"Sid": "Office", "Effect": "Allow", "Action": "sns:ListTopics", "Resource": "*",
     "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}},
    {"Sid": "Team", "Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
     "Condition": {"StringEquals": {"ec2:ResourceTag/team": "blue"}}}
  ]
}
"""


@pytest.fixture
def verdict(tmp_path: Path, verified: Verified) -> Callable[[str], Verdict]:
    """A function from one line of expectation to its verdict."""

    def one(line: str) -> Verdict:
        (tmp_path / "chain.yaml").write_text(f"{MANIFEST}  - {{id: it, as: ann, {line}}}\n")
        (tmp_path / "reader.json").write_text(READER)
        found = verified(tmp_path)["it"]
        assert found.disagreement == ""
        return found

    return one


SHUT = 'deny: "s3:ListBucket", on: "arn:aws:s3:::example-shut"'


@pytest.mark.parametrize(
    ("because", "said"),
    [
        ("explicit", ""),
        ("{kind: explicit, stage: identity, statement: Shut}", ""),
        ("{statement: 1, policy: reader.json}", ""),
        ("implicit", "promised an implicit deny"),
        ("{stage: boundary}", "promised the permissions boundary"),
        ("{statement: Buckets}", "promised statement Buckets, found reader statement 1"),
        ("{policy: other.json}", "promised other.json, found reader statement 1"),
        ('{condition_key: "aws:SourceIp"}', "promised a condition on aws:SourceIp, found none"),
    ],
)
def test_a_denial_for_another_reason_than_promised_fails_and_says_both(
    because: str, said: str, verdict: Callable[[str], Verdict]
) -> None:
    found = verdict(f"{SHUT}, because: {because}")

    assert found.status is (Status.FAILED if said else Status.PASSED)
    assert said in found.reason


def test_on_is_asked_for_each_resource_and_one_that_differs_fails(verdict: Callable[[str], Verdict]) -> None:
    both = '["arn:aws:s3:::example-open", "arn:aws:s3:::example-shut"]'

    found = verdict(f'allow: "s3:ListBucket", on: {both}')

    assert found.status is Status.FAILED
    assert [call.answer.seen for call in found.observation.calls] == [Seen.ALLOWED, Seen.DENIED]
    assert 'reader statement 1 "Shut"' in found.reason


def test_a_region_in_when_is_called_for_real(verdict: Callable[[str], Verdict]) -> None:
    here = verdict('allow: "sqs:ListQueues"')
    elsewhere = verdict(
        'deny: "sqs:ListQueues", when: {"aws:RequestedRegion": us-east-1}, '
        'because: {statement: Here, condition_key: "aws:RequestedRegion"}'
    )

    assert (here.status, elsewhere.status) == (Status.PASSED, Status.PASSED)
    assert len(elsewhere.observation.calls) == 1


def test_other_context_in_when_is_decided_by_the_engine_alone(verdict: Callable[[str], Verdict]) -> None:
    inside = verdict('allow: "sns:ListTopics", when: {"aws:SourceIp": 192.0.2.7}')
    outside = verdict('allow: "sns:ListTopics", when: {"aws:SourceIp": 198.51.100.7}')

    assert (inside.status, outside.status) == (Status.PASSED, Status.FAILED)
    assert "decided by the engine alone" in inside.reason


def test_a_wildcard_stands_for_every_known_action_and_one_that_differs_fails(
    verdict: Callable[[str], Verdict],
) -> None:
    assert verdict('allow: "sqs:List*"').status is Status.PASSED
    assert verdict('deny: "iam:*"').status is Status.PASSED

    found = verdict('deny: "sqs:*"')

    assert found.status is Status.FAILED
    assert "reader statement 2" in found.reason


def test_a_wildcard_that_matches_no_known_action_fails(verdict: Callable[[str], Verdict]) -> None:
    found = verdict('deny: "sqs:Frobnicate*"')

    assert found.status is Status.FAILED
    assert "no known action matches" in found.reason


def test_an_instance_is_meant_by_its_declared_name_and_asked_by_its_id(
    verdict: Callable[[str], Verdict],
) -> None:
    found = verdict('allow: "ec2:StopInstances", on: "arn:aws:ec2:eu-west-3:606060606060:instance/web"')

    (call,) = found.observation.calls
    assert (found.status, call.answer.error_code) == (Status.PASSED, "DryRunOperation")


class _WithoutOrganization(EmbeddedTarget):
    """A target on which no organization's policies are in force."""

    has_organization = False


def test_where_the_target_has_no_organization_the_engine_decides_alone_and_says_so() -> None:
    chain = load_chain(POLICIES / "organization")
    workshop = Workshop(
        _WithoutOrganization("moto", "us-east-1", _now), load_catalog(), shipped_policy, clock=_now
    )
    verdicts = {name: workshop.verify(chain, chain.expectation(name)) for name in (
        "rcp-keeps-the-partner-out", "scp-denies-another-region", "our-region")}  # fmt: skip

    assert workshop.close() == ()
    assert {found.status for found in verdicts.values()} == {Status.PASSED}
    for name in ("rcp-keeps-the-partner-out", "scp-denies-another-region"):
        assert verdicts[name].observation.calls == ()
        assert (
            "decided by the engine alone: the organization's policies are not in force"
            in verdicts[name].reason
        )
    assert len(verdicts["our-region"].observation.calls) == 1


@pytest.mark.parametrize("target", ["moto", "server"])
@pytest.mark.parametrize(
    ("line", "status", "code"),
    [
        ('deny: "appflow:DescribeConnectorProfiles"', Status.PASSED, "AccessDeniedException"),
        ('allow: "appflow:DescribeConnectorProfiles"', Status.FAILED, "AccessDeniedException"),
        ('allow: "lightsail:GetInstances"', Status.PASSED, "NotImplemented"),
        ('deny: "lightsail:GetInstances"', Status.FAILED, "NotImplemented"),
    ],
)
def test_what_moto_lacks_has_a_verdict_too(
    target: str, line: str, status: Status, code: str, tmp_path: Path
) -> None:
    (tmp_path / "chain.yaml").write_text(f"{MANIFEST}  - {{id: it, as: ann, {line}}}\n")
    reader = json.loads(READER)
    reader["Statement"].append({"Effect": "Allow", "Action": "lightsail:Get*", "Resource": "*"})
    (tmp_path / "reader.json").write_text(json.dumps(reader))
    workshop = Workshop(EmbeddedTarget(target, "eu-west-3", _now), load_catalog(), shipped_policy, clock=_now)
    try:
        chain = load_chain(tmp_path)
        found = workshop.verify(chain, chain.expectations[0])
        assert found.status is status
        assert [call.answer.error_code for call in found.observation.calls] == [code]
    finally:
        workshop.close()


def test_what_a_session_hands_on_cannot_be_set_anew(verified: Verified, copy: Callable[[str], Path]) -> None:
    folder = copy("role-chaining")
    manifest = folder / "chain.yaml"
    more = """expect:
  - {id: tag-set-anew, hop: deploy, with: {tags: {PROJECT: green}}, because: {stage: call}}
  - {id: name-set-anew, hop: deploy, with: {source_identity: bob}, because: {stage: call}}
  - {id: name-said-again, hop: deploy, with: {source_identity: alice}, allow: "sts:AssumeRole"}
"""
    manifest.write_text(manifest.read_text().replace("expect:\n", more))
    verdicts = verified(folder)
    for name in ("tag-set-anew", "name-set-anew", "name-said-again"):
        assert verdicts[name].status is Status.PASSED, verdicts[name].reason
        assert verdicts[name].disagreement == ""
    assert verdicts["tag-set-anew"].prediction.allowed is False
