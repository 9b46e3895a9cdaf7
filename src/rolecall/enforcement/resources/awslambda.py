"""Lambda: functions, by name, partial ARN or ARN, with or without a qualifier.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Lambda".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.moto_state import backend_of
from rolecall.enforcement.resources.passing import pass_role
from rolecall.enforcement.resources.rules import Ask, ServiceRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rolecall.enforcement.checks import Check
    from rolecall.iam.requests import ContextValue

__all__ = ["RULES", "function_of"]


def _function_arn(ask: Ask, name: str) -> str:
    if name.startswith("arn:"):
        return name
    account: str | None = None
    if ":function:" in name:
        account, _, name = name.partition(":function:")
    return ask.arn("lambda", f"function:{name}", account=account)


def _function(ask: Ask) -> Sequence[str] | None:
    name = ask.param("FunctionName")
    if name is None:
        resource = ask.param("Resource", "ResourceARN", "ResourceArn")
        return (resource,) if resource and ":function:" in resource else None
    arn = _function_arn(ask, name)
    qualifier = ask.param("Qualifier")
    if qualifier and arn.count(":") == 6:
        arn += f":{qualifier}"
    return (arn,)


def _qualified(ask: Ask) -> Sequence[str] | None:
    """An alias or version: the two are told apart by what stands in the qualifier, and share the form."""
    return _function(ask) if ask.param("FunctionName") and ask.param("Qualifier") else None


def _layer(ask: Ask) -> Sequence[str] | None:
    name = ask.param("LayerName")
    if name is None:
        return None
    return (name,) if name.startswith("arn:") else (ask.arn("lambda", f"layer:{name}"),)


def _layer_version(ask: Ask) -> Sequence[str] | None:
    if ask.param("Arn"):
        return (ask.param("Arn"),)
    layer, version = _layer(ask), ask.param("VersionNumber")
    return (f"{layer[0]}:{version}",) if layer and version is not None else None


def _passes_role(ask: Ask) -> Iterable[Check]:
    if ask.param("Role"):
        yield pass_role(ask, ask.param("Role"), "lambda.amazonaws.com")


def function_of(arn: str) -> Any:
    """moto's function of an ARN; None when there is none."""
    fields = arn.split(":")
    if len(fields) < 7 or fields[5] != "function":
        return None
    found = backend_of("awslambda", fields[4], fields[3])._lambdas._functions.get(fields[6])
    return found["latest"] if found else None


def _mapping(ask: Ask) -> Any:
    """moto's event source mapping of a call's UUID."""
    backend = backend_of("awslambda", ask.caller.account, ask.call.region)
    return backend._event_source_mappings.get(ask.param("UUID"))


def _context(ask: Ask, action: str, arn: str) -> Mapping[str, ContextValue]:
    context: dict[str, ContextValue] = {}
    for parameter, key in (
        ("Principal", "lambda:Principal"),
        ("FunctionUrlAuthType", "lambda:FunctionUrlAuthType"),
        ("AuthType", "lambda:FunctionUrlAuthType"),
    ):
        if ask.param(parameter):
            context[key] = ask.param(parameter)
    layers = ask.param("Layers")
    if layers:
        context["lambda:Layer"] = tuple(layers)
    function = ask.param("FunctionName")
    if ask.call.operation.endswith("EventSourceMapping"):
        kept = _mapping(ask)
        if function:
            context["lambda:FunctionArn"] = _function_arn(ask, function)
        elif kept is not None:
            context["lambda:FunctionArn"] = str(kept.function_arn)
    if ask.param("CodeSigningConfigArn"):
        context["lambda:CodeSigningConfigArn"] = ask.param("CodeSigningConfigArn")
    for parameter, key in (
        ("EventSourceToken", "lambda:EventSourceToken"),
        ("InvokedViaFunctionUrl", "lambda:InvokedViaFunctionUrl"),
    ):
        if ask.param(parameter) is not None:
            context[key] = ask.param(parameter)
    network = ask.param("VpcConfig") or {}
    for name, key in (("SubnetIds", "lambda:SubnetIds"), ("SecurityGroupIds", "lambda:SecurityGroupIds")):
        if network.get(name):
            context[key] = tuple(network[name])
    if network.get("SubnetIds"):
        tables = backend_of("ec2", ask.caller.account, ask.call.region).subnets.values()
        vpcs = {items[item].vpc_id for items in tables for item in network["SubnetIds"] if item in items}
        if len(vpcs) == 1:
            context["lambda:VpcIds"] = vpcs.pop()
    return context


def _tags(ask: Ask, arn: str) -> Mapping[str, str]:
    function = function_of(arn)
    return dict(getattr(function, "tags", None) or {}) if function is not None else {}


RULES = ServiceRules(
    types={
        "function": _function,
        "function alias": _qualified,
        "function version": _qualified,
        "layer": _layer,
        "layerversion": _layer_version,
    },
    extra={"CreateFunction": _passes_role, "UpdateFunctionConfiguration": _passes_role},
    context=_context,
    tags=_tags,
)
