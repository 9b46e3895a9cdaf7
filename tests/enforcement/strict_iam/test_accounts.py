"""What an account holds at most, and that new entities are answered with their permissions boundary."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from ..conftest import HOME, allow, document, refusal, trusts

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..conftest import World

POLICY = document(allow("s3:GetObject"))
TRUST = document(trusts(HOME))

HOLDS: dict[str, tuple[str, int, Callable[[Any, str], Any]]] = {
    "users": ("UsersPerAccount", 5000, lambda iam, name: iam.create_user(UserName=name)),
    "groups": ("GroupsPerAccount", 300, lambda iam, name: iam.create_group(GroupName=name)),
    "roles": (
        "RolesPerAccount",
        1000,
        lambda iam, name: iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST),
    ),
    "managed_policies": (
        "PoliciesPerAccount",
        1500,
        lambda iam, name: iam.create_policy(PolicyName=name, PolicyDocument=POLICY),
    ),
    "instance_profiles": (
        "InstanceProfilesPerAccount",
        1000,
        lambda iam, name: iam.create_instance_profile(InstanceProfileName=name),
    ),
}


@pytest.mark.parametrize("kind", list(HOLDS))
def test_an_account_holds_so_many(world: World, kind: str) -> None:
    """IAM User Guide, "IAM and AWS STS quotas"; the sentence as in issue 1801 of ansible/workshops."""
    quota, limit, create = HOLDS[kind]
    # Neither roles of services nor policies of AWS count.
    world.iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    world.aws.environment.managed_policy(HOME, "arn:aws:iam::aws:policy/ReadOnlyAccess")
    create(world.iam, "first")
    held = getattr(world.aws.environment.iam(HOME), kind)
    key, first = next((key, item) for key, item in held.items() if item.name == "first")
    # Thousands of calls would take seconds.
    for number in range(limit - 2):
        held[f"{key}-{number}"] = filler = copy.copy(first)
        filler.name = f"filler-{number}"
    create(world.iam, "last")
    found = refusal(create, iam=world.iam, name="one-too-many")
    assert (found.code, found.status) == ("LimitExceeded", 409)
    assert found.message == f"Cannot exceed quota for {quota}: {limit}"


PROVIDERS: dict[str, tuple[str, Callable[[Any, int], Any], Callable[[Any], int]]] = {
    "oidc": (
        "OpenIdConnectProvidersPerAccount",
        lambda iam, number: iam.create_open_id_connect_provider(
            Url=f"https://issuer-{number}.example.com", ThumbprintList=["a" * 40]
        ),
        lambda iam: len(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]),
    ),
    "saml": (
        "SAMLProvidersPerAccount",
        lambda iam, number: iam.create_saml_provider(Name=f"p{number}", SAMLMetadataDocument="x" * 1000),
        lambda iam: len(iam.list_saml_providers()["SAMLProviderList"]),
    ),
}


@pytest.mark.parametrize("kind", list(PROVIDERS))
def test_an_account_holds_a_hundred_providers_of_a_kind(world: World, kind: str) -> None:
    """IAM User Guide, "IAM and AWS STS quotas"."""
    quota, create, count = PROVIDERS[kind]
    for number in range(100):
        create(world.iam, number)
    found = refusal(create, iam=world.iam, number=100)
    assert (found.code, found.status) == ("LimitExceeded", 409)
    assert found.message == f"Cannot exceed quota for {quota}: 100"
    assert count(world.iam) == 100


@pytest.mark.parametrize("kind", ["user", "role"])
def test_an_entity_is_answered_with_its_boundary(world: World, kind: str) -> None:
    """IAM API Reference, CreateUser and CreateRole."""
    boundary = world.iam.create_policy(PolicyName="boundary", PolicyDocument=POLICY)["Policy"]["Arn"]
    params = {"Path": "/p/", "PermissionsBoundary": boundary, "Tags": [{"Key": "k", "Value": "v"}]}
    if kind == "user":
        made = world.iam.create_user(UserName="bounded", **params)["User"]
        read = world.iam.get_user(UserName="bounded")["User"]
    else:
        made = world.iam.create_role(RoleName="bounded", AssumeRolePolicyDocument=TRUST, **params)["Role"]
        read = world.iam.get_role(RoleName="bounded")["Role"]
    assert made["PermissionsBoundary"] == read["PermissionsBoundary"]
    assert made["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert made["Arn"] == read["Arn"]
    assert made["Tags"] == read["Tags"] == params["Tags"]
