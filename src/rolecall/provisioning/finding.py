"""The tags of a seeded resource, None where it does not exist: what tells whose it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rolecall.provisioning.connections import Connections
    from rolecall.provisioning.steps import Thing

__all__ = ["find_seed", "instances_of", "keys_of"]

_OF_A_RUN = re.compile(r"rc-[0-9a-f]{8}-")
Call = Callable[[str, str, dict[str, Any]], Any]


def find_seed(thing: Thing, connections: Connections, learned: dict[str, str]) -> dict[str, str] | None:
    """Tags by key. Raises ClientError for what AWS refuses to tell, also that a thing does not exist."""
    return _FINDERS[thing.kind](thing, connections, learned)


def _call(connections: Connections, thing: Thing, service: str, operation: str, **params: Any) -> Any:
    return connections.call(thing.account, service, thing.region, operation, params)


def _pairs(tags: list[dict[str, str]], key: str = "Key", value: str = "Value") -> dict[str, str]:
    return {tag[key]: tag[value] for tag in tags}


def instances_of(thing: Thing, connections: Connections, learned: dict[str, str]) -> list[dict[str, Any]]:
    """The instances of a RunInstances call that are not terminated: by id, by the run's tags, by token.

    Of those with the run's tags, each that is not known to be of another call.
    """
    if learned.get("InstanceIds"):
        params: dict[str, Any] = {"InstanceIds": learned["InstanceIds"].split(",")}
    elif thing.tags:
        filters = [{"Name": f"tag:{key}", "Values": [value]} for key, value in thing.tags.items()]
        params = {"Filters": filters}
    else:
        params = {"Filters": [{"Name": "client-token", "Values": [thing.identity["ClientToken"]]}]}
    answer = _call(connections, thing, "ec2", "DescribeInstances", **params)
    every = [instance for group in answer["Reservations"] for instance in group["Instances"]]
    alive = [item for item in every if item["State"]["Name"] not in ("terminated", "shutting-down")]
    if learned.get("InstanceIds"):
        return alive
    return [item for item in alive if item.get("ClientToken") in (None, "", thing.identity["ClientToken"])]


def keys_of(thing: Thing, connections: Connections, learned: dict[str, str]) -> list[str]:
    """The ids of KMS keys that are not pending deletion: the one that was learned, else by description."""
    known = [learned["KeyId"]] if learned.get("KeyId") else None
    client = connections.client(thing.account, "kms", thing.region)
    pages = client.get_paginator("list_keys").paginate
    ids = known or [key["KeyId"] for page in pages() for key in page["Keys"]]
    found = []
    for key_id in ids:
        about = client.describe_key(KeyId=key_id)["KeyMetadata"]
        if about["KeyState"] != "PendingDeletion" and about["Description"] == thing.identity["Description"]:
            found.append(key_id)
    return found


def _ec2_instance(thing: Thing, connections: Connections, learned: dict[str, str]) -> dict[str, str] | None:
    instances = instances_of(thing, connections, learned)
    return _pairs(instances[0].get("Tags", [])) if instances else None


def _kms_key(thing: Thing, connections: Connections, learned: dict[str, str]) -> dict[str, str] | None:
    keys = keys_of(thing, connections, learned)
    if not keys:
        return None
    answer = _call(connections, thing, "kms", "ListResourceTags", KeyId=keys[0])
    return _pairs(answer["Tags"], "TagKey", "TagValue")


def _s3_bucket(thing: Thing, connections: Connections, _: dict[str, str]) -> dict[str, str] | None:
    # Where an endpoint does not take tags with the bucket they come in a second call, and that one may not
    # have come: an empty bucket whose name begins as those of runs do is the one of the ledger.
    client = connections.client(thing.account, "s3", thing.region)
    client.head_bucket(**thing.identity)
    try:
        return _pairs(client.get_bucket_tagging(**thing.identity)["TagSet"])
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchTagSet":
            untouched = _OF_A_RUN.match(thing.identity["Bucket"]) and not client.list_objects_v2(
                **thing.identity, MaxKeys=1
            ).get("KeyCount")
            return dict(thing.tags) if untouched else {}
        raise


def _sqs_queue(thing: Thing, connections: Connections, _: dict[str, str]) -> dict[str, str] | None:
    url = _call(connections, thing, "sqs", "GetQueueUrl", **thing.identity)["QueueUrl"]
    return dict(_call(connections, thing, "sqs", "ListQueueTags", QueueUrl=url).get("Tags", {}))


def _sns_topic(thing: Thing, connections: Connections, _: dict[str, str]) -> dict[str, str] | None:
    arn = thing.identity["TopicArn"]
    return _pairs(_call(connections, thing, "sns", "ListTagsForResource", ResourceArn=arn)["Tags"])


def _dynamodb_table(thing: Thing, connections: Connections, _: dict[str, str]) -> dict[str, str] | None:
    table = _call(connections, thing, "dynamodb", "DescribeTable", **thing.identity)["Table"]
    answer = _call(connections, thing, "dynamodb", "ListTagsOfResource", ResourceArn=table["TableArn"])
    return _pairs(answer.get("Tags", []))


def _secret(thing: Thing, connections: Connections, _: dict[str, str]) -> dict[str, str] | None:
    answer = _call(connections, thing, "secretsmanager", "DescribeSecret", **thing.identity)
    return None if answer.get("DeletedDate") else _pairs(answer.get("Tags", []))


def _ssm_parameter(thing: Thing, connections: Connections, _: dict[str, str]) -> dict[str, str] | None:
    _call(connections, thing, "ssm", "GetParameter", **thing.identity)
    params = {"ResourceType": "Parameter", "ResourceId": thing.identity["Name"]}
    return _pairs(_call(connections, thing, "ssm", "ListTagsForResource", **params)["TagList"])


def _log_group(thing: Thing, connections: Connections, _: dict[str, str]) -> dict[str, str] | None:
    name = thing.identity["logGroupName"]
    groups = _call(connections, thing, "logs", "DescribeLogGroups", logGroupNamePrefix=name)["logGroups"]
    if not any(group["logGroupName"] == name for group in groups):
        return None
    return dict(_call(connections, thing, "logs", "ListTagsLogGroup", logGroupName=name).get("tags", {}))


_FINDERS: dict[str, Callable[[Thing, Connections, dict[str, str]], dict[str, str] | None]] = {
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
