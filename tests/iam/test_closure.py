"""What a principal may do somewhere: a closure never misses a resource that every stage allows."""

from __future__ import annotations

import time

import pytest

from rolecall.iam import Policies, Policy, closure, evaluate, parse_policy, read_principal
from rolecall.iam.requests import Request

USER = read_principal("arn:aws:iam::111122223333:user/a")


def allow(*resources: str) -> Policy:
    return parse_policy(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Action": "*", "Resource": list(resources)},
        }
    )


@pytest.mark.parametrize(
    "patterns",
    [
        ("arn:aws:s3:::*-prod/*", "arn:aws:s3:::team-*/*", "arn:aws:s3:::*/public/*"),
        ("arn:aws:s3:::*a?/*", "arn:aws:s3:::b*", "arn:aws:s3:::*x/k"),
        ("arn:aws:s3:::none", "arn:aws:s3:::team-*/*", "arn:aws:s3:::*/public/*"),
        ("arn:aws:s3", "arn:aws:s3:::b/*", "arn:aws:s3:::*/k"),
    ],
)
def test_where_all_three_stages_pick_their_resources_their_meeting_is_found(
    patterns: tuple[str, ...],
) -> None:
    """UG: reference_policies_evaluation-logic: identity policy, boundary and SCP must each allow."""
    identity, boundary, scp = map(allow, patterns)
    policies = Policies(identity=(identity,), boundary=(boundary,), scps=((scp,),))
    found = closure(USER, policies, ["s3:GetObject"])
    if "none" in patterns[0]:
        assert found == ()
        return
    (reach,) = found
    assert not reach.conditional
    assert evaluate(Request(USER, "s3:GetObject", reach.resource), policies).allowed


def test_an_incomplete_arn_is_reached_too() -> None:
    """UG: reference-arns: an incomplete ARN in an identity policy is completed with wildcards."""
    (reach,) = closure(USER, Policies(identity=(allow("arn:aws:sqs"),)), ["sqs:SendMessage"])
    assert reach.resource.startswith("arn:aws:sqs:")


def test_patterns_that_meet_nowhere_are_given_up_in_time() -> None:
    many = [f"*a*b*c*{number}*x{number}" for number in range(12)]
    ends = [f"{pattern}y" for pattern in many]
    policies = Policies(identity=(allow(*many),), boundary=(allow(*ends),), scps=((allow("*z?*w"),),))
    start = time.perf_counter()
    assert closure(USER, policies, ["s3:GetObject"]) == ()
    assert time.perf_counter() - start < 5
