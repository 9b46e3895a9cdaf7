"""Writes docs/enforcement-coverage.md: for each service of moto, how many operations have a derived resource.

Every operation is put to the derivation that the gate uses, with all its parameters given, once for each
resource type that its ARN parameters may speak of. It counts as derived only where each required type of each
of its actions (one of the optional ones, where none is required) got an ARN of that type's format.
"""

from __future__ import annotations

import ast
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape

from rolecall.enforcement.actions import checks_for, plan_of
from rolecall.enforcement.calls import ApiCall, Caller, HttpRequest
from rolecall.enforcement.environment import Environment
from rolecall.enforcement.resources import RULED_SERVICES, rules_of
from rolecall.enforcement.resources.ec2_ids import _PREFIXES
from rolecall.enforcement.resources.generic import _shape
from rolecall.enforcement.services import load_services
from rolecall.enforcement.unknown_keys import absent_keys, carried_keys
from rolecall.iam.catalog import load_catalog
from rolecall.iam.principals import read_principal

if TYPE_CHECKING:
    from rolecall.enforcement.actions import ActionPlan
    from rolecall.enforcement.checks import Check
    from rolecall.iam.catalog import ResourceType

TARGET = Path(__file__).parents[1] / "docs" / "enforcement-coverage.md"
ACCOUNT, REGION = "111122223333", "us-east-1"
HEAD = """# Coverage of the enforcing moto

Written by `scripts/make_coverage.py`; do not edit. For each service that moto answers and the gate can tell
apart: its operations, how many need no resource (or no permission), how many have every resource type that
their actions require derived, how many have it looked up in moto's state, how many fall back to `*` although
moto answers them, and how many do although moto does not answer them at all. A call that falls back is
refused with "resource not derived" where a policy names particular resources for its action. Services in bold
have rules of their own.

| service | operations | no resource | derived | from state | falls back | moto does not answer |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
"""
OWN_RULES = frozenset([("sts", "AssumeRoot")])
"""Operations that rolecall decides and answers itself, on the resources that they name."""
FROM_STATE = {
    ("ec2", "AcceptVpcPeeringConnection"): "the accepter's VPC, by the peering connection",
    ("ec2", "DetachNetworkInterface"): "the interface and the instance, by the attachment",
    ("ec2", "DisassociateAddress"): "the address and the interface, by the association or public IP",
    ("ec2", "DisassociateIamInstanceProfile"): "the instance, by the association",
    ("ec2", "DisassociateRouteTable"): "the route table and the subnet, by the association",
    ("ec2", "DisassociateSubnetCidrBlock"): "the subnet, by the association",
    ("ec2", "DisassociateVpcCidrBlock"): "the VPC, by the association",
    ("ec2", "ReplaceIamInstanceProfileAssociation"): "the instance, by the association",
    ("ec2", "ReplaceNetworkAclAssociation"): "the subnet, by the association",
    ("iam", "GetAccessKeyLastUsed"): "the user, by the access key",
    ("logs", "GetQueryResults"): "the log group, by the query",
    ("logs", "UpdateDeliveryConfiguration"): "source and destination, by the delivery",
    ("kms", "DeleteAlias"): "the key, by the alias",
    ("kms", "RetireGrant"): "the key, by the grant",
    ("sqs", "CancelMessageMoveTask"): "the queue, by the task",
}
"""Operations that name their resource in a roundabout way; tests/enforcement/scenarios play them."""


def sample(shape: Shape | None, kind: ResourceType | None, name: str = "", depth: int = 0) -> Any:
    """A value for a shape, so that every parameter of an operation is there."""
    if shape is None or depth > 9:
        return None
    match shape.type_name:
        case "structure":
            return {key: sample(member, kind, key, depth + 1) for key, member in shape.members.items()}
        case "list":
            return [sample(shape.member, kind, name, depth + 1)]
        case "map":
            return {"x1": sample(shape.value, kind, name, depth + 1)}
        case "string":
            return _text(name, kind)
        case "boolean":
            return False
        case "integer" | "long" | "float" | "double":
            return 1
        case _:
            return b"x1"


