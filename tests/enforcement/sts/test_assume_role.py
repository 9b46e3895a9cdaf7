"""AssumeRole: the answer, and who is refused with which code."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ..conftest import HOME, OTHER, STRANGE, allow, deny, document, refusal, trusts

if TYPE_CHECKING:
    from ..conftest import World

ASSUME = allow("sts:AssumeRole")
ROLE = f"arn:aws:iam::{HOME}:role/r"
POLICY = document(allow("s3:GetObject"))


def test_answer_has_what_aws_answers(world: World) -> None:
    role = world.role("r", trusts(HOME), Path="/team/a/")
    user = world.user("u", ASSUME)
    answer = user.client("sts").assume_role(RoleArn=role, RoleSessionName="assume-role-session")
    made = answer["Credentials"]
    assert re.fullmatch(r"ASIA[A-Z2-7]{16}", made["AccessKeyId"])
    assert made["Expiration"] == world.clock() + timedelta(hours=1)
    who = answer["AssumedRoleUser"]
    role_id = world.iam.get_role(RoleName="r")["Role"]["RoleId"]
    assert who["AssumedRoleId"] == f"{role_id}:assume-role-session"
    assert role_id.startswith("AROA")
    assert who["Arn"] == f"arn:aws:sts::{HOME}:assumed-role/r/assume-role-session"  # without the path
    assert "PackedPolicySize" not in answer
    assert "SourceIdentity" not in answer


def test_role_session_is_who_get_caller_identity_says(world: World) -> None:
    role = world.role("r", trusts(HOME))
    session = world.assume(world.user("u", ASSUME), role, "s1")
    who = session.client("sts").get_caller_identity()
    assert who["Arn"] == f"arn:aws:sts::{HOME}:assumed-role/r/s1"
    assert re.fullmatch(r"AROA[A-Z0-9]+:s1", who["UserId"])
    assert who["Account"] == HOME


# situation, parameters, code, status, fragment of the message; all from the STS API Reference, AssumeRole
PARAMETERS: list[tuple[str, dict[str, Any], str, int, str]] = [
    (
        "name with a blank",
        {"RoleSessionName": "a b"},
        "ValidationError",
        400,
        "Value 'a b' at 'roleSessionName'",
    ),
    ("name with a colon", {"RoleSessionName": "a:b"}, "ValidationError", 400, r"pattern: [\w+=,.@-]*"),
    ("name of 65", {"RoleSessionName": "n" * 65}, "ValidationError", 400, "length less than or equal to 64"),
    (
        "not an ARN",
        {"RoleArn": "nothing-valid-in-here"},
        "ValidationError",
        400,
        "nothing-valid-in-here is invalid",
    ),
    ("43,201 seconds", {"DurationSeconds": 43201}, "ValidationError", 400, "less than or equal to 43200"),
    (
        "beyond the role's maximum",
        {"DurationSeconds": 3601},
        "ValidationError",
        400,
        "exceeds the MaxSessionDuration",
    ),
    ("external id with a blank", {"ExternalId": "a b"}, "ValidationError", 400, "'externalId'"),
    ("external id of 1,225", {"ExternalId": "x" * 1225}, "ValidationError", 400, "equal to 1224"),
    ("source identity with a slash", {"SourceIdentity": "a/b"}, "ValidationError", 400, "'sourceIdentity'"),
    ("source identity of AWS's", {"SourceIdentity": "aws:me"}, "ValidationError", 400, "'sourceIdentity'"),
    (
        "51 tags",
        {"Tags": [{"Key": f"k{n}", "Value": ""} for n in range(51)]},
        "ValidationError",
        400,
        "'tags'",
    ),
    ("tag key of 129", {"Tags": [{"Key": "k" * 129, "Value": ""}]}, "ValidationError", 400, "equal to 128"),
    (
        "tag value of 257",
        {"Tags": [{"Key": "k", "Value": "v" * 257}]},
        "ValidationError",
        400,
        "equal to 256",
    ),
    ("tag key with #", {"Tags": [{"Key": "a#b", "Value": ""}]}, "ValidationError", 400, r"[\p{L}\p{Z}\p{N}"),
    (
        "tag key twice, in other case",
        {"Tags": [{"Key": "Team", "Value": "a"}, {"Key": "team", "Value": "b"}]},
        "InvalidParameterValue",
        400,
        "Duplicate tag keys found",
    ),
    (
        "transitive key without a tag",
        {"Tags": [{"Key": "a", "Value": "b"}], "TransitiveTagKeys": ["c"]},
        "InvalidParameterValue",
        400,
        "must be included in the requested tags",
    ),
    ("policy that is no JSON", {"Policy": "{"}, "MalformedPolicyDocument", 400, "Syntax errors in policy"),
    (
        "policy with a principal",
        {"Policy": document({**allow("s3:*"), "Principal": "*"})},
        "MalformedPolicyDocument",
        400,
        "should not specify a principal",
    ),
    (
        "policy with an incomplete ARN",
        {"Policy": document(allow("s3:*", on="arn:aws:s3"))},
        "MalformedPolicyDocument",
        400,
        "must be in ARN format",
    ),
    (
        "policy of 2,049 characters",
        {"Policy": POLICY + " " * (2049 - len(POLICY))},
        "ValidationError",
        400,
        "equal to 2048",
    ),
    (
        "eleven policy ARNs",
        {"PolicyArns": [{"arn": f"arn:aws:iam::{HOME}:policy/p{n}"} for n in range(11)]},
        "ValidationError",
        400,
        "equal to 10",
    ),
    (
        "policy ARN that does not exist",
        {"PolicyArns": [{"arn": f"arn:aws:iam::{HOME}:policy/ghost"}]},
        "ValidationError",
        400,
        "does not exist",
    ),
    (
        "tags that do not pack",
        {"Tags": [{"Key": f"T{n}", "Value": "a" * 250} for n in range(1, 10)]},
        "PackedPolicyTooLarge",
        400,
        "Packed size of session tags consumes 498% of allotted space.",
    ),
    (
        "MFA serial without a code",
        {"SerialNumber": f"arn:aws:iam::{HOME}:mfa/x"},
        "AccessDenied",
        403,
        "both",
    ),
]


@pytest.mark.parametrize(
    ("params", "code", "status", "fragment"),
    [pytest.param(*row[1:], id=row[0].replace(" ", "-")) for row in PARAMETERS],
)
def test_parameter_is_refused(
    world: World, params: dict[str, Any], code: str, status: int, fragment: str
) -> None:
    role = world.role("r", trusts(HOME, "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"))
    user = world.user("u", allow("sts:*"))
    call = user.client("sts").assume_role
    found = refusal(call, **{"RoleArn": role, "RoleSessionName": "session", **params})
    assert (found.code, found.status) == (code, status)
    assert fragment in found.message


def test_role_maximum_allows_longer_sessions(world: World) -> None:
    role = world.role("r", trusts(HOME), MaxSessionDuration=43200)
    sts = world.user("u", ASSUME).client("sts")
    answer = sts.assume_role(RoleArn=role, RoleSessionName="long", DurationSeconds=43200)
    assert answer["Credentials"]["Expiration"] == world.clock() + timedelta(hours=12)


def test_chained_session_lasts_an_hour_at_most(world: World) -> None:
    first = world.role("one", trusts(HOME), ASSUME)
    second = world.role("two", trusts(HOME), MaxSessionDuration=43200)
    hop = world.assume(world.user("u", ASSUME), first).client("sts")
    found = refusal(hop.assume_role, RoleArn=second, RoleSessionName="two", DurationSeconds=3601)
    assert (found.code, found.status) == ("ValidationError", 400)
    assert "1 hour session limit for roles assumed by role chaining" in found.message
    assert hop.assume_role(RoleArn=second, RoleSessionName="two", DurationSeconds=3600)


def test_root_may_not_assume(world: World) -> None:
    role = world.role("r", trusts(HOME))
    found = refusal(world.root.client("sts").assume_role, RoleArn=role, RoleSessionName="root")
    assert (found.code, found.status) == ("AccessDenied", 403)
    assert found.message == "Roles may not be assumed by root accounts."


def test_missing_and_untrusting_roles_answer_alike(world: World) -> None:
    world.role("untrusting", trusts(STRANGE))
    sts = world.user("u", ASSUME).client("sts")
    answers = {
        name: refusal(sts.assume_role, RoleArn=f"arn:aws:iam::{HOME}:role/{name}", RoleSessionName="ss")
        for name in ("untrusting", "missing")
    }
    for name, found in answers.items():
        assert (found.code, found.status) == ("AccessDenied", 403)
        assert f"not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::{HOME}:role/{name}" in (
            found.message
        )
    assert answers["untrusting"].message.replace("untrusting", "missing") == answers["missing"].message


@pytest.mark.parametrize("account", [OTHER, STRANGE])
def test_role_of_an_account_that_is_not_there_is_denied(world: World, account: str) -> None:
    sts = world.user("u", ASSUME).client("sts")
    found = refusal(sts.assume_role, RoleArn=f"arn:aws:iam::{account}:role/r", RoleSessionName="ss")
    assert (found.code, found.status) == ("AccessDenied", 403)


def test_role_name_is_case_sensitive_in_its_arn(world: World) -> None:
    role = world.role("Deployer", trusts(HOME))
    sts = world.user("u", ASSUME).client("sts")
    found = refusal(sts.assume_role, RoleArn=role.replace("Deployer", "deployer"), RoleSessionName="ss")
    assert found.code == "AccessDenied"


def test_path_is_part_of_the_arn(world: World) -> None:
    world.role("r", trusts(HOME), Path="/team/")
    sts = world.user("u", ASSUME).client("sts")
    assert refusal(sts.assume_role, RoleArn=ROLE, RoleSessionName="ss").code == "AccessDenied"


# situation, identity statements of the user, trust statement, parameters, allowed?
DECISIONS: list[tuple[str, list[dict[str, Any]], dict[str, Any], dict[str, Any], bool]] = [
    ("account trusted, identity allows", [ASSUME], trusts(HOME), {}, True),
    ("account root trusted, identity allows", [ASSUME], trusts(f"arn:aws:iam::{HOME}:root"), {}, True),
    ("account trusted, identity silent", [], trusts(HOME), {}, False),
    ("user trusted, identity silent", [], trusts(f"arn:aws:iam::{HOME}:user/u"), {}, True),
    ("user trusted, identity denies", [deny("sts:*")], trusts(f"arn:aws:iam::{HOME}:user/u"), {}, False),
    ("everybody trusted, identity silent", [], trusts("*"), {}, True),
    ("trust denies", [ASSUME], {**trusts(HOME), "Effect": "Deny"}, {}, False),
    ("other account trusted", [ASSUME], trusts(STRANGE), {}, False),
    (
        "external id as wanted",
        [ASSUME],
        trusts(HOME, StringEquals={"sts:ExternalId": "x1"}),
        {"ExternalId": "x1"},
        True,
    ),
    (
        "another external id",
        [ASSUME],
        trusts(HOME, StringEquals={"sts:ExternalId": "x1"}),
        {"ExternalId": "x2"},
        False,
    ),
    ("no external id", [ASSUME], trusts(HOME, StringEquals={"sts:ExternalId": "x1"}), {}, False),
    (
        "session name is the user's",
        [ASSUME],
        trusts(HOME, StringLike={"sts:RoleSessionName": "${aws:username}"}),
        {"RoleSessionName": "user-u"},
        False,
    ),
    (
        "source address as wanted",
        [ASSUME],
        trusts(HOME, IpAddress={"aws:SourceIp": "127.0.0.0/8"}),
        {},
        True,
    ),
    (
        "MFA wanted, none given",
        [ASSUME],
        trusts(HOME, Bool={"aws:MultiFactorAuthPresent": "true"}),
        {},
        False,
    ),
]


@pytest.mark.parametrize(
    ("identity", "trust", "params", "allowed"),
    [pytest.param(*row[1:], id=row[0].replace(" ", "-")) for row in DECISIONS],
)
def test_decision(
    world: World, identity: list[dict[str, Any]], trust: dict[str, Any], params: dict[str, Any], allowed: bool
) -> None:
    user = world.user("u", *identity)
    role = world.role("r", trust)
    call = user.client("sts").assume_role
    asked = {"RoleArn": role, "RoleSessionName": "session", **params}
    if allowed:
        assert call(**asked)["Credentials"]
    else:
        assert refusal(call, **asked).code == "AccessDenied"


def test_cross_account_needs_both_sides(world: World) -> None:
    user = world.user("u", ASSUME)
    bare = world.user("bare")
    role = world.role("r", trusts(HOME), account=OTHER)
    direct = world.role("direct", trusts(f"arn:aws:iam::{HOME}:user/bare"), account=OTHER)
    session = world.assume(user, role)
    assert session.client("sts").get_caller_identity()["Account"] == OTHER
    assert refusal(bare.client("sts").assume_role, RoleArn=role, RoleSessionName="ss").code == "AccessDenied"
    assert (
        refusal(bare.client("sts").assume_role, RoleArn=direct, RoleSessionName="ss").code == "AccessDenied"
    )


def test_session_policy_narrows_the_role(world: World) -> None:
    role = world.role("r", trusts(HOME), allow("iam:*"))
    narrow = document(allow("iam:ListUsers"))
    session = world.assume(world.user("u", ASSUME), role, Policy=narrow).client("iam")
    assert session.list_users()["Users"]
    assert "no session policy allows" in refusal(session.list_roles).message


def test_session_policy_arns_narrow_the_role(world: World) -> None:
    role = world.role("r", trusts(HOME), allow("iam:*"))
    arn = world.iam.create_policy(PolicyName="p", PolicyDocument=document(allow("iam:ListUsers")))
    answer = (
        world.user("u", ASSUME)
        .client("sts")
        .assume_role(
            RoleArn=role,
            RoleSessionName="ss",
            PolicyArns=[
                {"arn": arn["Policy"]["Arn"]},
                {"arn": "arn:aws:iam::aws:policy/AmazonEC2FullAccess"},
            ],
        )
    )
    assert 0 < answer["PackedPolicySize"] <= 100
    session = world.session(answer).client("iam")
    assert session.list_users()["Users"]
    assert refusal(session.list_roles).code == "AccessDenied"
