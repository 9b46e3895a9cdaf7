"""The calls that seed resources, kind by kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rolecall.provisioning.steps import Answer, Step, Thing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rolecall.chains import Chain, Resource

__all__ = ["plan_resource"]


@dataclass(frozen=True, slots=True)
class _Seed:
    resource: Resource
    account: str
    region: str
    tags: Mapping[str, str]
    marks: Mapping[str, str]
    image_id: str

    @property
    def name(self) -> str:
        return str(self.resource.name)

    @property
    def tag_list(self) -> list[dict[str, str]]:
        return [{"Key": str(key), "Value": str(value)} for key, value in self.tags.items()]

    def get(self, key: str, default: Any) -> Any:
        return self.resource.properties.get(key, default)

    def step(
        self,
        verb: str,
        service: str,
        operation: str,
        params: Mapping[str, Any],
        *,
        identity: Mapping[str, str] | None = None,
        detail: str = "",
        secret: tuple[str, ...] = (),
    ) -> Step:
        step_id = f"{verb} {self.name}" + (f" {detail}" if detail else "")
        thing = None
        if identity is not None:
            thing = Thing(self.resource.kind, self.account, self.region, identity, tags=self.marks)
        return Step(step_id, self.account, service, operation, params, self.name, self.region, thing, secret)


def plan_resource(
    resource: Resource, chain: Chain, account: str, marks: Mapping[str, str], image_id: str
) -> Iterator[Step]:
    """The steps for one resource of a chain, its tags and the run's on it."""
    seed = _Seed(resource, account, chain.region, {**resource.tags, **marks}, marks, image_id)
    yield from _KINDS[resource.kind](seed)


def _ec2_instance(seed: _Seed) -> Iterator[Step]:
    count = seed.get("count", 1)
    token = f"{seed.name}-{seed.marks.get('rolecall:run', seed.account)}"[:64]
    params: dict[str, Any] = {
        "ImageId": seed.image_id,
        "InstanceType": str(seed.get("type", "t2.micro")),
        "MinCount": count,
        "MaxCount": count,
        "ClientToken": token,
    }
    tags = seed.tag_list
    if not seed.name.startswith("ec2_instance-"):
        tags = [{"Key": "Name", "Value": seed.name}, *tags]
    if tags:
        params["TagSpecifications"] = [{"ResourceType": "instance", "Tags": tags}]
    yield seed.step("run-instances", "ec2", "RunInstances", params, identity={"ClientToken": token})


def _s3_bucket(seed: _Seed) -> Iterator[Step]:
    name = {"Bucket": seed.name}
    where: dict[str, Any] = {} if seed.region == "us-east-1" else {"LocationConstraint": seed.region}
    if seed.marks:
        # Whoever is killed right after the call leaves a bucket that can be told apart.
        where["Tags"] = seed.tag_list
    params = {**name, **({"CreateBucketConfiguration": where} if where else {})}
    yield seed.step("create-bucket", "s3", "CreateBucket", params, identity=name)
    if seed.tags:
        tagging = {**name, "Tagging": {"TagSet": seed.tag_list}}
        yield seed.step("put-bucket-tagging", "s3", "PutBucketTagging", tagging)
    for key, text in seed.get("objects", {}).items():
        content = {**name, "Key": str(key), "Body": str(text).encode()}
        yield seed.step("put-object", "s3", "PutObject", content, detail=str(key), secret=("Body",))
    if seed.resource.policy is not None:
        policy = {**name, "Policy": seed.resource.policy.text}
        yield seed.step("put-bucket-policy", "s3", "PutBucketPolicy", policy)


def _sqs_queue(seed: _Seed) -> Iterator[Step]:
    attributes = {"Policy": seed.resource.policy.text} if seed.resource.policy else {}
    if seed.name.endswith(".fifo"):
        attributes["FifoQueue"] = "true"
    params: dict[str, Any] = {"QueueName": seed.name}
    params.update({"Attributes": attributes} if attributes else {})
    params.update({"tags": dict(seed.tags)} if seed.tags else {})
    yield seed.step("create-queue", "sqs", "CreateQueue", params, identity={"QueueName": seed.name})


