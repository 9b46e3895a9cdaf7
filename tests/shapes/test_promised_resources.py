"""What a promise about an action stands for: no denial is vacuous, and no call is about something else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rolecall.verdicts import Status, Verdict

Verified = Callable[[Path], dict[str, Verdict]]
HOME, OTHER = "606060606060", "707070707070"
MANIFEST = f"""\
version: 1
chain: promised
region: eu-west-3
accounts: {{home: "{HOME}", other: "{OTHER}"}}
policies:
  held: {{file: held.json, account: home}}
  foreign: {{file: held.json, account: other}}
users:
  ann: {{account: home, policies: [held], access_key: true}}
  bob: {{account: home, policies: [held], access_key: true}}
  zoe: {{account: other, policies: [foreign], access_key: true}}
roles:
  role: {{account: home, trust: trust.json}}
resources:
  - s3_bucket: {{account: home, name: promised-data, policy: bucket.json, objects: {{a: text}}}}
  - ssm_parameter: {{account: home, name: /app/version, value: "1"}}
  - dynamodb_table: {{account: home, name: items}}
  - kms_key: {{account: home, name: plain}}
  - kms_key: {{account: home, name: guarded, policy: key.json}}
"""


def allow(actions: Any, resources: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def deny(actions: Any, resources: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": actions, "Resource": resources}


@pytest.fixture
def verdicts(tmp_path: Path, verified: Verified) -> Callable[..., dict[str, Verdict]]:
    """A function from statements that everybody holds, and lines of promises, to their verdicts."""

    def make(statements: list[dict[str, Any]], *lines: str, bucket: Any = None) -> dict[str, Verdict]:
        folder = tmp_path / "promised"
        folder.mkdir(exist_ok=True)
        promises = "".join(f"  - {{id: e{number}, {line}}}\n" for number, line in enumerate(lines))
        (folder / "chain.yaml").write_text(f"{MANIFEST}expect:\n{promises}")
        trust = {"Effect": "Allow", "Principal": {"AWS": HOME}, "Action": "sts:AssumeRole"}
        nobody = {
            **allow("s3:GetObject", "arn:aws:s3:::promised-data/*"),
            "Principal": {"Service": "ec2.amazonaws.com"},
        }
        key = [
            {**allow("kms:*", "*"), "Principal": {"AWS": HOME}},
            {**deny("kms:*", "*"), "Principal": {"AWS": f"arn:aws:iam::{HOME}:user/bob"}},
        ]
        for name, held in (
            ("key", key),
            ("held", statements),
            ("trust", [trust]),
            ("bucket", [bucket or nobody]),
        ):
            text = json.dumps({"Version": "2012-10-17", "Statement": held})
            (folder / f"{name}.json").write_text(text)
        found = verified(folder)
        assert {one.disagreement for one in found.values()} == {""}
        return found

    return make


VACUOUS = {  # what is held, a denial that would be vacuous, on what it turns out to be allowed
    "one-bucket": (
        allow("s3:GetObject", "arn:aws:s3:::secrets/*"),
        'deny: "s3:GetObject"',
        "arn:aws:s3:::secrets/",
    ),
    "one-table": (
        allow("dynamodb:DeleteTable", f"arn:aws:dynamodb:*:{HOME}:table/prod-*"),
        'deny: "dynamodb:DeleteTable"',
        ":table/prod-",
    ),
    "wildcard": (allow("s3:PutObject", "arn:aws:s3:::b/in/*"), 'deny: "s3:*"', "arn:aws:s3:::b/in/"),
    "pattern": (
        allow("s3:GetObject", "arn:aws:s3:::b/public/*"),
        'deny: "s3:GetObject", on: ["arn:aws:s3:::b/*"]',
        "arn:aws:s3:::b/public/",
    ),
    "undeclared-role": (
        allow("sts:AssumeRole", f"arn:aws:iam::{HOME}:role/admin-*"),
        'deny: "sts:AssumeRole"',
        ":role/admin-",
    ),
    "any-key": (allow("kms:CreateGrant", f"arn:aws:kms:*:{HOME}:key/*"), 'deny: "kms:CreateGrant"', ":key/"),
    "declared-role": (allow("sts:AssumeRole", "*"), 'deny: "sts:AssumeRole"', ":role/role"),
    "not-resource": (
        {"Effect": "Allow", "Action": "sqs:SendMessage", "NotResource": "arn:aws:sqs:*:*:audit"},
        'deny: "sqs:SendMessage"',
        "allowed by held statement 0",
    ),
}


@pytest.mark.parametrize("name", VACUOUS)
def test_a_denial_everywhere_fails_where_any_resource_is_allowed(
    name: str, verdicts: Callable[..., dict[str, Verdict]]
) -> None:
    held, line, where = VACUOUS[name]
    verdict = verdicts([held], f"as: ann, {line}")["e0"]
    assert verdict.status is Status.FAILED
    assert where in verdict.reason


def test_a_denial_everywhere_holds_where_a_deny_or_a_condition_covers_all(
    verdicts: Callable[..., dict[str, Verdict]],
) -> None:
    held = [
        allow("s3:GetObject", "arn:aws:s3:::b/*"),
        deny("s3:GetObject", "arn:aws:s3:::b/*"),
        allow("sqs:SendMessage", "*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        # A bucket is no object: this allows ListBucket alone.
        allow("s3:*", "arn:aws:s3:::listed"),
    ]
    found = verdicts(
        held, 'as: ann, deny: ["s3:GetObject", "sqs:SendMessage"]', 'as: ann, deny: "s3:ListBucket"'
    )
    assert found["e0"].status is Status.PASSED, found["e0"].reason
    assert found["e1"].status is Status.FAILED


def test_a_denial_everywhere_sees_what_a_bucket_policy_gives(
    verdicts: Callable[..., dict[str, Verdict]],
) -> None:
    given = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{HOME}:user/ann"},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::promised-data/*",
    }
    nothing = [allow("iam:GetRole", "*")]
    found = verdicts(nothing, 'as: ann, deny: "s3:GetObject"', 'as: bob, deny: "s3:GetObject"', bucket=given)
    assert found["e0"].status is Status.FAILED
    assert "promised-data/" in found["e0"].reason
    assert found["e1"].status is Status.PASSED


def test_a_pattern_is_allowed_only_where_all_of_it_is(verdicts: Callable[..., dict[str, Verdict]]) -> None:
    held = [allow("s3:GetObject", "arn:aws:s3:::b/*"), deny("s3:*", "arn:aws:s3:::b/secret/*")]
    found = verdicts(
        held,
        'as: ann, allow: "s3:GetObject", on: ["arn:aws:s3:::b/*"]',
        'as: ann, allow: "s3:GetObject", on: ["arn:aws:s3:::b/open/*"]',
    )
    assert found["e0"].status is Status.FAILED
    assert "arn:aws:s3:::b/secret/" in found["e0"].reason
    assert found["e1"].status is Status.PASSED


@pytest.mark.parametrize("word", ["allow", "deny"])
def test_an_action_on_resources_that_it_never_takes_is_no_promise(
    word: str, verdicts: Callable[..., dict[str, Verdict]]
) -> None:
    held = [allow("s3:ListBucket", "*")] if word == "allow" else [allow("s3:ListBucket", "arn:aws:s3:::b")]
    verdict = verdicts(held, f'as: ann, {word}: "s3:ListBucket", on: ["arn:aws:s3:::b/*"]')["e0"]
    assert verdict.status is Status.FAILED
    assert "never decided on arn:aws:s3:::b/*: it takes" in verdict.reason


def test_of_several_resources_an_action_is_held_to_those_that_it_takes(
    verdicts: Callable[..., dict[str, Verdict]],
) -> None:
    both = ["arn:aws:s3:::promised-data", "arn:aws:s3:::promised-data/*"]
    held = [allow("s3:ListBucket", both[0]), allow("s3:GetObject", both[1])]
    verdict = verdicts(held, f'as: ann, allow: ["s3:ListBucket", "s3:GetObject"], on: {json.dumps(both)}')[
        "e0"
    ]
    assert verdict.status is Status.PASSED, verdict.reason


def test_an_action_without_resources_is_decided_on_everything(
    verdicts: Callable[..., dict[str, Verdict]],
) -> None:
    """AWS asks DescribeInstances on ``*``: a policy that names instances does not allow it."""
    arn = f"arn:aws:ec2:eu-west-3:{HOME}:instance/i-0123456789abcdef0"
    held = [allow("ec2:DescribeInstances", arn), allow("s3:ListAllMyBuckets", "arn:aws:s3:::*")]
    found = verdicts(
        held,
        f'as: ann, deny: "ec2:DescribeInstances", on: ["{arn}"]',
        'as: ann, allow: "s3:ListAllMyBuckets"',
    )
    assert found["e0"].status is Status.PASSED, found["e0"].reason
    assert found["e0"].observation.calls
    assert found["e1"].status is Status.PASSED, found["e1"].reason


OTHERS = {  # a call with the same name means something else in the caller's own account
    "ssm:GetParameter": f"arn:aws:ssm:eu-west-3:{HOME}:parameter/app/version",
    "iam:GetUser": f"arn:aws:iam::{HOME}:user/ann",
    "iam:GetRole": f"arn:aws:iam::{HOME}:role/role",
}


@pytest.mark.parametrize("action", OTHERS)
def test_a_name_in_the_callers_own_account_is_no_resource_of_another(
    action: str, verdicts: Callable[..., dict[str, Verdict]]
) -> None:
    verdict = verdicts([allow(action, "*")], f'as: zoe, deny: "{action}", on: ["{OTHERS[action]}"]')["e0"]
    assert verdict.status is Status.PASSED, verdict.reason
    assert not verdict.observation.calls


def test_another_accounts_table_is_asked_by_its_arn(verdicts: Callable[..., dict[str, Verdict]]) -> None:
    arn = f"arn:aws:dynamodb:eu-west-3:{HOME}:table/items"
    verdict = verdicts([allow("dynamodb:*", "*")], f'as: zoe, deny: "dynamodb:DescribeTable", on: ["{arn}"]')[
        "e0"
    ]
    assert verdict.status is Status.PASSED, verdict.reason
    assert [observed.answer.resource for observed in verdict.observation.calls] == [arn]


def test_another_accounts_object_needs_its_buckets_policy(
    verdicts: Callable[..., dict[str, Verdict]],
) -> None:
    verdict = verdicts(
        [allow("s3:*", "*")], 'as: zoe, deny: "s3:GetObject", on: ["arn:aws:s3:::promised-data/a"]'
    )["e0"]
    assert verdict.status is Status.PASSED, verdict.reason
    assert verdict.observation.calls


def test_a_call_about_a_user_names_that_user(verdicts: Callable[..., dict[str, Verdict]]) -> None:
    """GetUser without a name is about the caller: bob may read himself, and nobody else."""
    own = [allow("iam:GetUser", f"arn:aws:iam::{HOME}:user/${{aws:username}}")]
    found = verdicts(
        own,
        f'as: bob, deny: "iam:GetUser", on: ["arn:aws:iam::{HOME}:user/ann"]',
        f'as: bob, allow: "iam:GetUser", on: ["arn:aws:iam::{HOME}:user/bob"]',
    )
    for verdict in found.values():
        assert verdict.status is Status.PASSED, verdict.reason
        assert verdict.observation.calls


def test_a_call_goes_to_the_region_of_its_resource(verdicts: Callable[..., dict[str, Verdict]]) -> None:
    held = [allow("sqs:GetQueueUrl", "*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})]
    arn = f"arn:aws:sqs:eu-west-1:{HOME}:jobs"
    verdict = verdicts(held, f'as: ann, allow: "sqs:GetQueueUrl", on: ["{arn}"]')["e0"]
    assert verdict.status is Status.PASSED, verdict.reason
    assert verdict.observation.calls


def test_only_sees_what_a_bucket_policy_gives(verdicts: Callable[..., dict[str, Verdict]]) -> None:
    given = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{HOME}:user/ann"},
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": ["arn:aws:s3:::promised-data", "arn:aws:s3:::promised-data/*"],
    }
    nothing = [allow("iam:GetRole", "*")]
    lines = ('as: ann, only: ["iam:GetRole"]', 'as: bob, only: ["iam:GetRole"]')
    found = verdicts(nothing, *lines, bucket=given)
    assert found["e0"].status is Status.FAILED
    assert "2 actions beyond the list" in found["e0"].reason
    assert found["e1"].status is Status.PASSED


def test_a_missing_object_shows_nothing_about_reading_it(verdicts: Callable[..., dict[str, Verdict]]) -> None:
    """S3 answers 403 over ListBucket: that is no denial of GetObject, which is allowed here."""
    held = [allow("s3:GetObject", "*")]
    there, missing = ("arn:aws:s3:::promised-data/a", "arn:aws:s3:::promised-data/b")
    lines = (
        f'as: ann, deny: "s3:GetObject", on: ["{missing}"]',
        f'as: ann, allow: "s3:GetObject", on: ["{missing}"]',
        f'as: ann, allow: "s3:GetObject", on: ["{there}"]',
        f'as: zoe, deny: "s3:GetObject", on: ["{missing}"]',
    )
    found = verdicts(held, *lines)
    assert [found[f"e{n}"].status for n in range(4)] == [
        Status.INCONCLUSIVE,
        Status.INCONCLUSIVE,
        Status.PASSED,
        Status.INCONCLUSIVE,
    ]


def test_a_key_without_a_policy_leaves_it_to_the_account(verdicts: Callable[..., dict[str, Verdict]]) -> None:
    arn = f"arn:aws:kms:eu-west-3:{HOME}:key/plain"
    verdict = verdicts([allow("kms:DescribeKey", "*")], f'as: ann, allow: "kms:DescribeKey", on: ["{arn}"]')[
        "e0"
    ]
    assert verdict.status is Status.PASSED, verdict.reason
    assert verdict.observation.calls


def test_a_key_policy_that_denies_one_user_denies_no_other(
    verdicts: Callable[..., dict[str, Verdict]],
) -> None:
    """moto by itself takes the Deny for everybody's."""
    arn = f"arn:aws:kms:eu-west-3:{HOME}:key/guarded"
    held = [allow("kms:DescribeKey", "*")]
    lines = (
        f'as: ann, allow: "kms:DescribeKey", on: ["{arn}"]',
        f'as: bob, deny: "kms:DescribeKey", on: ["{arn}"]',
    )
    for verdict in verdicts(held, *lines).values():
        assert verdict.status is Status.PASSED, verdict.reason
        assert verdict.observation.calls


