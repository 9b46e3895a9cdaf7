"""CloudFormation templates: the policies of their resources, intrinsic functions resolved as far as known.

Source: CloudFormation User Guide, "Intrinsic function reference" and the resource types' pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rolecall.iam.lint.sources.found import FoundPolicy, Outer, found_in_text
from rolecall.iam.lint.sources.intrinsics import Resolver
from rolecall.iam.schemas.kinds import PolicyKind
from rolecall.iam.schemas.sizes import StoredAs
from rolecall.iam.strict_json import JsonPath, Place

__all__ = ["is_template", "policies_of_template"]

_DOCUMENTS: dict[str, tuple[tuple[str, PolicyKind, StoredAs | None], ...]] = {
    "AWS::IAM::Role": (("AssumeRolePolicyDocument", "trust", None),),
    "AWS::IAM::ManagedPolicy": (("PolicyDocument", "identity", "managed"),),
    "AWS::IAM::Policy": (("PolicyDocument", "identity", None),),
    "AWS::IAM::RolePolicy": (("PolicyDocument", "identity", "role-inline"),),
    "AWS::IAM::UserPolicy": (("PolicyDocument", "identity", "user-inline"),),
    "AWS::IAM::GroupPolicy": (("PolicyDocument", "identity", "group-inline"),),
    "AWS::SSO::PermissionSet": (("InlinePolicy", "identity", "role-inline"),),
    "AWS::KMS::Key": (("KeyPolicy", "resource", None),),
    "AWS::KMS::ReplicaKey": (("KeyPolicy", "resource", None),),
    "AWS::SecretsManager::ResourcePolicy": (("ResourcePolicy", "resource", None),),
    "AWS::ECR::Repository": (("RepositoryPolicyText", "resource", None),),
    "AWS::EFS::FileSystem": (("FileSystemPolicy", "resource", None),),
    **dict.fromkeys(
        (
            "AWS::S3::BucketPolicy",
            "AWS::SNS::TopicPolicy",
            "AWS::SNS::TopicInlinePolicy",
            "AWS::SQS::QueuePolicy",
            "AWS::SQS::QueueInlinePolicy",
            "AWS::EC2::VPCEndpoint",
        ),
        (("PolicyDocument", "resource", None),),
    ),
    "AWS::S3::AccessPoint": (("Policy", "resource", None),),
}
_INLINE: dict[str, StoredAs] = {
    "AWS::IAM::Role": "role-inline",
    "AWS::IAM::User": "user-inline",
    "AWS::IAM::Group": "group-inline",
}
_ORGANIZATIONS: dict[str, PolicyKind] = {"SERVICE_CONTROL_POLICY": "scp", "RESOURCE_CONTROL_POLICY": "rcp"}


def is_template(value: Any) -> bool:
    """Whether a value is a template: it has resources with types of AWS."""
    resources = value.get("Resources") if isinstance(value, dict) else None
    return isinstance(resources, dict) and any(
        isinstance(one, dict) and str(one.get("Type")).startswith(("AWS::", "Custom::"))
        for one in resources.values()
    )


def policies_of_template(outer: Outer) -> Iterator[FoundPolicy]:
    """The policies of the template's resources."""
    resolver = Resolver(outer.value)
    for name, resource in outer.value["Resources"].items():
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        if not isinstance(properties, dict):
            continue
        path = ("Resources", name, "Properties")
        kind_of_resource = str(resource.get("Type"))
        for attribute, kind, stored_as in _documents(kind_of_resource, properties):
            if attribute in properties:
                yield from _found(outer, resolver, (*path, attribute), properties[attribute], kind, stored_as)
        if kind_of_resource in _INLINE and isinstance(properties.get("Policies"), list):
            for index, policy in enumerate(properties["Policies"]):
                if isinstance(policy, dict) and "PolicyDocument" in policy:
                    at = (*path, "Policies", index, "PolicyDocument")
                    yield from _found(
                        outer, resolver, at, policy["PolicyDocument"], "identity", _INLINE[kind_of_resource]
                    )


def _documents(
    kind_of_resource: str, properties: dict[str, Any]
) -> tuple[tuple[str, PolicyKind, StoredAs | None], ...]:
    if kind_of_resource == "AWS::Organizations::Policy":
        kind = _ORGANIZATIONS.get(str(properties.get("Type")))
        return (("Content", kind, None),) if kind else ()
    return _DOCUMENTS.get(kind_of_resource, ())


def _found(
    outer: Outer, resolver: Resolver, path: JsonPath, raw: Any, kind: PolicyKind, stored_as: StoredAs | None
) -> Iterator[FoundPolicy]:
    resolved = resolver.document(raw)
    if isinstance(resolved.value, str) and isinstance(raw, str):
        yield from found_in_text(outer, path, raw, kind, stored_as)
    if not isinstance(resolved.value, dict):
        return
    origins = resolved.origins

    def locate(inner: JsonPath, of_key: bool = False) -> Place:
        tail: JsonPath = ()
        while inner not in origins:
            inner, tail = inner[:-1], (inner[-1], *tail)
        return outer.locate((*path, *origins[inner], *tail), of_key and not tail)

    yield FoundPolicy(resolved.value, kind, locate, None, stored_as, None, resolved.opaque)
