"""What a call carries is its caller's to choose: a denial that ends with it is no denial until it is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rolecall.verdicts import Status, Verdict

Verified = Callable[[Path], dict[str, Verdict]]
HOME = "636363636363"
ROLE, BUCKET = f"arn:aws:iam::{HOME}:role/admin", "arn:aws:s3:::example-carried"
TABLE = f"arn:aws:dynamodb:eu-west-1:{HOME}:table/items"
GROUP = f"arn:aws:logs:eu-west-1:{HOME}:log-group:/app/web"


def policy(action: str, effect: str = "Allow", resource: str = "*", **condition: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": effect, "Action": action, "Resource": resource}
    return {**made, "Condition": condition} if condition else made


HELD = [
    policy("iam:PassRole", StringEquals={"iam:PassedToService": "ec2.amazonaws.com"}),
    policy("ec2:CreateVolume", StringEquals={"aws:RequestTag/owner": "${aws:username}"}),
    policy("s3:ListBucket", StringLike={"s3:prefix": "home/*"}, NumericLessThan={"s3:max-keys": "10"}),
    policy("s3:ListAllMyBuckets", **{"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}}),
    policy("ec2:StopInstances", StringEquals={"aws:ResourceTag/owner": "${aws:username}"}),
    policy("dynamodb:DeleteTable", StringEquals={"aws:ResourceTag/owner": "${aws:username}"}),
    policy("s3:PutObject"),
    policy("s3:PutObject", "Deny", StringNotEquals={"s3:x-amz-server-side-encryption": "aws:kms"}),
    policy("sts:AssumeRole"),
    policy("s3:DeleteBucket", StringEquals={"aws:PrincipalTag/team": "ops"}),
    policy("sqs:DeleteQueue", StringEquals={"aws:RequestTag/owner": "${aws:username}"}),
    policy("sqs:DeleteQueue", "Deny"),
    policy("logs:*", resource=f"{GROUP}:*"),
]
TRUST = {
    "Effect": "Allow",
    "Action": "sts:AssumeRole",
    "Principal": {"AWS": HOME},
    "Condition": {"StringEquals": {"sts:ExternalId": "told"}},
}
TO_LAMBDA = {"when": {"iam:PassedToService": "lambda.amazonaws.com"}}
TO_EC2 = {"when": {"iam:PassedToService": "ec2.amazonaws.com"}}
PASSED, FAILED, INCONCLUSIVE = Status.PASSED, Status.FAILED, Status.INCONCLUSIVE
PROMISES: dict[str, tuple[dict[str, Any], Status, str]] = {
    "pass-role": ({"deny": "iam:PassRole", "on": ROLE}, INCONCLUSIVE, "iam:PassedToService"),
    "pass-any-role": ({"deny": "iam:*"}, INCONCLUSIVE, "iam:PassedToService"),
    "tags": ({"deny": "ec2:CreateVolume"}, INCONCLUSIVE, "aws:RequestTag/owner"),
    "prefix-and-number": ({"deny": "s3:ListBucket", "on": BUCKET}, INCONCLUSIVE, "s3:"),
    "header": ({"deny": "s3:PutObject", "on": f"{BUCKET}/x"}, INCONCLUSIVE, "s3:x-amz-server-side"),
    "external-id": ({"deny": "sts:AssumeRole", "on": ROLE}, INCONCLUSIVE, "sts:ExternalId"),
    "tags-of-what-nobody-declares": ({"deny": "ec2:StopInstances"}, INCONCLUSIVE, "aws:ResourceTag/owner"),
    "tags-of-what-is-declared": ({"deny": "dynamodb:DeleteTable", "on": TABLE}, PASSED, ""),
    "told": ({"deny": "iam:PassRole", "on": ROLE, **TO_LAMBDA}, PASSED, ""),
    "told-otherwise": ({"deny": "iam:PassRole", "on": ROLE, **TO_EC2}, FAILED, ""),
    "named": ({"deny": "iam:PassRole", "because": {"condition_key": "iam:PassedToService"}}, PASSED, ""),
    "not-as-it-is-called": ({"allow": "iam:PassRole", "on": ROLE}, FAILED, ""),
    "not-the-caller's-to-choose": ({"deny": "s3:DeleteBucket", "on": BUCKET}, PASSED, ""),
    "denied-in-any-case": ({"deny": "sqs:DeleteQueue"}, PASSED, ""),
    "not-listed-for-the-action": ({"deny": "s3:ListAllMyBuckets"}, PASSED, ""),
    "never-granted": ({"deny": "iam:DeleteUser"}, PASSED, ""),
    "log-group": ({"deny": "logs:DeleteLogGroup", "on": GROUP}, FAILED, ""),
    "log-group-seen": ({"allow": "logs:DescribeLogStreams", "on": GROUP}, PASSED, ""),
    "tags-of-a-log-group": ({"deny": "logs:ListTagsForResource", "on": GROUP}, PASSED, ""),
}


@pytest.fixture
def verdicts(tmp_path: Path, verified: Verified) -> dict[str, Verdict]:
    for name, held in (("held", HELD), ("trust", [TRUST])):
        (tmp_path / f"{name}.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": held}))
    manifest = {
        "version": 1,
        "chain": "carried",
        "region": "eu-west-1",
        "accounts": {"home": HOME},
        "users": {"ann": {"inline": {"held": "held.json"}, "access_key": True}},
        "roles": {"admin": {"trust": "trust.json"}},
        "resources": [
            {"dynamodb_table": {"name": "items"}},
            {"s3_bucket": {"name": "example-carried"}},
            {"log_group": {"name": "/app/web"}},
        ],
        "expect": [{"id": name.replace("'", ""), "as": "ann", **it} for name, (it, _, _) in PROMISES.items()],
    }
    (tmp_path / "chain.yaml").write_text(json.dumps(manifest))
    return verified(tmp_path)


def test_a_denial_that_a_call_can_escape_is_inconclusive(verdicts: dict[str, Verdict]) -> None:
    found = {name: verdicts[name.replace("'", "")] for name in PROMISES}
    assert {name: verdict.status for name, verdict in found.items()} == {
        name: status for name, (_, status, _) in PROMISES.items()
    }
    for name, (_, _, key) in PROMISES.items():
        assert not key or found[name].reason.startswith(f"this hangs on {key}"), found[name].reason
        assert found[name].disagreement == ""