def test_a_denial_everywhere_fails_where_only_three_patterns_together_leave_something(
    tmp_path: Path, verified: Verified
) -> None:
    """UG: reference_policies_evaluation-logic: what user, boundary and SCP each allow on other patterns."""
    patterns = {"held": "*-prod/*", "boundary": "team-*/*", "scp": "*/public/*"}
    for name, pattern in patterns.items():
        statement = allow("s3:GetObject", f"arn:aws:s3:::{pattern}")
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        (tmp_path / f"{name}.json").write_text(text)
    (tmp_path / "chain.yaml").write_text(
        f"""\
version: 1
chain: three-patterns
region: eu-west-3
accounts: {{home: "{HOME}"}}
policies: {{held: held.json, boundary: boundary.json}}
users: {{ann: {{policies: [held], boundary: boundary, access_key: true}}}}
scps: {{home: [[scp.json]]}}
expect:
  - {{id: nothing, as: ann, deny: "s3:GetObject"}}
  - {{id: in-public-too, as: ann, deny: "s3:GetObject", on: ["arn:aws:s3:::*/public/*"]}}
  - {{id: elsewhere, as: ann, deny: "s3:GetObject", on: ["arn:aws:s3:::other-*/*"]}}
  - {{id: reads, as: ann, only: ["s3:GetObject"]}}
"""
    )
    found = verified(tmp_path)
    assert {name: verdict.status for name, verdict in found.items()} == {
        "nothing": Status.FAILED,
        "in-public-too": Status.FAILED,
        "elsewhere": Status.PASSED,
        "reads": Status.PASSED,
    }
