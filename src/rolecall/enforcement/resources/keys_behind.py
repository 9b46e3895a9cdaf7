"""The KMS key behind an object, a secret, a parameter, a queue or a topic, where a customer manages it.

The service calls KMS in the caller's name, and the caller has to be allowed that as well. Sources: S3 User
Guide, "Using server-side encryption with AWS KMS keys"; Secrets Manager User Guide, "Secret encryption and
decryption"; Systems Manager User Guide, "AWS KMS encryption for Parameter Store SecureString parameters";
SQS Developer Guide, "Amazon SQS Key management"; SNS Developer Guide, "Managing Amazon SNS encryption keys".
AWS's own keys (``alias/aws/…``) permit the account's callers by way of the service, and are not asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.checks import Check
from rolecall.enforcement.moto_state import backend_of, bucket_of
from rolecall.enforcement.resources.kms import find_key, key_context, key_tags
from rolecall.enforcement.resources.rules import listed
from rolecall.enforcement.resources.s3 import copy_source
from rolecall.enforcement.resources.s3_access_points import bucket_behind
from rolecall.enforcement.resources.secretsmanager import secret_of
from rolecall.enforcement.tagging import tag_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rolecall.enforcement.resources.rules import Ask
    from rolecall.iam.requests import ContextValue

__all__ = ["key_checks"]

_READ, _WRITE = ("kms:Decrypt",), ("kms:GenerateDataKey",)
_BOTH = ("kms:GenerateDataKey", "kms:Decrypt")
# Which services stand in these keys is listed by AWS for some only.
_UNKNOWN = frozenset(("aws:calledvia", "aws:calledviafirst", "aws:calledvialast"))


def key_checks(ask: Ask) -> Iterator[Check]:
    """What a call asks of the customer managed keys behind its resources; nothing for most calls."""
    behind = _BEHIND.get(ask.call.service)
    if behind is not None:
        yield from behind(ask)


def _on(
    ask: Ask, actions: tuple[str, ...], name: Any, account: str, encryption: Mapping[str, str]
) -> Iterator[Check]:
    key = find_key(str(name), account, ask.call.region) if name else None
    if key is None or any(alias.startswith("alias/aws/") for alias in key.aliases):
        return
    end = "amazonaws.com.cn" if ask.call.region.startswith("cn-") else "amazonaws.com"
    context: dict[str, ContextValue] = {
        "aws:ViaAWSService": True,
        "kms:CallerAccount": ask.caller.account,
        "kms:ViaService": f"{ask.call.service}.{ask.call.region}.{end}",
        **key_context(key),
        **tag_context(key_tags(str(key.arn))),
        **{f"kms:EncryptionContext:{pair}": value for pair, value in encryption.items()},
    }
    unknown = _UNKNOWN
    if ask.call.service == "secretsmanager":
        # The id of the version is part of it, and not told.
        unknown |= {"kms:encryptioncontext:secretversionid", "kms:encryptioncontextkeys"}
    else:
        context["kms:EncryptionContextKeys"] = tuple(encryption)
    for action in actions:
        own: dict[str, ContextValue] = (
            {} if action == "kms:GenerateDataKey" else {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
        )
        yield Check(action, str(key.arn), {**context, **own}, unknown_keys=unknown)


def _s3(ask: Ask) -> Iterator[Check]:
    operation, bucket, key = ask.call.operation, ask.param("Bucket"), ask.param("Key")
    if operation == "GetObject":
        yield from _s3_read(ask, bucket, key, ask.param("VersionId"))
    elif operation in ("CopyObject", "UploadPartCopy"):
        yield from _s3_read(ask, *copy_source(ask.param("CopySource") or ""))
    if operation in ("PutObject", "CopyObject", "CreateMultipartUpload"):
        yield from _s3_write(ask, bucket, key)
    elif operation in ("UploadPart", "UploadPartCopy", "CompleteMultipartUpload"):
        found = _s3_bucket(ask, bucket)
        upload = found[1].multiparts.get(ask.param("UploadId")) if found is not None else None
        if found is not None and upload is not None and _by_kms(upload.sse_encryption):
            name = upload.kms_key_id
            yield from _on(ask, _READ, name, found[0], _of_object(ask, found[1], key, upload))


def _s3_read(ask: Ask, bucket: Any, key: Any, version: Any) -> Iterator[Check]:
    found = _s3_bucket(ask, bucket)
    kept = found[1].keys.getlist(key) if found is not None and key in found[1].keys else []
    named = [one for one in kept if version is None or str(one.version_id) == str(version)]
    if found is not None and named and _by_kms(getattr(named[-1], "encryption", None)):
        encryption = _of_object(ask, found[1], key, named[-1])
        yield from _on(ask, _READ, named[-1].kms_key_id, found[0], encryption)


def _s3_write(ask: Ask, bucket: Any, key: Any) -> Iterator[Check]:
    found = _s3_bucket(ask, bucket)
    if found is None or ask.param("SSECustomerAlgorithm"):
        return
    how, name, by_bucket = ask.param("ServerSideEncryption"), ask.param("SSEKMSKeyId"), None
    if how is None:
        rule = _first((found[1].encryption or {}).get("Rule"))
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        how, name, by_bucket = default.get("SSEAlgorithm"), default.get("KMSMasterKeyID"), rule
    if _by_kms(how):
        actions = _BOTH if how == "aws:kms:dsse" else _WRITE
        yield from _on(ask, actions, name, ask.caller.account, _of_object(ask, found[1], key, by_bucket))


def _s3_bucket(ask: Ask, name: Any) -> tuple[str, Any] | None:
    return bucket_of(bucket_behind(ask.call, str(name)))


def _by_kms(how: Any) -> bool:
    return how in ("aws:kms", "aws:kms:dsse")


def _of_object(ask: Ask, bucket: Any, key: Any, kept: Any) -> Mapping[str, str]:
    told = (
        kept.get("BucketKeyEnabled") if isinstance(kept, dict) else getattr(kept, "bucket_key_enabled", None)
    )
    shared = str(ask.param("BucketKeyEnabled") or told).lower() == "true"
    arn = f"arn:{ask.call.partition}:s3:::{bucket.name}"
    return {"aws:s3:arn": arn if shared else f"{arn}/{key}"}


def _first(rule: Any) -> Mapping[str, Any]:
    found = listed(rule)
    return found[0] if found else {}


_SECRET_ACTIONS = {
    "BatchGetSecretValue": _READ,
    "CreateSecret": _BOTH,
    "GetSecretValue": _READ,
    "PutSecretValue": _WRITE,
    "UpdateSecret": _WRITE,
}


def _secrets(ask: Ask) -> Iterator[Check]:
    actions = _SECRET_ACTIONS.get(ask.call.operation)
    writes = actions is not _READ
    if actions is None or (writes and not ask.param("SecretString", "SecretBinary")):
        return
    for name in listed(ask.param("SecretIdList")) or listed(ask.param("SecretId", "Name")):
        secret = secret_of(name, ask.caller.account, ask.call.region)
        key = ask.param("KmsKeyId") or (secret.kms_key_id if secret is not None else None)
        owner = secret.account_id if secret is not None else ask.caller.account
        encryption = {"SecretARN": str(secret.arn)} if secret is not None else {}
        yield from _on(ask, actions, key, owner, encryption)


def _parameters(ask: Ask) -> Iterator[Check]:
    if ask.call.operation == "PutParameter":
        if ask.param("Type") == "SecureString":
            actions = _WRITE if ask.param("Tier") == "Advanced" else ("kms:Encrypt",)
            arn = ask.arn("ssm", f"parameter/{str(ask.param('Name')).lstrip('/')}")
            yield from _on(ask, actions, ask.param("KeyId"), ask.caller.account, {"PARAMETER_ARN": arn})
        return
    if not ask.param("WithDecryption"):
        return
    account, region, path = ask.caller.account, ask.call.region, ask.param("Path")
    backend = backend_of("ssm", account, region)
    names = listed(ask.param("Names")) or listed(ask.param("Name"))
    if path:
        start = path.rstrip("/") + "/"
        deep = bool(ask.param("Recursive"))
        inside = [name for name in tuple(backend._parameters) if name.startswith(start)]
        names = [name for name in inside if deep or "/" not in name[len(start) :]]
    for name in names:
        parameter = backend.get_parameter(name)
        if parameter is not None and parameter.parameter_type == "SecureString":
            arn = ask.arn("ssm", f"parameter/{parameter.name.lstrip('/')}")
            yield from _on(ask, _READ, parameter.keyid, account, {"PARAMETER_ARN": arn})


def _queue(ask: Ask) -> Iterator[Check]:
    actions = {"SendMessage": _BOTH, "SendMessageBatch": _BOTH, "ReceiveMessage": _READ}
    fields = str(ask.param("QueueUrl") or "").rstrip("/").split("/")
    if ask.call.operation in actions and len(fields) > 1 and fields[-2].isdigit():
        queue = backend_of("sqs", fields[-2], ask.call.region).queues.get(fields[-1])
        if queue is not None:
            encryption = {"aws:sqs:arn": str(queue.queue_arn)}
            yield from _on(ask, actions[ask.call.operation], queue.kms_master_key_id, fields[-2], encryption)


def _topic(ask: Ask) -> Iterator[Check]:
    arn = str(ask.param("TopicArn", "TargetArn") or "")
    fields = arn.split(":")
    if ask.call.operation in ("Publish", "PublishBatch") and len(fields) == 6 and fields[4].isdigit():
        topic = backend_of("sns", fields[4], fields[3]).topics.get(arn)
        if topic is not None:
            yield from _on(ask, _BOTH, topic.kms_master_key_id, fields[4], {"aws:sns:topicArn": arn})


_BEHIND: dict[str, Callable[[Ask], Iterator[Check]]] = {
    "s3": _s3,
    "secretsmanager": _secrets,
    "sns": _topic,
    "sqs": _queue,
    "ssm": _parameters,
}
