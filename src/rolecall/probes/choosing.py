"""Which call shows whether an action is permitted, without changing anything.

Safe are: operations of access level List or Read that read by their name too and whose required parameters
are known, and EC2 operations with DryRun. Anything else is called only where the manifest says
``unsafe: true`` and the target is an emulator. AWS's levels alone do not tell: sqs:ReceiveMessage, which
hides a message from those whom it is for, is a Read, and so are logs:StopQuery and bedrock:InvokeModel.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rolecall.probes.addressing import addresses_of

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel

    from rolecall.iam.catalog import Catalog

__all__ = ["NoProbe", "Probe", "choose_probe"]

_SAFE_LEVELS = ("List", "Read")
_READING = re.compile(
    "(Admin|Batch|Transact)?"
    "(Check|Count|Describe|Get|Head|List|Lookup|Query|Scan|Search|Simulate|Validate|View)[A-Z]?"
)


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
    account: str | None = None,
) -> Probe | NoProbe:
    """A call for an action on a resource, or why there is none.

    In: ``models`` gives botocore's model of a service by its boto3 name. ``parameters`` come from the
    manifest; an ARN fills in what names the resource, and a call that could be about another one is none.
    ``unsafe`` permits calls that change something. ``account`` is the caller's: a call that names no account
    is about that one.
    """
    known = catalog.action(action)
    if known is None:
        return NoProbe(action, f"{action} is unknown to the catalog of {catalog.provenance.date}")
    operations = catalog.operations_of(action)
    if not operations:
        return NoProbe(action, "no API operation stands for this action alone")
    lacking: tuple[str, ...] = ()
    unnamed = False
    changing = ""
    # The answer to HEAD has no body that would tell a denial from a key that is not known.
    for service, operation in sorted(operations, key=lambda one: one[1].startswith("Head")):
        try:
            model = models(service).operation_model(operation)
        except Exception:  # noqa: S112 - botocore of this machine does not know it
            continue
        members = model.input_shape.members if model.input_shape is not None else {}
        reads = known.access_level in _SAFE_LEVELS and bool(_READING.match(operation))
        # Others have parameters of that name too (lambda:UpdateFunctionCode), which an endpoint may not know.
        dry = service == "ec2" and "DryRun" in members and not reads
        if not (reads or dry or unsafe):
            changing = changing or operation
            continue
        fits = _fitting(action, resource, catalog, model, parameters or {}, account)
        missing = _missing(model, fits or {})
        if fits is None or missing:
            lacking = lacking or missing
            unnamed = unnamed or not missing
            continue
        if _returns_secrets(action) and not unsafe:
            return NoProbe(action, f"the answer of {operation} is a secret; it is not called")
        return Probe(action, resource, service, operation, {**fits, "DryRun": True} if dry else fits)
    if unnamed:
        return NoProbe(action, f"a call cannot name {resource}, or not from account {account}")
    if lacking:
        return NoProbe(action, f"the call needs {', '.join(lacking)}; give them under parameters:")
    if changing and known.access_level in _SAFE_LEVELS:
        why = f"{changing} does more than read, though AWS calls it {known.access_level}; no call is safe"
        return NoProbe(action, why)
    if changing:
        return NoProbe(action, f"{changing} changes something ({known.access_level}); no call is safe")
    return NoProbe(action, "no API operation stands for this action alone")


def _fitting(
    action: str,
    resource: str,
    catalog: Catalog,
    model: OperationModel,
    given: Mapping[str, Any],
    account: str | None,
) -> dict[str, Any] | None:
    """The parameters that name the resource, with those of the manifest; None where nothing names it."""
    members = model.input_shape.members if model.input_shape is not None else {}
    own = {name: value for name, value in given.items() if name in members}
    if resource == "*":
        return own
    for address in addresses_of(action, resource, catalog):
        named = address.parameters(model, account)
        if named is not None:
            return {**named, **own}
    return own or None


def _missing(model: OperationModel, fits: Mapping[str, Any]) -> tuple[str, ...]:
    required = model.input_shape.required_members if model.input_shape is not None else ()
    return tuple(name for name in required if name not in fits)


def _returns_secrets(action: str) -> bool:
    """Read calls whose answer is itself a secret are not made: nothing that secret comes into memory."""
    return action.lower() in ("secretsmanager:getsecretvalue", "ecr:getauthorizationtoken")