def _text(name: str, kind: ResourceType | None) -> str:
    lowered = name.lower()
    if name in ("Path", "NewPath"):
        return "/x1/"
    if name == "Url":
        return "https://x1.example.com"
    if name == "DeletionTaskId":
        return "task/aws-service-role/x1/x1/x1"
    if kind is not None and kind.name == "managed-instance":
        return "mi-0123456789abcdef0"
    if name == "AliasName":
        return "alias/x1"
    if kind is not None and kind.service == "ec2":
        return _ec2_text(name, kind)
    if kind is not None and kind.name == "instance":
        return "i-0123456789abcdef0"
    if name == "SubscriptionArn":
        return f"arn:aws:sns:{REGION}:{ACCOUNT}:x1:1234"
    if kind is not None and (
        lowered.endswith(("arn", "arns", "resource", "resourceid", "identifier", "uri"))
        or lowered in ("arn", "resources")
    ):
        return arn_of(kind)
    if lowered == "queueurl":
        return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/x1"
    if lowered in ("statement",):
        return 'SELECT * FROM "x1"'
    return "x1"


def arn_of(kind: ResourceType) -> str:
    standing = {"Partition": "aws", "Region": REGION, "Account": ACCOUNT}
    return re.sub(r"\$\{(\w+)\}", lambda found: standing.get(found[1], "x1"), kind.arn_formats[0])


def _ec2_text(name: str, kind: ResourceType) -> str:
    """An id of the type where a parameter takes ids of several types; else any text."""
    if name in _EC2_OF_ANY_TYPE:
        start = next((start for start, known in _PREFIXES.items() if known == kind.name), "x")
        return f"{start}-0123456789abcdef0"
    if name.lower().endswith(("arn", "arns")):
        return arn_of(kind)
    return "x1"


_EC2_OF_ANY_TYPE = ("GatewayId", "ResourceIds", "ResourceId", "Resources", "ExportTaskId", "ImportTaskId")


def checks_of(
    service: str, operation: str, model: ServiceModel, environment: Environment, kind: ResourceType | None
) -> tuple[Check, ...]:
    shape = model.operation_model(operation).input_shape
    params = sample(shape, kind) if shape is not None else {}
    http = HttpRequest("POST", "localhost", "/", "", {})
    call = ApiCall(service, operation, params, REGION, "aws", http)
    caller = Caller(read_principal(f"arn:aws:iam::{ACCOUNT}:user/a"), ACCOUNT)
    return checks_for(call, caller, environment)


def missing_types(
    service: str, operation: str, model: ServiceModel, environment: Environment
) -> dict[str, list[str]]:
    """Per action the required resource types that no run of the derivation gave."""
    plans = [plan for plan in plan_of(service, operation) if plan.required or plan.optional]
    kinds = {kind.name: kind for plan in plans for kind in (*plan.required, *plan.optional)}
    found: set[tuple[str, str]] = set()
    for kind in (None, *list(kinds.values())[:12]):
        for check in checks_of(service, operation, model, environment, kind):
            for name, other in kinds.items():
                if check.derived and any(
                    _shape(text).fullmatch(check.resource) for text in other.arn_formats
                ):
                    found.add((check.action, name))
    needs = load_catalog().operation(service, operation).needs
    lacking = {plan.action: _lacking(service, plan, found) for plan in plans}
    if needs == "by-parameters" and any(not names for names in lacking.values()):
        return {}
    acted = {action for action, _ in found}
    own = rules_of(service).operations.get(operation) is not None
    return {
        action: names
        for action, names in lacking.items()
        if names and not (own and acted and action not in acted)
    }


def _lacking(service: str, plan: ActionPlan, found: set[tuple[str, str]]) -> list[str]:
    given = {name.lower() for action, name in found if action == plan.action}
    wanted = [kind.name for kind in plan.required]
    if not wanted:
        return [] if given else ["one of " + ", ".join(kind.name for kind in plan.optional[:4])]
    groups = rules_of(service).alternatives
    return [
        name
        for name in wanted
        if name.lower() not in given and not any(name.lower() in group and given & group for group in groups)
    ]


def answered(service: str, operation: str) -> bool:
    """Whether moto has a method for the operation."""
    if service == "s3":
        return operation != "WriteGetObjectResponse"
    name = xform_name(operation)
    try:
        module = import_module(f"moto.{load_services()[service].module}.responses")
    except ModuleNotFoundError:
        return True  # it shares the methods of another service
    return any(
        isinstance(item, type) and callable(getattr(item, name, None)) for item in vars(module).values()
    )


