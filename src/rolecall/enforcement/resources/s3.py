"""S3: buckets and objects.

Source: Amazon S3 User Guide, "Required permissions for Amazon S3 API operations" and "Bucket policy
examples using condition keys"; Service Authorization Reference, "Actions, resources, and condition keys for
Amazon S3".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from rolecall.enforcement.checks import Check
from rolecall.enforcement.form_posts import is_form_post
from rolecall.enforcement.moto_state import backend_of, bucket_of, plain_tags
from rolecall.enforcement.resources.rules import Ask, ServiceRules, listed
from rolecall.enforcement.resources.s3_access_points import (
    access_point_arn,
    behind_access_point,
    bucket_behind,
    held_point,
)
from rolecall.enforcement.signatures import read_signature
from rolecall.iam.principals import PrincipalType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rolecall.iam.requests import ContextValue

__all__ = ["RULES", "copy_source"]

_VERSIONED = {
    "GetObject": "s3:GetObjectVersion",
    "HeadObject": "s3:GetObjectVersion",
    "DeleteObject": "s3:DeleteObjectVersion",
    "GetObjectAcl": "s3:GetObjectVersionAcl",
    "GetObjectAttributes": "s3:GetObjectVersionAttributes",
    "PutObjectAcl": "s3:PutObjectVersionAcl",
    "GetObjectTagging": "s3:GetObjectVersionTagging",
    "PutObjectTagging": "s3:PutObjectVersionTagging",
    "DeleteObjectTagging": "s3:DeleteObjectVersionTagging",
}
_HEADERS = {
    "ACL": "s3:x-amz-acl",
    "GrantRead": "s3:x-amz-grant-read",
    "GrantWrite": "s3:x-amz-grant-write",
    "GrantReadACP": "s3:x-amz-grant-read-acp",
    "GrantWriteACP": "s3:x-amz-grant-write-acp",
    "GrantFullControl": "s3:x-amz-grant-full-control",
    "CopySource": "s3:x-amz-copy-source",
    "MetadataDirective": "s3:x-amz-metadata-directive",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "SSECustomerAlgorithm": "s3:x-amz-server-side-encryption-customer-algorithm",
    "StorageClass": "s3:x-amz-storage-class",
    "WebsiteRedirectLocation": "s3:x-amz-website-redirect-location",
    "ObjectOwnership": "s3:x-amz-object-ownership",
    "ObjectLockMode": "s3:object-lock-mode",
    "ObjectLockLegalHoldStatus": "s3:object-lock-legal-hold",
    "Prefix": "s3:prefix",
    "Delimiter": "s3:delimiter",
    "MaxKeys": "s3:max-keys",
    "VersionId": "s3:VersionId",
    "ObjectLockRetainUntilDate": "s3:object-lock-retain-until-date",
    "IfNoneMatch": "s3:if-none-match",
    "IfMatch": "s3:if-match",
}


def _bucket_arn(ask: Ask, name: str) -> str:
    """The ARN of a bucket; of the access point where a call goes to one."""
    if name.startswith("arn:"):
        return name
    return access_point_arn(ask.call, name) or f"arn:{ask.call.partition}:s3:::{name}"


def _directory_bucket(ask: Ask) -> Iterator[Check]:
    """S3 Express: the action of its service, on a directory bucket; nothing of the sort for other buckets."""
    arn = ask.arn("s3express", f"bucket/{ask.param('Bucket')}")
    yield Check("s3express:CreateSession", arn)


def _object_arn(ask: Ask, bucket: str, key: str) -> str:
    base = _bucket_arn(ask, bucket)
    return f"{base}/object/{key}" if ":accesspoint/" in base else f"{base}/{key}"


def _bucket(ask: Ask) -> Sequence[str] | None:
    name = ask.param("Bucket")
    return (_bucket_arn(ask, name),) if name else None


def _object(ask: Ask) -> Sequence[str] | None:
    bucket, key = ask.param("Bucket"), ask.param("Key")
    return (_object_arn(ask, bucket, key),) if bucket and key else None


def _nothing(ask: Ask) -> Sequence[str] | None:
    # An access point stands in the parameter Bucket: the rules of bucket and object give its ARN.
    return None


def _list_buckets(ask: Ask) -> Iterable[Check]:
    # The User Guide's examples allow it on arn:aws:s3:::*, and on "*".
    yield Check("s3:ListAllMyBuckets", f"arn:{ask.call.partition}:s3:::*")


def _on_object(ask: Ask) -> Iterator[Check]:
    bucket, key, operation = ask.param("Bucket"), ask.param("Key"), ask.call.operation
    arn = _object_arn(ask, bucket, key)
    versioned = ask.param("VersionId") is not None
    actions = (_VERSIONED[operation],) if versioned and operation in _VERSIONED else ask.actions
    if versioned and operation == "GetObjectAttributes":
        actions = ("s3:GetObjectVersion", *actions)
    for action in actions:
        yield Check(action, arn)
    yield from _bypassing(ask, arn)
    if operation in ("GetObject", "HeadObject") and _is_missing(bucket_behind(ask.call, bucket), key):
        # Without s3:ListBucket a missing key is answered like a forbidden one.
        yield Check("s3:ListBucket", _bucket_arn(ask, bucket), {"s3:prefix": key})


def _bypassing(ask: Ask, arn: str) -> Iterator[Check]:
    """S3 User Guide, Object Lock: "s3:BypassGovernanceRetention" for who asks to bypass governance mode."""
    if ask.param("BypassGovernanceRetention"):
        yield Check("s3:BypassGovernanceRetention", arn)


def _put_retention(ask: Ask) -> Iterator[Check]:
    arn = _object_arn(ask, ask.param("Bucket"), ask.param("Key"))
    yield Check("s3:PutObjectRetention", arn)
    yield from _bypassing(ask, arn)


def _put_object(ask: Ask) -> Iterator[Check]:
    arn = _object_arn(ask, ask.param("Bucket"), ask.param("Key"))
    yield Check("s3:PutObject", arn)
    if ask.param("ACL") or any(ask.param(name) for name in _HEADERS if name.startswith("Grant")):
        yield Check("s3:PutObjectAcl", arn)
    if ask.param("Tagging"):
        yield Check("s3:PutObjectTagging", arn)
    if ask.param("ObjectLockMode"):
        yield Check("s3:PutObjectRetention", arn)
    if ask.param("ObjectLockLegalHoldStatus"):
        yield Check("s3:PutObjectLegalHold", arn)


def _copy_object(ask: Ask) -> Iterator[Check]:
    bucket, key, version = copy_source(ask.param("CopySource") or "")
    yield Check("s3:GetObjectVersion" if version else "s3:GetObject", _object_arn(ask, bucket, key))
    tagged = bool(_object_tags(bucket, key)) and ask.param("TaggingDirective") != "REPLACE"
    copies = ask.call.operation == "CopyObject"
    if tagged and copies:
        reading = "s3:GetObjectVersionTagging" if version else "s3:GetObjectTagging"
        yield Check(reading, _object_arn(ask, bucket, key))
    yield from _put_object(ask)
    if tagged and copies and not ask.param("Tagging"):
        yield Check("s3:PutObjectTagging", _object_arn(ask, ask.param("Bucket"), ask.param("Key")))


def copy_source(source: Any) -> tuple[str, str, str | None]:
    """Bucket, key and version of a CopySource."""
    if isinstance(source, dict):
        return source.get("Bucket", ""), source.get("Key", ""), source.get("VersionId")
    path, _, query = unquote(str(source)).lstrip("/").partition("?versionId=")
    if path.startswith("arn:") and "/object/" in path:
        bucket, _, key = path.partition("/object/")
    else:
        bucket, _, key = path.partition("/")
    return bucket, key, query or None


def _delete_objects(ask: Ask) -> Iterator[Check]:
    bucket = ask.param("Bucket")
    for item in listed((ask.param("Delete") or {}).get("Objects")):
        action = "s3:DeleteObjectVersion" if item.get("VersionId") else "s3:DeleteObject"
        arn = _object_arn(ask, bucket, item.get("Key", ""))
        yield Check(action, arn)
        yield from _bypassing(ask, arn)


def _create_bucket(ask: Ask) -> Iterator[Check]:
    arn = _bucket_arn(ask, ask.param("Bucket"))
    yield Check("s3:CreateBucket", arn)
    if ask.param("ACL"):
        yield Check("s3:PutBucketAcl", arn)
    if ask.param("ObjectOwnership"):
        yield Check("s3:PutBucketOwnershipControls", arn)
    if ask.param("ObjectLockEnabledForBucket"):
        yield Check("s3:PutBucketObjectLockConfiguration", arn)
        yield Check("s3:PutBucketVersioning", arn)


def _is_missing(bucket: str, key: str) -> bool:
    found = bucket_of(bucket)
    return found is not None and key not in found[1].keys


def _object_tags(bucket: str, key: str) -> dict[str, str]:
    found = bucket_of(bucket)
    kept = found[1].keys.get(key) if found is not None else None
    if found is None or kept is None:
        return {}
    backend = backend_of("s3", found[0], found[1].partition)
    return plain_tags(backend.tagger.get_tag_dict_for_resource(kept.arn))


def _context(ask: Ask, action: str, arn: str) -> Mapping[str, ContextValue]:
    context: dict[str, ContextValue] = {
        key: value if isinstance(value, (int, str)) else str(value)
        for name, key in _HEADERS.items()
        if (value := ask.call.params.get(name)) is not None
    }
    if "s3:x-amz-copy-source" in context:
        context["s3:x-amz-copy-source"] = unquote(str(context["s3:x-amz-copy-source"])).lstrip("/")
    context.update(_of_signature(ask))
    headers = ask.call.http.headers
    if "x-amz-content-sha256" in headers:
        context["s3:x-amz-content-sha256"] = headers["x-amz-content-sha256"]
    if action == "s3:PutObject":
        parts = ("CreateMultipartUpload", "UploadPart", "UploadPartCopy")
        context["s3:ObjectCreationOperation"] = ask.call.operation not in parts
    if ":accesspoint/" in arn:
        fields = arn.split(":", 5)
        name = fields[5].split("/")[1]
        context["s3:DataAccessPointArn"] = ":".join(fields[:5]) + f":accesspoint/{name}"
        context["s3:DataAccessPointAccount"] = fields[4]
        held = held_point(arn)
        if held is not None:
            context["s3:AccessPointNetworkOrigin"] = str(held.network_origin)
    place = (ask.param("CreateBucketConfiguration") or {}).get("LocationConstraint")
    if place:
        context["s3:LocationConstraint"] = place
    bucket, _, key = arn.rpartition(":")[2].partition("/")
    owner = bucket_of(bucket)
    if owner is not None:
        context["s3:ResourceAccount"] = owner[0]
        if key and key != "*":
            existing = _object_tags(bucket, key)
            context.update({f"s3:ExistingObjectTag/{name}": value for name, value in existing.items()})
    brought = _brought_tags(ask)
    if brought:
        context.update({f"s3:RequestObjectTag/{name}": value for name, value in brought.items()})
        context["s3:RequestObjectTagKeys"] = tuple(brought)
    return context


def _of_signature(ask: Ask) -> Mapping[str, ContextValue]:
    """How a request is signed and sent; nothing of a signature where it has none.

    Source: S3 API Reference, "Signature Version 4 authentication specific policy keys".
    """
    http = ask.call.http
    context: dict[str, ContextValue] = {}
    if http.secure:
        # What AWS and today's clients agree on; nothing was negotiated here.
        context["s3:TlsVersion"] = "1.3"
    if ask.caller.principal.type is PrincipalType.ANONYMOUS:
        return context
    context["s3:signatureversion"] = "AWS4-HMAC-SHA256"
    if is_form_post(http):
        context["s3:authType"] = "POST"
        return context
    context["s3:authType"] = "REST-HEADER" if "authorization" in http.headers else "REST-QUERY-STRING"
    signature = read_signature(http)
    if signature is not None:
        age = ask.environment.signing_clock() - signature.time
        context["s3:signatureAge"] = max(0, int(age.total_seconds() * 1000))
    return context


def _unknown(ask: Ask, arn: str) -> frozenset[str]:
    # The date of a form's signature is a field of the form.
    return frozenset(("s3:signatureage",)) if is_form_post(ask.call.http) else frozenset()


def _brought_tags(ask: Ask) -> dict[str, str]:
    tagging = ask.param("Tagging")
    if isinstance(tagging, str):
        return dict(parse_qsl(tagging, keep_blank_values=True))
    if isinstance(tagging, dict) and ask.param("Key"):
        return {tag["Key"]: tag.get("Value", "") for tag in listed(tagging.get("TagSet"))}
    return {}


RULES = ServiceRules(
    types={"bucket": _bucket, "object": _object, "accesspoint": _nothing, "accesspointobject": _nothing},
    operations={
        "ListBuckets": _list_buckets,
        "CreateBucket": _create_bucket,
        "CreateSession": _directory_bucket,
        "RenameObject": _directory_bucket,
        "PutObject": _put_object,
        "CreateMultipartUpload": _put_object,
        "CopyObject": _copy_object,
        "UploadPartCopy": _copy_object,
        "DeleteObjects": _delete_objects,
        "PutObjectRetention": _put_retention,
        **dict.fromkeys(_VERSIONED, _on_object),
    },
    unknown=_unknown,
    behind=behind_access_point,
    context=_context,
)
