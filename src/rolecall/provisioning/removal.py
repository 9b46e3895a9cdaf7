"""Removing one thing with everything that hangs on it, in the order that AWS asks for.

Sources: IAM API reference, DeleteUser, DeleteRole, DeleteGroup, DeletePolicy. What hangs on a thing is
listed anew rather than remembered: others may have attached something by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.errors import TargetError
from rolecall.provisioning.finding import instances_of, keys_of
from rolecall.provisioning.ownership import GONE_CODES, UNKNOWN_OPERATION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.provisioning.connections import Connections
    from rolecall.provisioning.steps import Thing

__all__ = ["ORDER", "remove"]

ORDER = (
    "ec2_instance",
    "s3_bucket",
    "sqs_queue",
    "sns_topic",
    "dynamodb_table",
    "secret",
    "ssm_parameter",
    "log_group",
    "kms_key",
    "mfa_device",
    "user",
    "role",
    "group",
    "policy",
    "oidc_provider",
    "saml_provider",
)
"""Users before groups (memberships), both and roles before policies (attachments and boundaries)."""


def remove(thing: Thing, connections: Connections, learned: dict[str, str]) -> None:
    """Remove a thing; one that is gone is fine. Raises ClientError, or TargetError where it must stay."""
    _REMOVERS[thing.kind](_Removal(thing, connections, learned))


_AT_ONCE = 1000  # S3 API reference, DeleteObjects


class _Removal:
    def __init__(self, thing: Thing, connections: Connections, learned: dict[str, str]) -> None:
        self.thing = thing
        self.connections = connections
        self.learned = learned

    def client(self, service: str) -> Any:
        return self.connections.client(self.thing.account, service, self.thing.region)

    def quietly(self, service: str, operation: str, **params: Any) -> None:
        """A call for which "it does not exist" is as good as success."""
        client = self.client(service)
        try:
            getattr(client, operation)(**params)
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in GONE_CODES:
                raise

    def refused(self, operation: str, **params: Any) -> bool:
        """Try a deletion; True where something unusual still hangs on the thing (DeleteConflict).

        AWS refuses what would orphan something, so that the rarer kinds need listing only then.
        """
        client = self.client("iam")
        try:
            self.quietly("iam", operation, **params)
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] == "DeleteConflict":
                return True
            raise
        return False

    def each(self, operation: str, key: str, service: str = "iam", **params: Any) -> Iterator[Any]:
        """Every item of a paginated listing; none where the thing does not exist."""
        client = self.client(service)
        try:
            for page in client.get_paginator(operation).paginate(**params):
                yield from page.get(key, ())
        except client.exceptions.ClientError as error:
            # An endpoint that knows no such operation holds no such thing.
            if error.response["Error"]["Code"] not in GONE_CODES | UNKNOWN_OPERATION:
                raise

    def at_once(self, operation: str, key: str, **params: Any) -> list[Any]:
        """Every item of a listing of IAM's that has no pages."""
        client = self.client("iam")
        try:
            return list(getattr(client, operation)(**params).get(key, ()))
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in GONE_CODES | UNKNOWN_OPERATION:
                raise
        return []


def _strip(removal: _Removal, kind: str, name: dict[str, str]) -> None:
    for policy in list(removal.each(f"list_{kind}_policies", "PolicyNames", **name)):
        removal.quietly("iam", f"delete_{kind}_policy", **name, PolicyName=policy)
    for attached in list(removal.each(f"list_attached_{kind}_policies", "AttachedPolicies", **name)):
        removal.quietly("iam", f"detach_{kind}_policy", **name, PolicyArn=attached["PolicyArn"])


def _user(removal: _Removal) -> None:
    name = dict(removal.thing.identity)
    for key in list(removal.each("list_access_keys", "AccessKeyMetadata", **name)):
        removal.quietly("iam", "delete_access_key", **name, AccessKeyId=key["AccessKeyId"])
    _strip(removal, "user", name)
    for group in list(removal.each("list_groups_for_user", "Groups", **name)):
        removal.quietly("iam", "remove_user_from_group", **name, GroupName=group["GroupName"])
    if not removal.refused("delete_user", **name):
        return
    removal.quietly("iam", "delete_login_profile", **name)
    for item in list(removal.each("list_signing_certificates", "Certificates", **name)):
        removal.quietly("iam", "delete_signing_certificate", **name, CertificateId=item["CertificateId"])
    for item in list(removal.each("list_ssh_public_keys", "SSHPublicKeys", **name)):
        removal.quietly("iam", "delete_ssh_public_key", **name, SSHPublicKeyId=item["SSHPublicKeyId"])
    for item in removal.at_once("list_service_specific_credentials", "ServiceSpecificCredentials", **name):
        given = {**name, "ServiceSpecificCredentialId": item["ServiceSpecificCredentialId"]}
        removal.quietly("iam", "delete_service_specific_credential", **given)
    for device in list(removal.each("list_mfa_devices", "MFADevices", **name)):
        removal.quietly("iam", "deactivate_mfa_device", **name, SerialNumber=device["SerialNumber"])
    removal.quietly("iam", "delete_user", **name)


