"""Whether a thing that exists is the one that a run made: by its path and its tags, as AWS tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from rolecall.provisioning.finding import find_seed

if TYPE_CHECKING:
    from rolecall.provisioning.connections import Connections
    from rolecall.provisioning.steps import Thing

__all__ = ["GONE_CODES", "UNKNOWN_OPERATION", "device_tags", "owned"]

GONE_CODES = frozenset(
    {
        "NoSuchEntity",
        "NoSuchEntityException",
        "NoSuchBucket",
        "404",
        "NotFound",
        "NotFoundException",
        "QueueDoesNotExist",
        "AWS.SimpleQueueService.NonExistentQueue",
        "ResourceNotFoundException",
        "ParameterNotFound",
        "ResourceNotFound",
        "InvalidResourceId",
        "InvalidInstanceID.NotFound",
        "NoSuchTagSet",
    }
)

UNKNOWN_OPERATION = frozenset({"InvalidAction", "NotImplemented", "UnknownOperationException"})
"""What an endpoint answers that knows no such operation."""

_READ = {
    # kind: (operation, key of the answer; "" for the answer itself)
    "user": ("GetUser", "User"),
    "role": ("GetRole", "Role"),
    "group": ("GetGroup", "Group"),
    "policy": ("GetPolicy", "Policy"),
    "oidc_provider": ("GetOpenIDConnectProvider", ""),
    "saml_provider": ("GetSAMLProvider", ""),
}


def owned(thing: Thing, connections: Connections, learned: dict[str, str] | None = None) -> bool | None:
    """True: it exists and bears the marks. False: it is somebody else's. None: it does not exist.

    Raises ClientError when AWS does not tell.
    """
    try:
        path, tags = _told(thing, connections, learned or {})
    except ClientError as error:
        if error.response["Error"]["Code"] in GONE_CODES:
            return None
        raise
    if tags is None:
        return None
    in_path = not thing.path or (path or "").startswith(thing.path)
    return in_path and all(tags.get(key) == value for key, value in thing.tags.items())


def _told(
    thing: Thing, connections: Connections, learned: dict[str, str]
) -> tuple[str | None, dict[str, str] | None]:
    if thing.kind == "mfa_device":
        return _device(thing, connections)
    if thing.kind not in _READ:
        return None, find_seed(thing, connections, learned)
    operation, key = _READ[thing.kind]
    answer: dict[str, Any] = connections.call(
        thing.account, "iam", thing.region, operation, dict(thing.identity)
    )
    found = answer[key] if key else answer
    tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags") or ()}
    return found.get("Path"), tags


def _device(thing: Thing, connections: Connections) -> tuple[str, dict[str, str] | None]:
    """A virtual MFA device bears its path in its serial number; a listing tells of it, but not its tags."""
    serial = thing.identity["SerialNumber"]
    client = connections.client(thing.account, "iam", thing.region)
    pages = client.get_paginator("list_virtual_mfa_devices").paginate()
    path = serial.partition(":mfa")[2].rpartition("/")[0] + "/"
    if not any(item["SerialNumber"] == serial for page in pages for item in page["VirtualMFADevices"]):
        return path, None
    if not thing.marked:
        return path, {}
    told = device_tags(client, serial)
    return path, (dict(thing.tags) if thing.path else {}) if told is None else told


def device_tags(iam: Any, serial: str) -> dict[str, str] | None:
    """The tags of a virtual MFA device; None on an endpoint that does not know the question.

    IAM API reference, ListMFADeviceTags. Raises ClientError.
    """
    try:
        pages = iam.get_paginator("list_mfa_device_tags").paginate(SerialNumber=serial)
        return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
    except ClientError as error:
        if error.response["Error"]["Code"] in UNKNOWN_OPERATION:
            return None
        raise
