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


def instances_of(thing: Thing, connections: Connections, learned: dict[str, str]) -> list[str]:
    """The ids of the instances of a RunInstances call that bear its tags and are not terminated.

    Found by id, by the tags or by the call's token. Ids come from a file that may have been edited: an
    instance without the tags is none of the call's.
    """
    return [held for held, tags in _instances(thing, connections, learned) if _bears(thing, tags)]


def keys_of(thing: Thing, connections: Connections, learned: dict[str, str]) -> list[str]:
    """The ids of KMS keys that bear the tags and are not pending deletion.

    The one that was learned, else by their description, which anybody may give to a key.
    """
    return [held for held, tags in _keys(thing, connections, learned) if _bears(thing, tags)]


_Held = list[tuple[str, dict[str, str]]]
"""Ids with the tags that they bear."""


def _bears(thing: Thing, tags: dict[str, str]) -> bool:
    return thing.tags.items() <= tags.items()


def _tags_of(thing: Thing, held: _Held) -> dict[str, str] | None:
    """The tags of the one that is the thing, of any other where none is; None where there is nothing."""
    return next((tags for _, tags in held if _bears(thing, tags)), held[0][1] if held else None)


def _instances(thing: Thing, connections: Connections, learned: dict[str, str]) -> _Held:
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
    if not learned.get("InstanceIds"):
        # Of those with the run's tags, each that is not known to be of another call.
        own = (None, "", thing.identity["ClientToken"])
        alive = [item for item in alive if item.get("ClientToken") in own]
    return [(item["InstanceId"], _pairs(item.get("Tags", []))) for item in alive]


def _keys(thing: Thing, connections: Connections, learned: dict[str, str]) -> _Held:
    known = [learned["KeyId"]] if learned.get("KeyId") else None
    client = connections.client(thing.account, "kms", thing.region)
    pages = client.get_paginator("list_keys").paginate
    held: _Held = []
    for key_id in known or [key["KeyId"] for page in pages() for key in page["Keys"]]:
        try:
            about = client.describe_key(KeyId=key_id)["KeyMetadata"]
        except client.exceptions.ClientError as error:
            if known or error.response["Error"]["Code"] != "AccessDeniedException":
                raise
            continue  # others' keys need not let anybody look
        if about["KeyState"] != "PendingDeletion" and about["Description"] == thing.identity["Description"]:
            answer = _call(connections, thing, "kms", "ListResourceTags", KeyId=key_id)
            held.append((key_id, _pairs(answer["Tags"], "TagKey", "TagValue")))
    return held


def _ec2_instance(thing: Thing, connections: Connections, learned: dict[str, str]) -> dict[str, str] | None:
    return _tags_of(thing, _instances(thing, connections, learned))


def _kms_key(thing: Thing, connections: Connections, learned: dict[str, str]) -> dict[str, str] | None:
    return _tags_of(thing, _keys(thing, connections, learned))


def _s3_bucket(thing: Thing, connections: Connections, _: dict[str, str]) -> dict[str, str] | None:
    client = connections.client(thing.account, "s3", thing.region)
    client.head_bucket(**thing.identity)
    try:
        return _pairs(client.get_bucket_tagging(**thing.identity)["TagSet"])
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchTagSet":
            raise
    # Where an endpoint does not take tags with the bucket they come in a second call, and that one may not
    # have come: a bucket of the ledger in which nothing ever was, and whose name begins as a run's do.
    name = {"Bucket": thing.identity["Bucket"]}
    untouched = _OF_A_RUN.match(name["Bucket"]) and not any(
        client.list_object_versions(**name, MaxKeys=1).get(key) for key in ("Versions", "DeleteMarkers")
    )
    return dict(thing.tags) if untouched else {}


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
