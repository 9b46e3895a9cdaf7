"""Writes docs/enforcement-coverage.md: for each service of moto, how many operations have a derived resource.

An operation counts as *derived* when its actions take no resource at all, when a rule of the service gives
the resource, or when the catalog's ARN format can be filled from parameters of its input. The rest falls
back to ``*``: such a call is refused where the verdict hangs on the resource.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape

from rolecall.enforcement.actions import plan_of
from rolecall.enforcement.calls import ApiCall, Caller, HttpRequest
from rolecall.enforcement.environment import Environment
from rolecall.enforcement.resources import RULED_SERVICES, Ask, fill, rules_of
from rolecall.enforcement.services import load_services
from rolecall.iam.principals import read_principal

TARGET = Path(__file__).parents[1] / "docs" / "enforcement-coverage.md"
HEAD = """# Coverage of the enforcing moto

Written by `scripts/make_coverage.py`; do not edit. For each service that moto answers and the gate can tell
apart: its operations, how many need no resource (or no permission), how many have one derived, and how many
fall back to `*`. A call that falls back is refused with "resource not derived" where a policy names
particular resources for its action. Services in bold have rules of their own.

| service | operations | no resource | derived | falls back |
| --- | ---: | ---: | ---: | ---: |
"""


def sample(shape: Shape | None, name: str = "", depth: int = 0) -> Any:
    """A value for a shape, so that every parameter of an operation is there."""
    if shape is None or depth > 3:
        return "x"
    match shape.type_name:
        case "structure":
            return {key: sample(member, key, depth + 1) for key, member in shape.members.items()}
        case "list":
            return [sample(shape.member, name, depth + 1)]
        case "map":
            return {"x": sample(shape.value, name, depth + 1)}
        case "string":
            return "x"
        case "boolean":
            return False
        case "integer" | "long" | "float" | "double":
            return 1
        case _:
            return b"x"


def kind_of(service: str, operation: str, model: ServiceModel, environment: Environment) -> str:
    """``none``, ``derived`` or ``fallback``."""
    plans = plan_of(service, operation)
    if all(not plan.required and not plan.optional for plan in plans):
        return "none"
    rules = rules_of(service)
    if operation in rules.operations or rules.created is not None:
        return "derived"
    shape = model.operation_model(operation).input_shape
    params = sample(shape) if shape is not None else {}
    http = HttpRequest("POST", "localhost", "/", "", {})
    call = ApiCall(service, operation, params, "us-east-1", "aws", http)
    caller = Caller(read_principal("arn:aws:iam::111122223333:user/a"), "111122223333")
    ask = Ask(call, caller, environment, tuple(plan.action for plan in plans))
    for plan in plans:
        kinds = plan.required or plan.optional
        if kinds and not any(_fills(ask, rules, kind) for kind in (*plan.required, *plan.optional)):
            return "fallback"
    return "derived"


def _fills(ask: Ask, rules: Any, kind: Any) -> bool:
    resolver = rules.types.get(kind.name.lower())
    try:
        if resolver is not None and resolver(ask):
            return True
    except Exception:  # a made-up value that a rule cannot read is still a parameter
        return True
    return bool(fill(ask, kind)) or _takes_arn(ask, kind)


def _takes_arn(ask: Ask, kind: Any) -> bool:
    stem = "".join(letter for letter in kind.name.lower() if letter.isalnum())
    return any(
        name.lower().endswith(("arn", "arns"))
        and (stem in name.lower() or name.lower() in ("resourcearn", "arn"))
        for name in ask.call.params
    )


def main() -> None:
    from moto import mock_aws

    loader = Loader()
    rows, total = [], [0, 0, 0, 0]
    with mock_aws():
        environment = Environment("111122223333")
        for service in sorted(load_services()):
            model = ServiceModel(loader.load_service_model(service, "service-2"), service)
            try:
                kinds = [kind_of(service, name, model, environment) for name in model.operation_names]
            except Exception as error:
                print(f"{service}: {type(error).__name__}: {error}")
                continue
            counts = [len(kinds), *(kinds.count(kind) for kind in ("none", "derived", "fallback"))]
            total = [a + b for a, b in zip(total, counts, strict=True)]
            name = f"**{service}**" if service in (*RULED_SERVICES, "sts") else service
            rows.append(f"| {name} | " + " | ".join(map(str, counts)) + " |")
    rows.append("| all | " + " | ".join(map(str, total)) + " |")
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(HEAD + "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
