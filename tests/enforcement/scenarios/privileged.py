"""Root sessions for privileged tasks, and calls of STS that need tokens which cannot be had."""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from rolecall.enforcement import Organization
from tests.enforcement.scenarios.world import Refused, Scenario, World, allow, deny, policy

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SCENARIOS"]

ROOT = "STS API AssumeRoot"
TASK = "UserGuide id_root-user-privileged-task"
CONTEXTS = "STS API AssumeRole, ProvidedContexts"
WEB_TOKEN = "STS API GetWebIdentityToken"
DELEGATED = "STS API GetDelegatedAccessToken"
SIZES = "STS API AssumeRole, MinimumSessionTokenSize"
MEMBER = "444455556666"
UNLOCK = {"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}


@contextmanager
def _organization(world: World, **more: Any) -> Iterator[None]:
    environment = world.aws.environment
    path = "o-abc/r-def/"
    paths = {world.account: path, MEMBER: path}
    options = {"management_account": world.account, "centralized_root_access": True, **more}
    before, environment.organization = environment.organization, Organization("o-abc", paths=paths, **options)
    try:
        yield
    finally:
        environment.organization = before


def _root_task(world: World, *statements: Any, target: str = MEMBER, task: Any = UNLOCK, **more: Any) -> Any:
    user = world.user(*(statements or (allow("sts:AssumeRoot"),)))
    sts = user.client("sts", region_name="us-west-2")
    return sts.assume_root(TargetPrincipal=target, TaskPolicyArn=task, **more)


def root_unlocks_a_bucket(world: World) -> None:
    name = world.name("locked")
    owner = world.aws.root_session(MEMBER).client("s3")
    owner.create_bucket(Bucket=name)
    locked = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{name}/*"}
    owner.put_bucket_policy(Bucket=name, Policy=policy(locked))
    with _organization(world):
        made = _root_task(world)
    session = world.of_answer(made["Credentials"])
    assert session.client("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{MEMBER}:root"
    session.client("s3").delete_bucket_policy(Bucket=name)


def root_does_nothing_but_its_task(world: World) -> None:
    with _organization(world):
        made = _root_task(world)
    world.of_answer(made["Credentials"]).client("ec2").describe_instances()


def assume_root(world: World, *statements: Any, organization: Any = None, **more: Any) -> None:
    with _organization(world, **(organization or {})):
        _root_task(world, *statements, **more)


def root_calls_assume_root(world: World) -> None:
    with _organization(world):
        world.root.client("sts", region_name="us-west-2").assume_root(
            TargetPrincipal=MEMBER, TaskPolicyArn=UNLOCK
        )


def outside_an_organization(world: World) -> None:
    _root_task(world)


def provided_contexts(world: World) -> None:
    role = world.role()
    world.user(allow("sts:*")).client("sts").assume_role(
        RoleArn=role,
        RoleSessionName="session",
        ProvidedContexts=[
            {"ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter", "ContextAssertion": "abcd"}
        ],
    )


def web_identity_token(world: World, *statements: Any) -> None:
    sts = world.user(*statements).client("sts")
    sts.get_web_identity_token(Audience=["https://example.com"], SigningAlgorithm="ES384")


def delegated_token(world: World) -> None:
    world.user(allow("*")).client("sts").get_delegated_access_token(TradeInToken="token")


def token_has_the_asked_size(world: World) -> None:
    sts = world.user(allow("*")).client("sts")
    made = sts.assume_role(RoleArn=world.role(), RoleSessionName="session", MinimumSessionTokenSize=2048)
    assert len(made["Credentials"]["SessionToken"]) == made["SessionTokenSize"] == 2048
    assert made["SessionTokenUtilization"] == 50
    world.of_answer(made["Credentials"]).client("sts").get_caller_identity()


def packed_size_is_told(world: World) -> None:
    sts = world.user(allow("*")).client("sts")
    role, inline = world.role(), policy(allow("s3:GetObject"))
    made = sts.assume_role(RoleArn=role, RoleSessionName="session", Policy=inline)
    assert 0 < made["PackedPolicySize"] <= 100
    assert "PackedPolicySize" not in sts.assume_role(RoleArn=role, RoleSessionName="session")


def longest_plain_policy_passes(world: World) -> None:
    """2,048 characters that hardly pack: the estimate alone refuses nothing that is within the limit."""
    text = json.dumps(json.loads(policy(allow("s3:GetObject", "arn:aws:s3:::FILL"))), separators=(",", ":"))
    noise = "".join(chr(33 + (number * number * 7919 + number * 104729) % 90) for number in range(4000))
    noise = "".join(char for char in noise if char.isalnum())[: 2048 - len(text) + 4]
    text = text.replace("FILL", noise)
    assert len(text) == 2048
    sts = world.user(allow("*")).client("sts")
    sts.assume_role(RoleArn=world.role(), RoleSessionName="session", Policy=text)


NOT_THAT_TASK = deny("sts:AssumeRoot", Condition={"StringEquals": {"sts:TaskPolicyArn": UNLOCK["arn"]}})
DENIED = Refused("AccessDenied", 403)
SCENARIOS = [
    Scenario("root-task-unlocks-bucket", root_unlocks_a_bucket, None, TASK),
    Scenario("root-task-nothing-else", root_does_nothing_but_its_task,
             Refused("UnauthorizedOperation", 403), ROOT),
    Scenario("root-task-needs-permission", lambda world: assume_root(world, allow("s3:*")),
             Refused("AccessDenied", 403, ("sts:AssumeRoot",)), ROOT),
    Scenario("root-task-denied-by-task",
             lambda world: assume_root(world, allow("sts:AssumeRoot"), NOT_THAT_TASK),
             Refused("AccessDenied", 403, ("explicit deny",)), "ServiceAuthorization sts"),
    Scenario("root-task-other-policy",
             partial(assume_root, task={"arn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
             Refused("ValidationError", 400), ROOT),
    Scenario("root-task-too-long", partial(assume_root, DurationSeconds=901),
             Refused("ValidationError", 400), ROOT),
    Scenario("root-task-by-root", root_calls_assume_root, DENIED, ROOT),
    Scenario("root-task-no-organization", outside_an_organization, DENIED, ROOT),
    Scenario("root-task-not-enabled", partial(assume_root, organization={"centralized_root_access": False}),
             DENIED, ROOT),
    Scenario("root-task-by-member", partial(assume_root, organization={"management_account": MEMBER}),
             DENIED, ROOT),
    Scenario("root-task-by-delegated-administrator",
             partial(assume_root, organization={"management_account": "777788889999",
                                                "delegated_iam_administrator": "111122223333"}), None, ROOT),
    Scenario("root-task-of-stranger", partial(assume_root, target="999988887777"), DENIED, ROOT),
    Scenario("provided-contexts", provided_contexts, Refused("ValidationError", 400), CONTEXTS),
    Scenario("web-identity-token-not-enabled", lambda world: web_identity_token(world, allow("*")),
             Refused("OutboundWebIdentityFederationDisabledException", 403), WEB_TOKEN),
    Scenario("web-identity-token-not-permitted", web_identity_token, DENIED, WEB_TOKEN),
    Scenario("delegated-token", delegated_token, Refused("ExpiredTradeInTokenException", 400), DELEGATED),
    Scenario("session-token-size", token_has_the_asked_size, None, SIZES),
    Scenario("packed-size-told", packed_size_is_told, None, "STS API AssumeRole, PackedPolicySize"),
    Scenario("packed-size-longest-policy", longest_plain_policy_passes, None, "STS API AssumeRole, Policy"),
]  # fmt: skip
