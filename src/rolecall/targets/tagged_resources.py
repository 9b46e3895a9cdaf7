"""Resources outside of IAM that bear a tag, as the Resource Groups Tagging API lists them in a region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rolecall.provisioning import Thing

__all__ = ["tagged_resources"]


def tagged_resources(
    session: Any, account: str, region: str, key: str, value: str
) -> Iterator[tuple[Thing, dict[str, str]]]:
    """Each with what has to be known to remove it. Raises ClientError where nothing is told."""
    client = session.client("resourcegroupstaggingapi")
    pages = client.get_paginator("get_resources").paginate(TagFilters=[{"Key": key, "Values": [value]}])
    for page in pages:
        for item in page["ResourceTagMappingList"]:
            tags = {tag["Key"]: tag["Value"] for tag in item["Tags"]}
            known = _identity(session, item["ResourceARN"])
            if known is not None and tags.get(key) == value:
                kind, identity, learned = known
                yield Thing(kind, account, region, identity, tags=tags), learned


def _identity(session: Any, arn: str) -> tuple[str, dict[str, str], dict[str, str]] | None:
    _, _, service, _, _, rest = arn.split(":", 5)
    match service, rest.partition("/")[0]:
        case "ec2", "instance":
            held = rest.partition("/")[2]
            given = [{"Name": "instance-id", "Values": [held]}]
            groups = session.client("ec2").describe_instances(Filters=given)["Reservations"]
            states = [one["State"]["Name"] for group in groups for one in group["Instances"]]
            if not states or states[0] in ("terminated", "shutting-down"):
                return None
            return "ec2_instance", {"ClientToken": held}, {"InstanceIds": held}
        case "s3", _:
            return "s3_bucket", {"Bucket": rest}, {}
        case "sqs", _:
            return "sqs_queue", {"QueueName": rest}, {}
        case "sns", _:
            return "sns_topic", {"TopicArn": arn}, {}
        case "dynamodb", "table":
            return "dynamodb_table", {"TableName": rest.partition("/")[2]}, {}
        case "secretsmanager", _:
            return "secret", {"SecretId": arn}, {}
        case "ssm", "parameter":
            name = rest.removeprefix("parameter")
            return "ssm_parameter", {"Name": name if name.count("/") > 1 else name[1:]}, {}
        case "kms", "key":
            key_id = rest.partition("/")[2]
            about = session.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]
            if about["KeyState"] == "PendingDeletion":
                return None  # it bears its tags for the week that AWS asks for
            return "kms_key", {"Description": about["Description"]}, {"KeyId": key_id}
        case "logs", _:
            name = rest.removeprefix("log-group:").removesuffix(":*")
            return "log_group", {"logGroupName": name}, {}
    return None
