"""What moto lacks or does otherwise, and that moto is afterwards what it was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from rolecall.enforcement.strict_iam import moto_replaced
from rolecall.targets.moto import enforcing_moto

from ..conftest import HOME, allow, document, refusal, trusts

if TYPE_CHECKING:
    from ..conftest import World


def test_unique_ids_have_their_prefixes(world: World) -> None:
    iam = world.iam
    policy = document(allow("s3:*"))
    found = {
        "AIDA": iam.create_user(UserName="u")["User"]["UserId"],
        "AGPA": iam.create_group(GroupName="g")["Group"]["GroupId"],
        "AIPA": iam.create_instance_profile(InstanceProfileName="i")["InstanceProfile"]["InstanceProfileId"],
        "ANPA": iam.create_policy(PolicyName="p", PolicyDocument=policy)["Policy"]["PolicyId"],
        "AROA": iam.create_role(RoleName="r", AssumeRolePolicyDocument=document(trusts(HOME)))["Role"][
            "RoleId"
        ],
    }
    for prefix, unique_id in found.items():
        assert re.fullmatch(rf"{prefix}[A-Z0-9]{{17}}", unique_id)


def test_moto_is_what_it_was_after_nested_environments() -> None:
    from moto.iam import models

    names = ("User", "Group", "InstanceProfile", "random_policy_id", "IAMTrustPolicyDocumentValidator")
    before = {name: getattr(models, name) for name in names}
    with enforcing_moto(), enforcing_moto(account_id="222222222222"):
        assert models.User is not before["User"]
    with pytest.raises(ZeroDivisionError), enforcing_moto() as aws, moto_replaced(aws.environment):
        raise ZeroDivisionError
    assert {name: getattr(models, name) for name in names} == before
    assert not hasattr(models, "_rolecall")


def test_boundary_of_a_user_limits_and_is_shown(world: World) -> None:
    session = world.user("u", allow("iam:*")).client("iam")
    arn = world.iam.create_policy(PolicyName="b", PolicyDocument=document(allow("iam:ListUsers")))["Policy"][
        "Arn"
    ]
    assert session.list_roles()
    world.iam.put_user_permissions_boundary(UserName="u", PermissionsBoundary=arn)
    assert session.list_users()
    assert "no permissions boundary allows" in refusal(session.list_roles).message
    shown = world.iam.get_user(UserName="u")["User"]["PermissionsBoundary"]
    assert shown["PermissionsBoundaryArn"] == arn
    assert refusal(world.iam.delete_policy, PolicyArn=arn).code == "DeleteConflict"
    world.iam.delete_user_permissions_boundary(UserName="u")
    assert session.list_roles()
    assert "PermissionsBoundary" not in world.iam.get_user(UserName="u")["User"]
    assert refusal(world.iam.delete_user_permissions_boundary, UserName="u").code == "NoSuchEntity"


def test_boundary_given_at_creation_limits(world: World) -> None:
    arn = world.iam.create_policy(PolicyName="b", PolicyDocument=document(allow("iam:ListUsers")))["Policy"][
        "Arn"
    ]
    world.iam.create_user(UserName="u", PermissionsBoundary=arn)
    world.iam.put_user_policy(UserName="u", PolicyName="x", PolicyDocument=document(allow("iam:*")))
    key = world.iam.create_access_key(UserName="u")["AccessKey"]
    session = world.aws.session(key["AccessKeyId"], key["SecretAccessKey"]).client("iam")
    assert session.list_users()
    assert refusal(session.list_roles).code == "AccessDenied"


def test_denied_caller_learns_nothing_of_what_exists(world: World) -> None:
    iam = world.user("u").client("iam")
    world.iam.create_role(RoleName="there", AssumeRolePolicyDocument=document(trusts(HOME)))
    for name in ("there", "missing"):
        assert refusal(iam.delete_role, RoleName=name).code == "AccessDenied"
