"""GetSessionToken, GetFederationToken, and what each kind of session may not call.

Source: STS API Reference, the pages of the operations.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ..conftest import HOME, OTHER, allow, deny, document, refusal, trusts

if TYPE_CHECKING:
    import boto3

    from ..conftest import World

EVERYTHING = allow("*")


def made(world: World, kind: str) -> boto3.Session:
    """A session of that kind, of somebody who may do everything."""
    user = world.user("u", EVERYTHING)
    sts = user.client("sts")
    if kind == "role":
        return world.assume(user, world.role("r", trusts(HOME), EVERYTHING))
    if kind == "session token":
        return world.session(sts.get_session_token())
    return world.session(sts.get_federation_token(Name="fed", Policy=document(EVERYTHING)))


# kind of session, service, operation, parameters, code or "" when allowed
LIMITS: list[tuple[str, str, str, dict[str, Any], str]] = [
    ("role", "sts", "get_session_token", {}, "AccessDenied"),
    ("role", "sts", "get_federation_token", {"Name": "ff"}, "AccessDenied"),
    ("role", "sts", "get_caller_identity", {}, ""),
    ("role", "iam", "list_users", {}, ""),
    ("session token", "sts", "get_session_token", {}, "AccessDenied"),
    ("session token", "sts", "get_federation_token", {"Name": "ff"}, "AccessDenied"),
    ("session token", "sts", "get_access_key_info", {"AccessKeyId": "AKIA" + "A" * 16}, "AccessDenied"),
    ("session token", "sts", "get_caller_identity", {}, ""),
    ("session token", "iam", "list_users", {}, "InvalidClientTokenId"),
    ("session token", "ec2", "describe_instances", {}, ""),
    ("federated user", "sts", "get_session_token", {}, "AccessDenied"),
    ("federated user", "sts", "get_access_key_info", {"AccessKeyId": "AKIA" + "A" * 16}, "AccessDenied"),
    ("federated user", "sts", "get_caller_identity", {}, ""),
    ("federated user", "iam", "list_users", {}, "InvalidClientTokenId"),
    ("federated user", "ec2", "describe_instances", {}, ""),
]


@pytest.mark.parametrize(
    ("kind", "service", "operation", "params", "code"),
    [pytest.param(*row, id=f"{row[0]}-{row[2]}".replace(" ", "-")) for row in LIMITS],
)
def test_session_limit(
    world: World, kind: str, service: str, operation: str, params: dict[str, Any], code: str
) -> None:
    call = getattr(made(world, kind).client(service), operation)
    if not code:
        assert call(**params)
        return
    found = refusal(call, **params)
    assert (found.code, found.status) == (code, 403)
    if operation in ("get_session_token", "get_federation_token") and kind != "federated user":
        assert "with session credentials" in found.message


def test_session_token_needs_no_permission_and_survives_a_deny(world: World) -> None:
    user = world.user("u", deny("*"))
    session = world.session(user.client("sts").get_session_token())
    who = session.client("sts").get_caller_identity()
    assert who["Arn"] == f"arn:aws:iam::{HOME}:user/u"
    assert who["UserId"].startswith("AIDA")


def test_caller_identity_survives_a_deny(world: World) -> None:
    assert world.user("u", deny("*")).client("sts").get_caller_identity()["Account"] == HOME


@pytest.mark.parametrize(("asked", "hours"), [({}, 12), ({"DurationSeconds": 129600}, 36)])
def test_user_session_lasts(world: World, asked: dict[str, int], hours: int) -> None:
    answer = world.user("u").client("sts").get_session_token(**asked)
    assert answer["Credentials"]["Expiration"] == world.clock() + timedelta(hours=hours)


def test_root_session_lasts_an_hour(world: World) -> None:
    answer = world.root.client("sts").get_session_token()
    assert answer["Credentials"]["Expiration"] == world.clock() + timedelta(hours=1)


def test_session_is_over_when_its_time_is(world: World) -> None:
    role = world.role("r", trusts(HOME))
    sts = world.assume(world.user("u", EVERYTHING), role, DurationSeconds=900).client("sts")
    world.clock.forward(seconds=899)
    assert sts.get_caller_identity()
    world.clock.forward(seconds=1)
    assert refusal(sts.get_caller_identity).code == "ExpiredToken"


def test_federated_user_is_who_it_says(world: World) -> None:
    sts = world.user("u", allow("sts:GetFederationToken")).client("sts")
    answer = sts.get_federation_token(Name="bob")
    assert answer["FederatedUser"] == {
        "FederatedUserId": f"{HOME}:bob",
        "Arn": f"arn:aws:sts::{HOME}:federated-user/bob",
    }
    assert answer["PackedPolicySize"] == 0
    who = world.session(answer).client("sts").get_caller_identity()
    assert (who["Arn"], who["UserId"]) == (answer["FederatedUser"]["Arn"], f"{HOME}:bob")


def test_federation_token_needs_permission(world: World) -> None:
    found = refusal(world.user("u").client("sts").get_federation_token, Name="bob")
    assert (found.code, found.status) == ("AccessDenied", 403)


def test_federated_user_has_what_user_and_session_policy_share(world: World) -> None:
    user = world.user("u", allow("sts:*", "ec2:*"))
    sts = user.client("sts")

    def session(**more: Any) -> Any:
        return world.session(sts.get_federation_token(Name="bob", **more)).client("ec2")

    assert session(Policy=document(allow("ec2:DescribeInstances", "s3:*"))).describe_instances()
    assert refusal(session(Policy=document(allow("s3:*"))).describe_instances).code == "UnauthorizedOperation"
    assert refusal(session().describe_instances).code == "UnauthorizedOperation"


def test_federation_tags_need_tag_session(world: World) -> None:
    sts = world.user("u", allow("sts:GetFederationToken")).client("sts")
    found = refusal(sts.get_federation_token, Name="bob", Tags=[{"Key": "a", "Value": "b"}])
    assert "sts:TagSession" in found.message


def test_access_key_info_knows_every_kind_of_key(world: World) -> None:
    sts = world.user("u", allow("sts:*")).client("sts")
    elsewhere = world.user("x", allow("sts:*"), account=OTHER)
    keys = {
        elsewhere.get_credentials().access_key: OTHER,
        world.root.get_credentials().access_key: HOME,
        elsewhere.client("sts").get_session_token()["Credentials"]["AccessKeyId"]: OTHER,
    }
    for key, account in keys.items():
        assert sts.get_access_key_info(AccessKeyId=key)["Account"] == account
    denied = world.user("v").client("sts")
    assert refusal(denied.get_access_key_info, AccessKeyId="AKIA" + "A" * 16).code == "AccessDenied"
