"""The plan of Terraform or OpenTofu as JSON: ``terraform show -json plan``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rolecall.iam.lint.sources.found import FoundPolicy, Outer, found_in_value
from rolecall.iam.schemas.kinds import PolicyKind
from rolecall.iam.schemas.sizes import StoredAs
from rolecall.iam.strict_json import JsonPath

__all__ = ["is_plan", "policies_of_plan"]

_ATTRIBUTES: dict[str, tuple[tuple[str, PolicyKind, StoredAs | None], ...]] = {
    "aws_iam_policy": (("policy", "identity", "managed"),),
    "aws_iam_role": (("assume_role_policy", "trust", None),),
    "aws_iam_role_policy": (("policy", "identity", "role-inline"),),
    "aws_iam_user_policy": (("policy", "identity", "user-inline"),),
    "aws_iam_group_policy": (("policy", "identity", "group-inline"),),
    "aws_ssoadmin_permission_set_inline_policy": (("inline_policy", "identity", "role-inline"),),
    "aws_organizations_policy": (("content", "scp", None),),
    **dict.fromkeys(
        (
            "aws_api_gateway_rest_api_policy",
            "aws_backup_vault_policy",
            "aws_ecr_repository_policy",
            "aws_efs_file_system_policy",
            "aws_glacier_vault",
            "aws_kms_key",
            "aws_kms_key_policy",
            "aws_s3_access_point",
            "aws_s3_bucket_policy",
            "aws_s3control_access_point_policy",
            "aws_secretsmanager_secret_policy",
            "aws_sns_topic",
            "aws_sns_topic_policy",
            "aws_sqs_queue",
            "aws_sqs_queue_policy",
            "aws_vpc_endpoint",
            "aws_vpc_endpoint_policy",
        ),
        (("policy", "resource", None),),
    ),
}


def is_plan(value: Any) -> bool:
    """Whether a JSON value is a plan (or a state)."""
    return (
        isinstance(value, dict)
        and "format_version" in value
        and ("planned_values" in value or "values" in value)
    )


def policies_of_plan(outer: Outer) -> Iterator[FoundPolicy]:
    """The policies as they are planned, of all modules."""
    name = "planned_values" if "planned_values" in outer.value else "values"
    values = outer.value[name]
    if isinstance(values, dict) and isinstance(values.get("root_module"), dict):
        yield from _module(outer, (name, "root_module"), values["root_module"])


def _module(outer: Outer, path: JsonPath, module: dict[str, Any]) -> Iterator[FoundPolicy]:
    for index, resource in enumerate(_listed(module.get("resources"))):
        values = resource.get("values") if isinstance(resource, dict) else None
        if not isinstance(values, dict) or resource.get("mode") == "data":
            continue
        here = (*path, "resources", index, "values")
        for attribute, kind, stored_as in _ATTRIBUTES.get(str(resource.get("type")), ()):
            settled: PolicyKind = kind
            if kind == "scp":
                if str(values.get("type", "SERVICE_CONTROL_POLICY")) not in _ORGANIZATION_KINDS:
                    continue
                settled = _ORGANIZATION_KINDS[str(values.get("type", "SERVICE_CONTROL_POLICY"))]
            yield from found_in_value(outer, (*here, attribute), values.get(attribute), settled, stored_as)
        for number, inline in enumerate(_listed(values.get("inline_policy"))):
            if resource.get("type") == "aws_iam_role" and isinstance(inline, dict):
                at = (*here, "inline_policy", number, "policy")
                yield from found_in_value(outer, at, inline.get("policy"), "identity", "role-inline")
    for index, child in enumerate(_listed(module.get("child_modules"))):
        if isinstance(child, dict):
            yield from _module(outer, (*path, "child_modules", index), child)


_ORGANIZATION_KINDS: dict[str, PolicyKind] = {
    "SERVICE_CONTROL_POLICY": "scp",
    "RESOURCE_CONTROL_POLICY": "rcp",
}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