def _mfa_device(removal: _Removal) -> None:
    serial = removal.thing.identity["SerialNumber"]
    for device in list(removal.each("list_virtual_mfa_devices", "VirtualMFADevices")):
        if device["SerialNumber"] == serial and device.get("User", {}).get("UserName"):
            user = device["User"]["UserName"]
            removal.quietly("iam", "deactivate_mfa_device", UserName=user, SerialNumber=serial)
    removal.quietly("iam", "delete_virtual_mfa_device", SerialNumber=serial)


def _role(removal: _Removal) -> None:
    name = dict(removal.thing.identity)
    _strip(removal, "role", name)
    if not removal.refused("delete_role", **name):
        return
    for profile in list(removal.each("list_instance_profiles_for_role", "InstanceProfiles", **name)):
        given = {"InstanceProfileName": profile["InstanceProfileName"]}
        removal.quietly("iam", "remove_role_from_instance_profile", **given, **name)
    removal.quietly("iam", "delete_role", **name)


def _group(removal: _Removal) -> None:
    name = dict(removal.thing.identity)
    for user in list(removal.each("get_group", "Users", **name)):
        removal.quietly("iam", "remove_user_from_group", **name, UserName=user["UserName"])
    _strip(removal, "group", name)
    removal.quietly("iam", "delete_group", **name)


def _policy(removal: _Removal) -> None:
    arn = dict(removal.thing.identity)
    if not removal.refused("delete_policy", **arn):
        return
    holders = [
        f"{kind} {item[f'{kind.title()}Name']}"
        for usage in ("PermissionsPolicy", "PermissionsBoundary")
        for kind in ("user", "role", "group")
        for item in removal.each(
            "list_entities_for_policy", f"Policy{kind.title()}s", **arn, PolicyUsageFilter=usage
        )
    ]
    if holders:
        # What this run attached it to was removed before it: these are others', or could not be removed.
        raise TargetError(f"is in use by {', '.join(sorted(set(holders)))}, which this run did not make")
    for version in list(removal.each("list_policy_versions", "Versions", **arn)):
        if not version["IsDefaultVersion"]:
            removal.quietly("iam", "delete_policy_version", **arn, VersionId=version["VersionId"])
    removal.quietly("iam", "delete_policy", **arn)


def _ec2_instance(removal: _Removal) -> None:
    found = instances_of(removal.thing, removal.connections, removal.learned)
    if found:
        removal.quietly("ec2", "terminate_instances", InstanceIds=found)


def _s3_bucket(removal: _Removal) -> None:
    name = dict(removal.thing.identity)
    removal.quietly("s3", "delete_bucket_policy", **name)
    every = [
        {"Key": item["Key"], "VersionId": item["VersionId"]}
        for key in ("Versions", "DeleteMarkers")
        for item in removal.each("list_object_versions", key, "s3", **name)
    ]
    for start in range(0, len(every), _AT_ONCE):
        batch = {"Objects": every[start : start + _AT_ONCE], "Quiet": True}
        for refused in removal.client("s3").delete_objects(**name, Delete=batch).get("Errors", ()):
            raise TargetError(f"{refused.get('Key')} in it: {refused.get('Code')}: {refused.get('Message')}")
    removal.quietly("s3", "delete_bucket", **name)


def _sqs_queue(removal: _Removal) -> None:
    client = removal.client("sqs")
    try:
        url = client.get_queue_url(**removal.thing.identity)["QueueUrl"]
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in GONE_CODES:
            raise
        return
    removal.quietly("sqs", "delete_queue", QueueUrl=url)


def _kms_key(removal: _Removal) -> None:
    for key_id in keys_of(removal.thing, removal.connections, removal.learned):
        for alias in list(removal.each("list_aliases", "Aliases", "kms", KeyId=key_id)):
            removal.quietly("kms", "delete_alias", AliasName=alias["AliasName"])
        removal.quietly("kms", "schedule_key_deletion", KeyId=key_id, PendingWindowInDays=7)


def _secret(removal: _Removal) -> None:
    name = dict(removal.thing.identity)
    removal.quietly("secretsmanager", "delete_secret", **name, ForceDeleteWithoutRecovery=True)


def _plainly(service: str, operation: str) -> Callable[[_Removal], None]:
    return lambda removal: removal.quietly(service, operation, **removal.thing.identity)


_REMOVERS: dict[str, Callable[[_Removal], None]] = {
    "user": _user,
    "role": _role,
    "group": _group,
    "policy": _policy,
    "mfa_device": _mfa_device,
    "oidc_provider": _plainly("iam", "delete_open_id_connect_provider"),
    "saml_provider": _plainly("iam", "delete_saml_provider"),
    "ec2_instance": _ec2_instance,
    "s3_bucket": _s3_bucket,
    "sqs_queue": _sqs_queue,
    "sns_topic": _plainly("sns", "delete_topic"),
    "dynamodb_table": _plainly("dynamodb", "delete_table"),
    "secret": _secret,
    "ssm_parameter": _plainly("ssm", "delete_parameter"),
    "kms_key": _kms_key,
    "log_group": _plainly("logs", "delete_log_group"),
}
