"""What a session hands on along a chain: tags and source identity.

Sources: IAM User Guide, "Pass session tags in AWS STS" (with its example of three roles) and "Monitor and
control actions taken with assumed roles".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ..conftest import HOME, allow, refusal, trusts

if TYPE_CHECKING:
    import boto3

    from ..conftest import World

ALL = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
USE = allow(*ALL)


def tags(**named: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in named.items()]


def can(session: boto3.Session, operation: str = "list_users") -> bool:
    """Whether a session may make the call."""
    try:
        getattr(session.client("iam"), operation)()
    except session.client("iam").exceptions.ClientError:
        return False
    return True


# situation, parameters, allowed? The trust policy is the one of the page.
TAGGED: list[tuple[str, dict[str, Any], bool]] = [
    ("as published", {}, True),
    ("another department", {"Department": "Sales"}, False),
    ("no cost center", {"CostCenter": None}, False),
    ("another external id", {"ExternalId": "other"}, False),
    ("cost center transitive", {"TransitiveTagKeys": ["CostCenter"]}, False),
    ("one transitive key", {"TransitiveTagKeys": ["Project"]}, True),
    ("no transitive key", {"TransitiveTagKeys": []}, True),
]


@pytest.mark.parametrize(
    ("change", "allowed"), [pytest.param(*row[1:], id=row[0].replace(" ", "-")) for row in TAGGED]
)
def test_published_tag_trust(world: World, change: dict[str, Any], allowed: bool) -> None:
    user = world.user("u", USE)
    role = world.role("r", _published_trust())
    passed = {"Project": "Automation", "CostCenter": "12345", "Department": "Engineering"}
    passed |= {key: value for key, value in change.items() if key in passed}
    call: dict[str, Any] = {
        "RoleArn": role,
        "RoleSessionName": "session",
        "ExternalId": change.get("ExternalId", "Example987"),
        "Tags": tags(**{key: value for key, value in passed.items() if value is not None}),
        "TransitiveTagKeys": change.get("TransitiveTagKeys", ["Project", "Department"]),
    }
    if allowed:
        assert user.client("sts").assume_role(**call)["PackedPolicySize"] > 0
    else:
        assert refusal(user.client("sts").assume_role, **call).code == "AccessDenied"


def test_tags_without_tag_session_in_the_trust_are_denied(world: World) -> None:
    role = world.role("r", trusts(HOME, "sts:AssumeRole"))
    sts = world.user("u", USE).client("sts")
    found = refusal(sts.assume_role, RoleArn=role, RoleSessionName="ss", Tags=tags(a="b"))
    assert found.code == "AccessDenied"
    assert "sts:TagSession" in found.message


def test_tags_without_tag_session_in_the_identity_are_denied(world: World) -> None:
    role = world.role("r", trusts(HOME, *ALL))
    sts = world.user("u", allow("sts:AssumeRole")).client("sts")
    found = refusal(sts.assume_role, RoleArn=role, RoleSessionName="ss", Tags=tags(a="b"))
    assert "sts:TagSession" in found.message


def test_session_tag_beats_role_tag_whatever_its_case(world: World) -> None:
    role = world.role(
        "r",
        trusts(HOME, *ALL),
        allow("iam:ListUsers", Condition={"StringEquals": {"aws:PrincipalTag/team": "session"}}),
        Tags=tags(Team="role"),
    )
    user = world.user("u", USE)
    assert not can(world.assume(user, role))
    assert can(world.assume(user, role, Tags=tags(TEAM="session")))


def test_three_roles_of_the_page(world: World) -> None:
    def wants(**principal_tags: str) -> dict[str, Any]:
        equal = {f"aws:PrincipalTag/{key}": value for key, value in principal_tags.items()}
        return allow("iam:ListUsers", Condition={"StringEquals": equal})

    user = world.user("u", USE)
    one = world.role("one", trusts(HOME, *ALL), USE)
    two = world.role("two", trusts(HOME, *ALL), USE, wants(Heart="1", Star="1", Sun="2"), Tags=tags(Sun="2"))
    three = world.role(
        "three",
        trusts(HOME, *ALL, StringEquals={"aws:ResourceTag/Star": "1"}),
        wants(Star="1", Heart="1", Lightning="3"),
        allow("iam:ListRoles", Condition={"Null": {"aws:PrincipalTag/Sun": "false"}}),
        Tags=tags(Star="3", Lightning="3"),
    )
    hop1 = world.assume(user, one, Tags=tags(Star="1", Heart="1"), TransitiveTagKeys=["Star", "Heart"])
    hop2 = world.assume(hop1, two)
    hop3 = world.assume(hop2, three)
    assert can(hop2)
    assert can(hop3)
    assert not can(hop3, "list_roles")  # Sun was role two's own: it does not go on


def test_tag_that_is_not_transitive_ends_with_its_session(world: World) -> None:
    one = world.role("one", trusts(HOME, *ALL), USE)
    two = world.role(
        "two",
        trusts(HOME, *ALL),
        allow("iam:ListUsers", Condition={"Null": {"aws:PrincipalTag/Star": "false"}}),
    )
    user = world.user("u", USE)
    plain = world.assume(user, one, Tags=tags(Star="1"))
    handed_on = world.assume(user, one, Tags=tags(Star="1"), TransitiveTagKeys=["Star"])
    assert not can(world.assume(plain, two))
    assert can(world.assume(handed_on, two))


@pytest.mark.parametrize("key", ["Star", "STAR"])
def test_inherited_tag_cannot_be_overridden(world: World, key: str) -> None:
    one = world.role("one", trusts(HOME, *ALL), USE)
    two = world.role("two", trusts(HOME, *ALL))
    hop = world.assume(world.user("u", USE), one, Tags=tags(Star="1"), TransitiveTagKeys=["Star"])
    found = refusal(hop.client("sts").assume_role, RoleArn=two, RoleSessionName="ss", Tags=tags(**{key: "2"}))
    assert (found.code, found.status) == ("InvalidParameterValue", 400)
    assert "conflicts with a transitive tag key from the calling session" in found.message


def test_inherited_tags_need_tag_session_too(world: World) -> None:
    one = world.role("one", trusts(HOME, *ALL), USE)
    two = world.role("two", trusts(HOME, "sts:AssumeRole"))
    hop = world.assume(world.user("u", USE), one, Tags=tags(Star="1"), TransitiveTagKeys=["Star"])
    found = refusal(hop.client("sts").assume_role, RoleArn=two, RoleSessionName="ss")
    assert "sts:TagSession" in found.message


def test_source_identity_stays_along_the_chain(world: World) -> None:
    user = world.user("DevUser", USE)
    one = world.role("one", trusts(HOME, *ALL, StringEquals={"sts:SourceIdentity": "DevUser"}), USE)
    two = world.role("two", trusts(HOME, *ALL, StringLike={"aws:SourceIdentity": ["DevUser", "Diego"]}))
    first = user.client("sts").assume_role(RoleArn=one, RoleSessionName="ss", SourceIdentity="DevUser")
    assert first["SourceIdentity"] == "DevUser"
    second = world.session(first).client("sts").assume_role(RoleArn=two, RoleSessionName="ss")
    assert second["SourceIdentity"] == "DevUser"
    assert refusal(user.client("sts").assume_role, RoleArn=one, RoleSessionName="ss").code == "AccessDenied"
    found = refusal(
        world.session(first).client("sts").assume_role,
        RoleArn=two,
        RoleSessionName="ss",
        SourceIdentity="Diego",
    )
    assert (found.code, found.status) == ("ValidationError", 400)
    assert found.message == "The source identity is already set for this assume role session"


def test_inherited_source_identity_needs_permission_on_both_sides(world: World) -> None:
    one = world.role("one", trusts(HOME, *ALL), allow("sts:AssumeRole"))
    three = world.role("three", trusts(HOME, *ALL), USE)
    two = world.role("two", trusts(HOME, "sts:AssumeRole"))
    open_to_all = world.role("open", trusts(HOME, *ALL))
    user = world.user("u", USE)
    without = world.assume(user, one, SourceIdentity="me").client("sts")
    assert (
        "sts:SetSourceIdentity"
        in refusal(without.assume_role, RoleArn=open_to_all, RoleSessionName="s1").message
    )
    with_it = world.assume(user, three, SourceIdentity="me").client("sts")
    assert "sts:SetSourceIdentity" in refusal(with_it.assume_role, RoleArn=two, RoleSessionName="s1").message
    assert with_it.assume_role(RoleArn=open_to_all, RoleSessionName="s1")["SourceIdentity"] == "me"


def test_role_does_not_trust_itself(world: World) -> None:
    user = world.user("u", USE)
    role = world.role("r", trusts(f"arn:aws:iam::{HOME}:user/u"), USE)
    hop = world.assume(user, role).client("sts")
    assert refusal(hop.assume_role, RoleArn=role, RoleSessionName="again").code == "AccessDenied"


def _published_trust() -> list[dict[str, Any]]:
    return [
        trusts(
            HOME,
            "sts:AssumeRole",
            StringLike={f"aws:RequestTag/{key}": "*" for key in ("Project", "CostCenter", "Department")},
            StringEquals={"sts:ExternalId": "Example987"},
        ),
        trusts(
            HOME,
            "sts:TagSession",
            **{
                "StringLike": {"aws:RequestTag/Project": "*", "aws:RequestTag/CostCenter": "*"},
                "StringEquals": {"aws:RequestTag/Department": ["Engineering", "Marketing"]},
                "ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["Project", "Department"]},
            },
        ),
    ]
