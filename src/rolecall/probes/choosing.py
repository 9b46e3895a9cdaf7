"""Which call shows whether an action is permitted, without changing anything.

Safe are: operations of access level List or Read whose required parameters are known, and EC2 operations with
DryRun. Anything else is called only where the manifest says ``unsafe: true`` and the target is an emulator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel

    from rolecall.iam.catalog import Catalog

__all__ = ["NoProbe", "Probe", "choose_probe"]

_SAFE_LEVELS = ("List", "Read")
_PARAMETER_OF = {"BucketName": "Bucket", "ObjectName": "Key", "TableName": "TableName"}


@dataclass(frozen=True, slots=True)
class Probe:
    """A call: boto3's name of the service, the operation, its parameters."""

    action: str
    resource: str
    service: str
    operation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def command(self) -> str:
        """The same as a command line of the ``aws`` tool, parameters left out."""
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", self.operation).lower()
        dry = " --dry-run" if self.parameters.get("DryRun") else ""
        return f"aws {self.service} {words}{dry}"


@dataclass(frozen=True, slots=True)
class NoProbe:
    """No call is safe; ``why`` is a sentence for the evidence."""

    action: str
    why: str


def choose_probe(
    action: str,
    resource: str,
    catalog: Catalog,
    models: Callable[[str], ServiceModel],
    *,
    parameters: Mapping[str, Any] | None = None,
    unsafe: bool = False,
) -> Probe | NoProbe:
    """A call for an action on a resource, or why there is none.

    In: ``models`` gives botocore's model of a service by its boto3 name. ``parameters`` come from the
    manifest; what an ARN says fills in parameters of the same name. ``unsafe`` permits calls that
    change something.
    """
    known = catalog.action(action)
    if known is None:
        return NoProbe(action, f"{action} is unknown to the catalog of {catalog.provenance.date}")
    operations = catalog.operations_of(action)
    if not operations:
        return NoProbe(action, "no API operation stands for this action alone")
    given = {**_from_arn(action, resource, catalog), **(parameters or {})}
    lacking: tuple[str, ...] = ()
    for service, operation in operations:
        try:
            model = models(service).operation_model(operation)
        except Exception:  # noqa: S112 - botocore of this machine does not know it
            continue
        fits = _fitting(model, given)
        missing = _missing(model, fits)
        if missing:
            lacking = lacking or missing
            continue
        members = model.input_shape.members if model.input_shape is not None else {}
        if known.access_level in _SAFE_LEVELS and not _returns_secrets(action):
            return Probe(action, resource, service, operation, fits)
        if "DryRun" in members:
            return Probe(action, resource, service, operation, {**fits, "DryRun": True})
        if unsafe:
            return Probe(action, resource, service, operation, fits)
        return NoProbe(action, f"{operation} changes something ({known.access_level}); no call is safe")
    if lacking:
        return NoProbe(action, f"the call needs {', '.join(lacking)}; give them under parameters:")
    return NoProbe(action, "no API operation stands for this action alone")


def _fitting(model: OperationModel, given: Mapping[str, Any]) -> dict[str, Any]:
    members = model.input_shape.members if model.input_shape is not None else {}
    fits = {name: value for name, value in given.items() if name in members}
    for name, value in given.items():
        many = members.get(f"{name}s")
        if many is not None and many.type_name == "list" and f"{name}s" not in given:
            fits[f"{name}s"] = [value]
    return fits


def _missing(model: OperationModel, fits: Mapping[str, Any]) -> tuple[str, ...]:
    required = model.input_shape.required_members if model.input_shape is not None else ()
    return tuple(name for name in required if name not in fits)


def _returns_secrets(action: str) -> bool:
    """Read calls whose answer is itself a secret are not made: nothing that secret comes into memory."""
    return action.lower() in ("secretsmanager:getsecretvalue", "ecr:getauthorizationtoken")


def _from_arn(action: str, resource: str, catalog: Catalog) -> dict[str, str]:
    """Parameters that the ARN itself tells: the variables of the ARN formats of the action's resources."""
    known = catalog.action(action)
    if known is None or not resource.startswith("arn:"):
        return {}
    found: dict[str, str] = {}
    for use in known.resources:
        kind = catalog.resource_type(known.service, use.type)
        for arn_format in kind.arn_formats if kind is not None else ():
            pattern = re.sub(
                r"\\\$\\\{(\w+)\\\}", lambda match: f"(?P<{match[1]}>.+?)", re.escape(arn_format), count=20
            )
            try:
                match = re.fullmatch(pattern, resource)
            except re.error:
                continue
            for name, value in match.groupdict().items() if match else ():
                if "*" in value or "?" in value:
                    continue
                if name == "ParameterNameWithoutLeadingSlash":
                    # Names of several parts begin with a slash; ARNs leave it out.
                    name, value = "Name", f"/{value}" if "/" in value else value
                found[_PARAMETER_OF.get(name, name)] = value
    return found
