"""Systems Manager: parameters, documents and the instances that commands run on.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Systems Manager".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.moto_state import backend_of, plain_tags
from rolecall.enforcement.resources.rules import Ask, Resolver, ServiceRules, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


def _document(ask: Ask) -> Sequence[str] | None:
    name = ask.param("DocumentName")
    if name is None and "Document" in ask.call.operation:
        name = ask.param("Name")
    if name is None and ask.param("ResourceType") == "Document":
        name = ask.param("ResourceId")
    if name is None:
        return None
    # AWS's own documents belong to no account.
    owner = "" if name.startswith(("AWS-", "Amazon")) else None
    return (name,) if name.startswith("arn:") else (ask.arn("ssm", f"document/{name}", account=owner),)


def _instance(ask: Ask) -> Sequence[str] | None:
    found = [item for item in listed(ask.param("InstanceIds", "Target")) if isinstance(item, str)]
    return [ask.arn("ec2", f"instance/{item}") for item in found if item.startswith("i-")] or None


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
    kind, _, name = arn.rpartition(":")[2].partition("/")
    if kind != "parameter":
        return {}
    kept = backend_of("ssm", ask.caller.account, ask.call.region)._resource_tags.get("Parameter", {})
    return plain_tags(kept.get(name) or kept.get(f"/{name}"))


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
        "maintenancewindow": _named("maintenancewindow", "WindowId"),
        "patchbaseline": _named("patchbaseline", "BaselineId"),
        "servicesetting": _named("servicesetting", "SettingId"),
    },
    context=_context,
    tags=_tags,
)
