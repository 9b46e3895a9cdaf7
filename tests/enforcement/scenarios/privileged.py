"""Root sessions for privileged tasks, and calls of STS that need tokens which cannot be had."""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from rolecall.enforcement import Organization
from rolecall.iam import parse_policy
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
    locked = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{name}"}
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


def _root_session(world: World) -> Any:
    with _organization(world):
        return world.of_answer(_root_task(world)["Credentials"])


@contextmanager
def _root_restricted(world: World) -> Iterator[None]:
    """The account's SCPs keep its root user out, but for root sessions."""
    condition = {
        "ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:root"},
        "Null": {"aws:AssumedRoot": "true"},
    }
    text = policy(allow("*"), deny("*", Condition=condition))
    world.aws.environment.scps[MEMBER] = ((parse_policy(text),),)
    try:
        yield
    finally:
        del world.aws.environment.scps[MEMBER]


def root_task_is_assumed_root(world: World) -> None:
    session = _root_session(world)
    with _root_restricted(world):
        session.client("s3").list_buckets()


def root_user_is_not_assumed_root(world: World) -> None:
    with _root_restricted(world):
        world.aws.root_session(MEMBER).client("s3").list_buckets()


def _locked_bucket(world: World) -> str:
    name = world.name("locked")
    world.admin("s3").create_bucket(Bucket=name)
    arns = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    text = policy({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": arns})
    world.admin("s3").put_bucket_policy(Bucket=name, Policy=text)
    return name


def root_mends_its_bucket_policy(world: World) -> None:
    name, s3 = _locked_bucket(world), world.admin("s3")
    text = s3.get_bucket_policy(Bucket=name)["Policy"]
    s3.put_bucket_policy(Bucket=name, Policy=text)
    s3.delete_bucket_policy(Bucket=name)
    s3.list_objects_v2(Bucket=name)


def root_of_another_account_mends_nothing(world: World) -> None:
    name = _locked_bucket(world)
    world.aws.root_session(MEMBER).client("s3").delete_bucket_policy(Bucket=name)


def _locked_queue(world: World) -> str:
    sqs = world.admin("sqs")
    url: str = sqs.create_queue(QueueName=world.name("locked"))["QueueUrl"]
    text = policy({"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": text})
    return url


def root_mends_its_queue_policy(world: World) -> None:
    url, sqs = _locked_queue(world), world.admin("sqs")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    sqs.send_message(QueueUrl=url, MessageBody="m")


def root_sets_another_attribute(world: World) -> None:
    url = _locked_queue(world)
    world.admin("sqs").set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "1"})


def _key_for(principal: str, *actions: str) -> str:
    return policy({**allow(list(actions) or "kms:*"), "Principal": {"AWS": principal}})


def root_locks_itself_out_of_a_key(world: World, **more: Any) -> None:
    user = world.user()
    world.admin("kms").create_key(Policy=_key_for(user.arn), **more)


def user_makes_a_key_of_its_own(world: World, *actions: str) -> None:
    user = world.user(allow("kms:CreateKey"))
    user.client("kms").create_key(Policy=_key_for(user.arn, *actions))


def account_key_of_a_user(world: World, *actions: str) -> None:
    user = world.user(allow(["kms:CreateKey", *actions]))
    user.client("kms").create_key(Policy=_key_for(f"arn:aws:iam::{world.account}:root"))


def root_gives_a_key_away(world: World, **more: Any) -> None:
    key = world.admin("kms").create_key()["KeyMetadata"]["KeyId"]
    text = _key_for(world.user().arn)
    world.admin("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=text, **more)


LOCKOUT = "KMS API CreateKey, Policy; terraform-provider-aws testAccKey_policyBypass"
LOCKED_OUT = Refused("MalformedPolicyDocumentException", 400, ("will not allow you to update",))
BUCKET_POLICY = "S3 API PutBucketPolicy"
ROOT_ONLY = "Account Management aws-actions-project-owners, root-only actions"
ASSUMED_ROOT = "UserGuide reference_policies_condition-keys, aws:AssumedRoot"
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
    Scenario("root-task-is-assumed-root", root_task_is_assumed_root, None, ASSUMED_ROOT),
    Scenario("root-user-is-not-assumed-root", root_user_is_not_assumed_root, DENIED, ASSUMED_ROOT),
    Scenario("root-task-no-sts", lambda world: _root_session(world).client("sts").get_session_token(),
             DENIED, "UserGuide id_credentials_sts-comparison; not documented for AssumeRoot"),
    Scenario("root-mends-bucket-policy", root_mends_its_bucket_policy, None, BUCKET_POLICY),
    Scenario("root-denied-by-bucket-policy",
             lambda world: world.admin("s3").list_objects_v2(Bucket=_locked_bucket(world)),
             DENIED, BUCKET_POLICY),
    Scenario("user-mends-no-bucket-policy",
             lambda world: world.user(allow("*")).client("s3").delete_bucket_policy(
                 Bucket=_locked_bucket(world)), DENIED, BUCKET_POLICY),
    Scenario("other-root-mends-no-bucket-policy", root_of_another_account_mends_nothing,
             DENIED, BUCKET_POLICY),
    Scenario("root-mends-queue-policy", root_mends_its_queue_policy, None, ROOT_ONLY),
    Scenario("root-denied-by-queue-policy", root_sets_another_attribute, DENIED, ROOT_ONLY),
    Scenario("key-locks-root-out", root_locks_itself_out_of_a_key, LOCKED_OUT, LOCKOUT),
    Scenario("key-locks-root-out-bypassed",
             partial(root_locks_itself_out_of_a_key, BypassPolicyLockoutSafetyCheck=True), None, LOCKOUT),
    Scenario("key-of-its-user", user_makes_a_key_of_its_own, None, LOCKOUT),
    Scenario("key-of-its-user-to-use-only", lambda world: user_makes_a_key_of_its_own(world, "kms:Encrypt"),
             LOCKED_OUT, LOCKOUT),
    Scenario("key-of-account-user-may-not-change", account_key_of_a_user, LOCKED_OUT, LOCKOUT),
    Scenario("key-of-account-user-may-change",
             lambda world: account_key_of_a_user(world, "kms:PutKeyPolicy"), None, LOCKOUT),
    Scenario("key-policy-locks-root-out", root_gives_a_key_away, LOCKED_OUT, "KMS API PutKeyPolicy, Policy"),
    Scenario("key-policy-locks-root-out-bypassed",
             partial(root_gives_a_key_away, BypassPolicyLockoutSafetyCheck=True), None,
             "KMS API PutKeyPolicy, BypassPolicyLockoutSafetyCheck"),
    Scenario("provided-contexts", provided_contexts, Refused("ValidationError", 400), CONTEXTS),
    Scenario("web-identity-token-not-enabled", lambda world: web_identity_token(world, allow("*")),
             Refused("OutboundWebIdentityFederationDisabledException", 403), WEB_TOKEN),
    Scenario("web-identity-token-not-permitted", web_identity_token, DENIED, WEB_TOKEN),
    Scenario("delegated-token", delegated_token, Refused("ExpiredTradeInTokenException", 400), DELEGATED),
    Scenario("session-token-size", token_has_the_asked_size, None, SIZES),
    Scenario("packed-size-told", packed_size_is_told, None, "STS API AssumeRole, PackedPolicySize"),
    Scenario("packed-size-longest-policy", longest_plain_policy_passes, None, "STS API AssumeRole, Policy"),
]  # fmt: skip
