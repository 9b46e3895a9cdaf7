"""Principals of policies on resources: they have to exist, and one made again is somebody else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.enforcement.scenarios.world import Refused, Scenario, World, allow, policy

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SCENARIOS"]

PRINCIPAL = "UserGuide reference_policies_elements_principal"
UNKNOWN_ID = "re:Post iam-resource-policy-format"


@dataclass(frozen=True)
class Holder:
    """A resource with a policy: how to make it, save and show its policy, and use it."""

    action: str
    make: Callable[[World], str]
    save: Callable[[World, str, str], Any]
    show: Callable[[World, str], str]
    use: Callable[[Any, str], Any]
    refused: Refused
    denied: Refused
    source: str


def _arn_of_key(world: World) -> str:
    arn: str = world.admin("kms").create_key()["KeyMetadata"]["Arn"]
    return arn


def _arn_of_secret(world: World) -> str:
    made = world.admin("secretsmanager").create_secret(Name=world.name("secret"), SecretString="s")
    arn: str = made["ARN"]
    return arn


def _url_of_queue(world: World) -> str:
    url: str = world.admin("sqs").create_queue(QueueName=world.name("queue"))["QueueUrl"]
    return url


def _arn_of_topic(world: World) -> str:
    arn: str = world.admin("sns").create_topic(Name=world.name("topic"))["TopicArn"]
    return arn


HOLDERS = {
    "bucket": Holder(
        "s3:GetObject",
        lambda world: world.bucket(),
        lambda world, name, text: world.admin("s3").put_bucket_policy(
            Bucket=name, Policy=text.replace('"*"', f'"arn:aws:s3:::{name}/*"')
        ),
        lambda world, name: world.admin("s3").get_bucket_policy(Bucket=name)["Policy"],
        lambda session, name: session.client("s3").get_object(Bucket=name, Key="x"),
        Refused("MalformedPolicy", 400, ("Invalid principal in policy",)),
        Refused("AccessDenied", 403),
        "re:Post s3-invalid-principal-in-policy-error",
    ),
    "queue": Holder(
        "sqs:SendMessage",
        _url_of_queue,
        lambda world, url, text: world.admin("sqs").set_queue_attributes(
            QueueUrl=url, Attributes={"Policy": text}
        ),
        lambda world, url: world.admin("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])[
            "Attributes"
        ]["Policy"],
        lambda session, url: session.client("sqs").send_message(QueueUrl=url, MessageBody="m"),
        Refused("InvalidAttributeValue", 400, ("Invalid value for the parameter Policy.",)),
        Refused("AccessDenied", 403),
        "SQS API SetQueueAttributes",
    ),
    "topic": Holder(
        "sns:Publish",
        _arn_of_topic,
        lambda world, arn, text: world.admin("sns").set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=text
        ),
        lambda world, arn: world.admin("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"],
        lambda session, arn: session.client("sns").publish(TopicArn=arn, Message="m"),
        Refused("InvalidParameter", 400, ("Policy Error: PrincipalNotFound",)),
        Refused("AuthorizationError", 403),
        "SNS API SetTopicAttributes; terraform-provider-aws issue 26041",
    ),
    "key": Holder(
        "kms:Encrypt",
        _arn_of_key,
        lambda world, arn, text: world.admin("kms").put_key_policy(
            KeyId=arn, PolicyName="default", Policy=text, BypassPolicyLockoutSafetyCheck=True
        ),
        lambda world, arn: world.admin("kms").get_key_policy(KeyId=arn, PolicyName="default")["Policy"],
        lambda session, arn: session.client("kms").encrypt(KeyId=arn, Plaintext=b"x"),
        Refused("MalformedPolicyDocumentException", 400, ("one or more invalid principals",)),
        Refused("AccessDeniedException", 400),
        "KMS API PutKeyPolicy",
    ),
    "secret": Holder(
        "secretsmanager:GetSecretValue",
        _arn_of_secret,
        lambda world, arn, text: world.admin("secretsmanager").put_resource_policy(
            SecretId=arn, ResourcePolicy=text
        ),
        lambda world, arn: world.admin("secretsmanager").get_resource_policy(SecretId=arn)["ResourcePolicy"],
        lambda session, arn: session.client("secretsmanager").get_secret_value(SecretId=arn),
        Refused("MalformedPolicyDocumentException", 400, ("unsupported principal",)),
        Refused("AccessDeniedException", 400),
        "Secrets Manager API PutResourcePolicy",
    ),
}
ROOT_KEEPS = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}


def _document(world: World, kind: str, principal: Any) -> str:
    statements = [{**allow(HOLDERS[kind].action), "Principal": {"AWS": principal}}]
    if kind == "key":
        # Without it nobody could look at the key's policy afterwards.
        statements.append({**ROOT_KEEPS, "Principal": {"AWS": f"arn:aws:iam::{world.account}:root"}})
    return policy(*statements)


def _save(world: World, kind: str, principal: Any) -> tuple[Holder, str]:
    holder = HOLDERS[kind]
    name = holder.make(world)
    holder.save(world, name, _document(world, kind, principal))
    return holder, name


def _saved(kind: str, principal: str) -> Callable[[World], None]:
    def call(world: World) -> None:
        _save(world, kind, principal.replace("ACCOUNT", world.account))

    return call


def _shown(world: World, holder: Holder, name: str) -> str:
    principal: str = json.loads(holder.show(world, name))["Statement"][0]["Principal"]["AWS"]
    return principal


def _remove(world: World, user: Any) -> str:
    iam = world.admin("iam")
    identifier: str = iam.get_user(UserName=user.name)["User"]["UserId"]
    iam.delete_access_key(UserName=user.name, AccessKeyId=user.key)
    iam.delete_user(UserName=user.name)
    return identifier


def _made_again(kind: str) -> Callable[[World], None]:
    def call(world: World) -> None:
        user = world.user()
        holder, name = _save(world, kind, user.arn)
        _remove(world, user)
        again = world.user(name=user.name)
        holder.use(world.credential(again.key, again.secret), name)

    return call


def _usable(kind: str) -> Callable[[World], None]:
    def call(world: World) -> None:
        user = world.user()
        holder, name = _save(world, kind, user.arn)
        holder.use(world.credential(user.key, user.secret), name)

    return call


def _shows_the_id(kind: str) -> Callable[[World], None]:
    def call(world: World) -> None:
        user = world.user()
        holder, name = _save(world, kind, user.arn)
        assert _shown(world, holder, name) == user.arn
        identifier = _remove(world, user)
        assert _shown(world, holder, name) == identifier
        # The id is nobody's any more, so that the document cannot be saved as it is shown.
        holder.save(world, name, holder.show(world, name))

    return call


def renamed_user_keeps_the_queue(world: World) -> None:
    user = world.user()
    holder, name = _save(world, "queue", user.arn)
    world.admin("iam").update_user(UserName=user.name, NewUserName=f"{user.name}-new")
    assert _shown(world, holder, name) == f"{user.arn}-new"
    holder.use(world.credential(user.key, user.secret), name)


def own_id_becomes_the_arn(world: World) -> None:
    user = world.user()
    identifier = world.admin("iam").get_user(UserName=user.name)["User"]["UserId"]
    holder, name = _save(world, "bucket", identifier)
    assert _shown(world, holder, name) == user.arn
    holder.use(world.credential(user.key, user.secret), name)


def denied_role_made_again(world: World) -> None:
    """A Deny follows the id too: the role made again is not the one that was denied."""
    role = world.role(allow("sqs:SendMessage"))
    url = _url_of_queue(world)
    statement = {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*", "Principal": {"AWS": role}}
    world.admin("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(statement)})
    iam, name = world.admin("iam"), role.rpartition("/")[2]
    iam.delete_role_policy(RoleName=name, PolicyName="inline")
    iam.delete_role(RoleName=name)
    trust = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": world.account}})
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    document = policy(allow("sqs:SendMessage"))
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document)
    user = world.user(allow("sts:AssumeRole"))
    made = user.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    world.of_answer(made).client("sqs").send_message(QueueUrl=url, MessageBody="m")


def _function(world: World) -> str:
    name = world.name("function")
    world.admin("lambda").create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=world.role(trust={"Service": "lambda.amazonaws.com"}),
        Handler="h.h",
        Code={"ZipFile": b"x"},
    )
    return name


def lambda_permission_for_nobody(world: World) -> None:
    world.admin("lambda").add_permission(
        FunctionName=_function(world),
        StatementId="s",
        Action="lambda:InvokeFunction",
        Principal=f"arn:aws:iam::{world.account}:user/nobody",
    )


def lambda_permission_shows_the_id(world: World) -> None:
    user, name = world.user(), _function(world)
    client = world.admin("lambda")
    client.add_permission(
        FunctionName=name, StatementId="s", Action="lambda:InvokeFunction", Principal=user.arn
    )

    def shown() -> str:
        principal: str = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"][0][
            "Principal"
        ]["AWS"]
        return principal

    assert shown() == user.arn
    identifier = _remove(world, user)
    assert shown() == identifier


def lambda_permission_lets_user_invoke(world: World) -> None:
    user, name = world.user(), _function(world)
    world.admin("lambda").add_permission(
        FunctionName=name, StatementId="s", Action="lambda:GetFunction", Principal=user.arn
    )
    user.client("lambda").get_function(FunctionName=name)


def queue_policy_that_is_none(world: World) -> None:
    url = _url_of_queue(world)
    world.admin("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": '{"Statement": 1}'})


def bucket_policy_that_is_none(world: World) -> None:
    world.admin("s3").put_bucket_policy(Bucket=world.bucket(), Policy="not json")


NOBODY = "arn:aws:iam::ACCOUNT:user/nobody"
SCENARIOS = [
    *(Scenario(f"{kind}-for-nobody", _saved(kind, NOBODY), found.refused, found.source)
      for kind, found in HOLDERS.items()),
    *(Scenario(f"{kind}-for-a-pattern", _saved(kind, "arn:aws:iam::ACCOUNT:user/*"), found.refused, PRINCIPAL)
      for kind, found in HOLDERS.items()),
    *(Scenario(f"{kind}-names-user", _usable(kind), None, PRINCIPAL) for kind in HOLDERS),
    *(Scenario(f"{kind}-names-user-made-again", _made_again(kind), found.denied, PRINCIPAL)
      for kind, found in HOLDERS.items()),
    *(Scenario(f"{kind}-shows-id-of-deleted-user", _shows_the_id(kind), found.refused, UNKNOWN_ID)
      for kind, found in HOLDERS.items()),
    Scenario("queue-follows-renamed-user", renamed_user_keeps_the_queue, None, "UserGuide id_users_rename"),
    Scenario("bucket-names-unique-id", own_id_becomes_the_arn, None, PRINCIPAL),
    Scenario("queue-denies-role-made-again", denied_role_made_again, None, PRINCIPAL),
    Scenario("lambda-for-nobody", lambda_permission_for_nobody,
             Refused("InvalidParameterValueException", 400, ("The provided principal was invalid",)),
             "Lambda API AddPermission"),
    Scenario("lambda-names-user", lambda_permission_lets_user_invoke, None, "Lambda API AddPermission"),
    Scenario("lambda-shows-id-of-deleted-user", lambda_permission_shows_the_id, None, UNKNOWN_ID),
    Scenario("queue-policy-is-none", queue_policy_that_is_none, Refused("InvalidAttributeValue", 400),
             "SQS API SetQueueAttributes"),
    Scenario("bucket-policy-is-none", bucket_policy_that_is_none, Refused("MalformedPolicy", 400),
             "S3 API ErrorResponses"),
]  # fmt: skip