STATE_HEAD = """
## Looked up in moto's state

What a call names in a roundabout way. Where moto has no such thing, the resource is not derived.

| service | operation | what is looked up |
| --- | --- | --- |
"""
GAPS_HEAD = """
## What cannot be derived in the services with rules

| service | operation | resource type that is missing | does moto answer it? | why |
| --- | --- | --- | --- | --- |
"""
WHY = {
    ("lambda", "SendDurableExecutionCallbackFailure"): "the callback's id is opaque",
    ("lambda", "SendDurableExecutionCallbackHeartbeat"): "the callback's id is opaque",
    ("lambda", "SendDurableExecutionCallbackSuccess"): "the callback's id is opaque",
    ("s3", "WriteGetObjectResponse"): "the Object Lambda access point stands in an opaque token",
}
KEYS_HEAD = """
## Condition keys

Of each service with rules: the keys of the Service Authorization Reference that are provided, those that AWS
leaves out too unless a situation arises that cannot arise here, and those that are not provided. Where a
verdict hangs on a key that AWS would give for that action and resource and that the context lacks, the call
is refused with "condition key not derived" and the verdict is inconclusive; a key that is provided for some
types of resource only is treated so for the others. Of services without rules no key of their own and no tag
of a resource is provided. `iam:PassedToService` is known for the services of
`src/rolecall/enforcement/resources/passed_to_service.json`, and unknown for every other one.

| service | provided | absent on AWS too | not provided |
| --- | --- | --- | --- |
"""


def key_rows() -> list[str]:
    """One row a service: what becomes of each of its condition keys."""
    written = _written_keys()
    rows = []
    for prefix in RULED_SERVICES:
        names = [key.name for key in load_catalog().condition_keys(prefix)]
        names = [name for name in names if not name.lower().startswith("aws:")]
        absent = [name for name in names if name.lower() in absent_keys(prefix)]
        given = [
            name
            for name in names
            if name not in absent and (name.lower() in written or name.lower() in carried_keys(prefix))
        ]
        rest = [name for name in names if name not in absent and name not in given]
        rows.append(f"| {prefix} | {_joined(given)} | {_joined(absent)} | {_joined(rest)} |")
    return rows


def _joined(names: list[str]) -> str:
    families = sorted({name.rpartition(":")[0] for name in names if name.count(":") > 1})
    shown = [name.partition(":")[2] for name in names if name.count(":") == 1 or "$" in name]
    shown += [f"{family.partition(':')[2]}:…" for family in families if not any(family in n for n in shown)]
    return ", ".join(f"`{name}`" for name in dict.fromkeys(shown)) or "–"


def _written_keys() -> set[str]:
    """The condition keys that stand as text in the modules of rules."""
    folder = Path(__file__).parents[1] / "src" / "rolecall" / "enforcement" / "resources"
    found: set[str] = set()
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value.lower())
    return found


def main() -> None:
    from moto import mock_aws

    loader = Loader()
    rows, total, gaps, state = [], [0] * 6, [], []
    wanted = sys.argv[1:]
    with mock_aws():
        environment = Environment(ACCOUNT)
        for service in sorted(wanted or load_services()):
            model = ServiceModel(loader.load_service_model(service, "service-2"), service)
            ruled = service in (*RULED_SERVICES, "sts")
            counts = {"none": 0, "derived": 0, "state": 0, "fallback": 0, "silent": 0}
            for operation in model.operation_names:
                plans = plan_of(service, operation)
                if all(not plan.required and not plan.optional for plan in plans):
                    counts["none"] += 1
                    continue
                lacking = missing_types(service, operation, model, environment)
                if not lacking or (service, operation) in OWN_RULES:
                    counts["derived"] += 1
                    continue
                if (service, operation) in FROM_STATE:
                    counts["state"] += 1
                    state.append(f"| {service} | {operation} | {FROM_STATE[service, operation]} |")
                    continue
                yes = answered(service, operation)
                counts["fallback" if yes else "silent"] += 1
                if ruled:
                    what = ", ".join(dict.fromkeys(name for names in lacking.values() for name in names))
                    why = WHY.get(
                        (service, operation), "the call names another thing that moto does not keep"
                    )
                    gaps.append(f"| {service} | {operation} | {what} | {'yes' if yes else 'no'} | {why} |")
            row = [len(model.operation_names), *counts.values()]
            total = [a + b for a, b in zip(total, row, strict=True)]
            name = f"**{service}**" if ruled else service
            rows.append(f"| {name} | " + " | ".join(map(str, row)) + " |")
    rows.append("| all | " + " | ".join(map(str, total)) + " |")
    if wanted:
        print("\n".join([*rows, *state, *gaps]))
        return
    parts = (HEAD, rows, STATE_HEAD, state, GAPS_HEAD, gaps, KEYS_HEAD, key_rows())
    TARGET.write_text("".join(part if isinstance(part, str) else "\n".join(part) + "\n" for part in parts))


if __name__ == "__main__":
    main()