def _sns_topic(seed: _Seed) -> Iterator[Step]:
    attributes = {"Policy": seed.resource.policy.text} if seed.resource.policy else {}
    if seed.name.endswith(".fifo"):
        attributes["FifoTopic"] = "true"
    params: dict[str, Any] = {"Name": seed.name}
    params.update({"Attributes": attributes} if attributes else {})
    params.update({"Tags": seed.tag_list} if seed.tags else {})
    arn = f"arn:{_partition(seed.region)}:sns:{seed.region}:{seed.account}:{seed.name}"
    yield seed.step("create-topic", "sns", "CreateTopic", params, identity={"TopicArn": arn})


def _dynamodb_table(seed: _Seed) -> Iterator[Step]:
    key = str(seed.get("key", "id"))
    params: dict[str, Any] = {
        "TableName": seed.name,
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
        **({"Tags": seed.tag_list} if seed.tags else {}),
    }
    yield seed.step("create-table", "dynamodb", "CreateTable", params, identity={"TableName": seed.name})


def _secret(seed: _Seed) -> Iterator[Step]:
    params: dict[str, Any] = {"Name": seed.name, "SecretString": str(seed.get("value", "example"))}
    params.update({"Tags": seed.tag_list} if seed.tags else {})
    identity = {"SecretId": seed.name}
    yield seed.step(
        "create-secret", "secretsmanager", "CreateSecret", params, identity=identity, secret=("SecretString",)
    )
    if seed.resource.policy is not None:
        policy = {**identity, "ResourcePolicy": seed.resource.policy.text}
        yield seed.step("put-resource-policy", "secretsmanager", "PutResourcePolicy", policy)


def _ssm_parameter(seed: _Seed) -> Iterator[Step]:
    params: dict[str, Any] = {"Name": seed.name, "Value": str(seed.get("value", "example")), "Type": "String"}
    params.update({"Tags": seed.tag_list} if seed.tags else {})
    yield seed.step(
        "put-parameter", "ssm", "PutParameter", params, identity={"Name": seed.name}, secret=("Value",)
    )


def _kms_key(seed: _Seed) -> Iterator[Step]:
    params: dict[str, Any] = {"Description": f"rolecall {seed.name}"}
    params.update({"Policy": seed.resource.policy.text} if seed.resource.policy else {})
    if seed.tags:
        tags = [{"TagKey": str(key), "TagValue": str(value)} for key, value in seed.tags.items()]
        params["Tags"] = tags
    create = seed.step(
        "create-key", "kms", "CreateKey", params, identity={"Description": params["Description"]}
    )
    yield create
    target = Answer(create.id, ("KeyMetadata", "KeyId"))
    alias = {"AliasName": f"alias/{seed.name}", "TargetKeyId": target}
    yield seed.step("create-alias", "kms", "CreateAlias", alias)


def _log_group(seed: _Seed) -> Iterator[Step]:
    params: dict[str, Any] = {"logGroupName": seed.name}
    params.update({"tags": dict(seed.tags)} if seed.tags else {})
    yield seed.step(
        "create-log-group", "logs", "CreateLogGroup", params, identity={"logGroupName": seed.name}
    )


def _partition(region: str) -> str:
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


_KINDS: dict[str, Callable[[_Seed], Iterator[Step]]] = {
    "ec2_instance": _ec2_instance,
    "s3_bucket": _s3_bucket,
    "sqs_queue": _sqs_queue,
    "sns_topic": _sns_topic,
    "dynamodb_table": _dynamodb_table,
    "secret": _secret,
    "ssm_parameter": _ssm_parameter,
    "kms_key": _kms_key,
    "log_group": _log_group,
}
