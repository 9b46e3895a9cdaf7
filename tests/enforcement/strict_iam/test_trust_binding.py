"""Trust policies are bound to unique ids (IAM User Guide, "AWS JSON policy elements: Principal")."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ..conftest import HOME, OTHER, allow, document, refusal, trusts

if TYPE_CHECKING:
    from ..conftest import World

USER = f"arn:aws:iam::{HOME}:user/u"
ASSUME = allow("sts:AssumeRole")


def principals(world: World, role: str = "r", account: str = HOME) -> Any:
    shown = world.iam_of(account).get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    return shown["Statement"][0]["Principal"]["AWS"]


def remove_user(world: World, name: str = "u") -> None:
    for key in world.iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        world.iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    for policy in world.iam.list_user_policies(UserName=name)["PolicyNames"]:
        world.iam.delete_user_policy(UserName=name, PolicyName=policy)
    world.iam.delete_user(UserName=name)


@pytest.mark.parametrize("account", [HOME, OTHER])
def test_user_made_again_is_somebody_else_until_the_trust_is_saved_again(world: World, account: str) -> None:
    call = {"RoleName": "r", "PolicyDocument": document(trusts(USER))}
    first = world.user("u", ASSUME)
    unique_id = world.iam.get_user(UserName="u")["User"]["UserId"]
    role = world.role("r", trusts(USER), account=account)
    assert principals(world, account=account) == USER
    assert world.assume(first, role)

    remove_user(world)
    assert principals(world, account=account) == unique_id
    again = world.user("u", ASSUME)
    assert principals(world, account=account) == unique_id
    assert refusal(again.client("sts").assume_role, RoleArn=role, RoleSessionName="ss").code == "AccessDenied"

    world.iam_of(account).update_assume_role_policy(**call)
    assert world.assume(again, role)


def test_role_made_again_is_another_role(world: World) -> None:
    user = world.user("u", ASSUME)
    hop = world.role("hop", trusts(HOME), ASSUME)
    target = world.role("r", trusts([hop]))
    assert world.assume(world.assume(user, hop), target)
    world.iam.delete_role_policy(RoleName="hop", PolicyName="inline")
    world.iam.delete_role(RoleName="hop")
    world.role("hop", trusts(HOME), ASSUME)
    assert principals(world)[0].startswith("AROA")
    session = world.assume(user, hop)
    assert (
        refusal(session.client("sts").assume_role, RoleArn=target, RoleSessionName="ss").code
        == "AccessDenied"
    )


def test_renamed_user_stays_trusted_under_the_new_name(world: World) -> None:
    user = world.user("u", ASSUME)
    role = world.role("r", trusts(USER))
    world.iam.update_user(UserName="u", NewUserName="v")
    assert principals(world) == f"arn:aws:iam::{HOME}:user/v"
    assert world.assume(user, role)


def test_unique_id_in_a_document_is_shown_as_the_arn(world: World) -> None:
    user = world.user("u", ASSUME)
    unique_id = world.iam.get_user(UserName="u")["User"]["UserId"]
    role = world.role("r", trusts(unique_id))
    assert principals(world) == USER
    assert world.assume(user, role)


def test_document_is_kept_as_it_was_typed(world: World) -> None:
    world.user("u")
    typed = json.loads(document(trusts([USER, HOME])))
    typed["Statement"][0]["Condition"] = {}
    world.iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(typed))
    assert world.iam.get_role(RoleName="r")["Role"]["AssumeRolePolicyDocument"] == typed


def test_account_in_a_trust_is_not_bound_to_anybody(world: World) -> None:
    world.user("u", ASSUME)
    role = world.role("r", trusts(HOME))
    remove_user(world)
    assert world.assume(world.user("u", ASSUME), role)
