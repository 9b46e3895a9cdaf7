"""Systems Manager: parameters, documents and the instances that commands run on.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Systems Manager".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.checks import Check
from rolecall.enforcement.moto_state import backend_of, plain_tags
from rolecall.enforcement.resources.passing import pass_role
from rolecall.enforcement.resources.rules import Ask, Resolver, ServiceRules, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rolecall.iam.requests import ContextValue

__all__ = ["RULES"]


def _parameter_arn(ask: Ask, name: str) -> str:
    if name.startswith("arn:"):
        return name
    # A version or label after a colon is not part of the ARN.
    return ask.arn("ssm", f"parameter/{name.partition(':')[0].lstrip('/')}")


def _parameter(ask: Ask) -> Sequence[str] | None:
    if "Parameter" not in ask.call.operation and ask.param("ResourceType") != "Parameter":
        return None
    path = ask.param("Path")
    if ask.call.operation == "GetParametersByPath" and path:
        return (ask.arn("ssm", f"parameter/{path.strip('/')}".rstrip("/")),)
    names = listed(ask.param("Names")) or listed(ask.param("Name", "ResourceId"))
    return [_parameter_arn(ask, name) for name in names if isinstance(name, str)] or None


def _by_resource_type(ask: Ask) -> Iterator[Check]:
    """Tagging: ResourceType says what ResourceId is the id of."""
    action, kind, name = ask.actions[0], ask.param("ResourceType"), ask.param("ResourceId") or ""
    if kind == "Parameter":
        arn: str | None = _parameter_arn(ask, name)
    elif kind == "Document":
        arn = _document_arn(ask, name)
    else:
        stem = _RESOURCE_TYPES.get(kind)
        arn = name if name.startswith("arn:") else ask.arn("ssm", f"{stem}/{name}") if stem else None
    yield Check(action, arn or "*", derived=arn is not None)


_RESOURCE_TYPES = {
    "Association": "association",
    "Automation": "automation-execution",
    "MaintenanceWindow": "maintenancewindow",
    "ManagedInstance": "managed-instance",
    "OpsItem": "opsitem",
    "OpsMetadata": "opsmetadata",
    "PatchBaseline": "patchbaseline",
}
_ALSO_DOCUMENTS = ("CreateAssociation", "UpdateAssociation", "UpdateAssociationStatus")


def _document(ask: Ask) -> Sequence[str] | None:
    name = ask.param("DocumentName")
    if name is None and ("Document" in ask.call.operation or ask.call.operation in _ALSO_DOCUMENTS):
        name = ask.param("Name")
    names = [name, *listed(ask.param("CalendarNames"))]
    names += [entry.get("Name") for entry in listed(ask.param("Entries")) if isinstance(entry, dict)]
    return [_document_arn(ask, item) for item in names if item] or None


def _document_arn(ask: Ask, name: str) -> str:
    # AWS's own documents belong to no account.
    owner = "" if name.startswith(("AWS-", "Amazon")) else None
    return name if name.startswith("arn:") else ask.arn("ssm", f"document/{name}", account=owner)


def _instance(ask: Ask) -> Sequence[str] | None:
    return [ask.arn("ec2", f"instance/{item}") for item in _nodes(ask) if item.startswith("i-")] or None


def _managed_instance(ask: Ask) -> Sequence[str] | None:
    return [
        ask.arn("ssm", f"managed-instance/{item}") for item in _nodes(ask) if item.startswith("mi-")
    ] or None


def _nodes(ask: Ask) -> list[str]:
    """The ids of EC2 instances (i-…) and of other nodes (mi-…) that a call names."""
    found = listed(ask.param("InstanceIds", "InstanceId", "Target"))
    found += [entry.get("InstanceId") for entry in listed(ask.param("Entries")) if isinstance(entry, dict)]
    for target in listed(ask.param("Targets")):
        if isinstance(target, dict) and str(target.get("Key", "")).lower() == "instanceids":
            found += listed(target.get("Values"))
    if ask.param("ResourceType") == "ManagedInstance":
        found += listed(ask.param("ResourceId"))
    return [item for item in found if isinstance(item, str)]


def _made(kind: str) -> Resolver:
    def resolve(ask: Ask) -> Sequence[str] | None:
        name = ask.param("AutomationExecutionId") or "*"
        return (ask.arn("ssm", f"{kind}/{name}"),)

    return resolve


_HOST_SETTING = "ssm/managed-instance/default-ec2-instance-management-role"


def _host_management(ask: Ask) -> Iterator[Check]:
    for action in ask.actions:
        yield Check(action, ask.arn("ssm", f"servicesetting/{_HOST_SETTING}"))


def _service_role(ask: Ask) -> Iterator[Check]:
    if ask.param("ServiceRoleArn"):
        yield pass_role(ask, ask.param("ServiceRoleArn"), "ssm.amazonaws.com")


def _context(ask: Ask, action: str, arn: str) -> Mapping[str, ContextValue]:
    context: dict[str, ContextValue] = {}
    if ask.param("Overwrite") is not None:
        context["ssm:Overwrite"] = bool(ask.param("Overwrite"))
    if ask.call.operation == "GetParametersByPath":
        context["ssm:Recursive"] = bool(ask.param("Recursive"))
    for name, value in _tags(ask, arn).items():
        context[f"ssm:resourceTag/{name}"] = value
    return context


def _tags(ask: Ask, arn: str) -> Mapping[str, str]:
    """Tags by Systems Manager's kinds, and those of an instance, which EC2 keeps."""
    fields = arn.split(":", 5)
    if len(fields) != 6:
        return {}
    account, region = fields[4] or ask.caller.account, fields[3] or ask.call.region
    kind, _, name = fields[5].partition("/")
    if fields[2] == "ec2":
        return dict(backend_of("ec2", account, region).tags.get(name, {}))
    if kind not in _TAGGED:
        return {}
    kept = backend_of("ssm", account, region)._resource_tags.get(_TAGGED[kind], {})
    return plain_tags(kept.get(name) or kept.get(f"/{name}"))


_TAGGED = {
    "document": "Document",
    "maintenancewindow": "MaintenanceWindow",
    "managed-instance": "ManagedInstance",
    "opsitem": "OpsItem",
    "parameter": "Parameter",
    "patchbaseline": "PatchBaseline",
}


def _named(kind: str, parameter: str) -> Resolver:
    def resolve(ask: Ask) -> Sequence[str] | None:
        name = ask.param(parameter)
        if not isinstance(name, str):
            return None
        return (name,) if name.startswith("arn:") else (ask.arn("ssm", f"{kind}/{name.lstrip('/')}"),)

    return resolve


RULES = ServiceRules(
    types={
        "parameter": _parameter,
        "document": _document,
        "instance": _instance,
        "managed-instance": _managed_instance,
        "automation-execution": _made("automation-execution"),
        "maintenancewindow": _named("maintenancewindow", "WindowId"),
        "patchbaseline": _named("patchbaseline", "BaselineId"),
        "servicesetting": _named("servicesetting", "SettingId"),
    },
    alternatives=(frozenset(("instance", "managed-instance")),),
    operations={
        "AddTagsToResource": _by_resource_type,
        "DeregisterDefaultHostManagementConfiguration": _host_management,
        "ListTagsForResource": _by_resource_type,
        "RegisterDefaultHostManagementConfiguration": _host_management,
        "RemoveTagsFromResource": _by_resource_type,
    },
    extra={"SendCommand": _service_role, "RegisterTaskWithMaintenanceWindow": _service_role},
    context=_context,
    tags=_tags,
)
