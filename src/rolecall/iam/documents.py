"""JSON text → Policy and Statement: frozen, in AWS's own terms, with the line of every statement.

Grammar: IAM User Guide, "Grammar of the IAM JSON policy language" (reference_policies_grammar).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

from rolecall.errors import MalformedPolicyDocument
from rolecall.iam.operators import is_operator
from rolecall.iam.strict_json import JsonDocument, Place, read_json

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Condition",
    "Effect",
    "Policy",
    "PrincipalElement",
    "Statement",
    "canonical_value",
    "parse_policy",
]

PrincipalKind = Literal["AWS", "Federated", "Service", "CanonicalUser"]
PRINCIPAL_KINDS: tuple[PrincipalKind, ...] = ("AWS", "Federated", "Service", "CanonicalUser")
VERSIONS = ("2012-10-17", "2008-10-17")


class Effect(StrEnum):
    """What a matching statement does."""

    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator with one key: ``StringEquals``, ``sts:ExternalId``, its values as canonical strings."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrincipalElement:
    """Principal or NotPrincipal. ``entries`` are (kind, value); ``"*"`` alone is ``("AWS", "*")``."""

    entries: tuple[tuple[PrincipalKind, str], ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. ``resources`` is None where the document has neither Resource nor NotResource."""

    index: int
    effect: Effect
    actions: tuple[str, ...]
    not_action: bool = False
    resources: tuple[str, ...] | None = None
    not_resource: bool = False
    principal: PrincipalElement | None = None
    conditions: tuple[Condition, ...] = ()
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy document.

    ``name`` is what explanations call it, ``file`` where it was read from, ``text`` what was read.
    Two policies are equal when they say the same, whatever they are called and wherever they stand.
    """

    statements: tuple[Statement, ...]
    version: str = "2008-10-17"
    id: str | None = None
    name: str = field(default="policy", compare=False)
    file: str | None = field(default=None, compare=False)
    text: str | None = field(default=None, compare=False, repr=False)
    memo: list[tuple[Any, Any]] = field(default_factory=list, init=False, compare=False, repr=False)
    """Derived forms of this very object (see compiled.py); says nothing about the policy."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the text as it was read, in hexadecimal."""
        return hashlib.sha256((self.text or "").encode()).hexdigest()

    def place_of(self, statement: Statement) -> Place | None:
        """Where a statement starts in the file, when the text is known."""
        if self.text is None:
            return None
        places = JsonDocument(None, self.text).places()
        return places.get(("Statement", statement.index), places.get(("Statement",)))

    def to_json(self) -> dict[str, Any]:
        """The document as plain JSON data; parsing it gives an equal Policy."""
        data: dict[str, Any] = {"Version": self.version}
        if self.id is not None:
            data["Id"] = self.id
        data["Statement"] = [_statement_to_json(statement) for statement in self.statements]
        return data


def parse_policy(
    source: str | bytes | Mapping[str, Any], *, name: str = "policy", file: str | None = None
) -> Policy:
    """A policy from JSON text or from JSON data.

    Raises MalformedPolicyDocument, with line and column when the source is text, for whatever is not in
    the grammar. Which elements a kind of policy may hold is the schemas' matter, not the parser's.
    """
    if isinstance(source, (str, bytes)):
        document = read_json(source, file=file)
    else:
        document = JsonDocument(source, "", file)
    reader = _Reader(document)
    return reader.policy(name, document.text or None)


def canonical_value(value: object) -> str:
    """A condition value as IAM compares it: numbers and booleans become their plain text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _statement_to_json(statement: Statement) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if statement.sid is not None:
        data["Sid"] = statement.sid
    data["Effect"] = statement.effect.value
    if statement.principal is not None:
        by_kind: dict[str, list[str]] = {}
        for kind, value in statement.principal.entries:
            by_kind.setdefault(kind, []).append(value)
        data["NotPrincipal" if statement.principal.negated else "Principal"] = by_kind
    data["NotAction" if statement.not_action else "Action"] = list(statement.actions)
    if statement.resources is not None:
        data["NotResource" if statement.not_resource else "Resource"] = list(statement.resources)
    if statement.conditions:
        block: dict[str, dict[str, list[str]]] = {}
        for condition in statement.conditions:
            block.setdefault(condition.operator, {})[condition.key] = list(condition.values)
        data["Condition"] = block
    return data


class _Reader:
    """Turns JSON data into a Policy; knows where it is, so that a refusal can say so."""

    def __init__(self, document: JsonDocument) -> None:
        self.document = document

    def refuse(
        self, path: tuple[str | int, ...], message: str, hint: str | None = None
    ) -> MalformedPolicyDocument:
        place = None
        if self.document.text:
            places = self.document.places()
            while path and path not in places:
                path = path[:-1]
            place = places.get(path)
        return MalformedPolicyDocument(
            message,
            file=self.document.file,
            hint=hint,
            line=place.line if place else None,
            column=place.column if place else None,
        )

    def policy(self, name: str, text: str | None) -> Policy:
        data = self.document.value
        if isinstance(data, str):
            raise self.refuse((), "is a JSON string, not an object", "the document was encoded twice")
        if not isinstance(data, dict):
            raise self.refuse((), "must be a JSON object")
        for key in data:
            if key not in ("Version", "Id", "Statement"):
                raise self.refuse((key,), f'has no element "{key}"', "Version, Id and Statement are known")
        version = data.get("Version", "2008-10-17")
        if version not in VERSIONS:
            raise self.refuse(
                ("Version",), f'Version must be "2012-10-17" or "2008-10-17", not {json.dumps(version)}'
            )
        policy_id = data.get("Id")
        if policy_id is not None and not isinstance(policy_id, str):
            raise self.refuse(("Id",), "Id must be a string")
        if "Statement" not in data:
            raise self.refuse((), "has no Statement")
        raw = data["Statement"]
        if isinstance(raw, dict):
            statements: tuple[Statement, ...] = (self.statement(raw, 0, ("Statement",)),)
        elif isinstance(raw, list) and raw:
            statements = tuple(self.statement(item, i, ("Statement", i)) for i, item in enumerate(raw))
        else:
            raise self.refuse(("Statement",), "Statement must be an object or a list of at least one object")
        return Policy(statements, version, policy_id, name, self.document.file, text)

    def statement(self, data: object, index: int, path: tuple[str | int, ...]) -> Statement:
        if not isinstance(data, dict):
            raise self.refuse(path, f"Statement[{index}] must be an object")
        known = {
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        }
        for key in data:
            if key not in known:
                raise self.refuse((*path, key), f'Statement[{index}] has no element "{key}"')
        sid = data.get("Sid")
        if sid is not None and not isinstance(sid, str):
            raise self.refuse((*path, "Sid"), f"Statement[{index}].Sid must be a string")
        effect = data.get("Effect")
        if effect not in ("Allow", "Deny"):
            said = f", not {json.dumps(effect)}" if "Effect" in data else "; it is missing"
            raise self.refuse((*path, "Effect"), f'Statement[{index}].Effect must be "Allow" or "Deny"{said}')
        action_name = self.one_of(data, "Action", "NotAction", path, index)
        if action_name is None:
            raise self.refuse(path, f"Statement[{index}] must have Action or NotAction")
        actions = self.strings(data[action_name], (*path, action_name), f"Statement[{index}].{action_name}")
        for action in actions:
            if action != "*" and action.count(":") != 1:
                raise self.refuse(
                    (*path, action_name),
                    f'Statement[{index}].{action_name} "{action}" must be "service:Name" or "*"',
                )
        resource_name = self.one_of(data, "Resource", "NotResource", path, index)
        resources = None
        if resource_name is not None:
            resources = self.strings(
                data[resource_name], (*path, resource_name), f"Statement[{index}].{resource_name}"
            )
        principal_name = self.one_of(data, "Principal", "NotPrincipal", path, index)
        principal = None
        if principal_name is not None:
            entries = self.principals(
                data[principal_name], (*path, principal_name), f"Statement[{index}].{principal_name}"
            )
            principal = PrincipalElement(entries, principal_name == "NotPrincipal")
        return Statement(
            index=index,
            effect=Effect(effect),
            actions=actions,
            not_action=action_name == "NotAction",
            resources=resources,
            not_resource=resource_name == "NotResource",
            principal=principal,
            conditions=self.conditions(data.get("Condition", {}), (*path, "Condition"), index),
            sid=sid,
        )

    def one_of(
        self, data: dict[str, Any], name: str, other: str, path: tuple[str | int, ...], index: int
    ) -> str | None:
        if name in data and other in data:
            raise self.refuse((*path, other), f"Statement[{index}] has both {name} and {other}")
        return name if name in data else other if other in data else None

    def strings(self, data: object, path: tuple[str | int, ...], what: str) -> tuple[str, ...]:
        if isinstance(data, str):
            return (data,)
        if isinstance(data, list) and all(isinstance(item, str) for item in data):
            return tuple(data)
        raise self.refuse(path, f"{what} must be a string or a list of strings")

    def principals(
        self, data: object, path: tuple[str | int, ...], what: str
    ) -> tuple[tuple[PrincipalKind, str], ...]:
        if data == "*":
            return (("AWS", "*"),)
        if not isinstance(data, dict):
            raise self.refuse(
                path, f'{what} must be "*" or an object with AWS, Federated, Service or CanonicalUser'
            )
        entries: list[tuple[PrincipalKind, str]] = []
        for kind, values in data.items():
            if kind not in PRINCIPAL_KINDS:
                raise self.refuse(
                    (*path, kind), f'{what} has no kind "{kind}"', "AWS, Federated, Service, CanonicalUser"
                )
            entries.extend((kind, value) for value in self.strings(values, (*path, kind), f"{what}.{kind}"))
        return tuple(entries)

    def conditions(self, data: object, path: tuple[str | int, ...], index: int) -> tuple[Condition, ...]:
        if not isinstance(data, dict):
            raise self.refuse(path, f"Statement[{index}].Condition must be an object")
        found: list[Condition] = []
        for operator, keys in data.items():
            here = (*path, operator)
            if not is_operator(operator):
                raise self.refuse(here, f'Statement[{index}].Condition has no operator "{operator}"')
            if not isinstance(keys, dict):
                raise self.refuse(here, f"Statement[{index}].Condition.{operator} must be an object")
            for key, values in keys.items():
                items = values if isinstance(values, list) else [values]
                if not all(isinstance(item, (str, bool, int, float)) for item in items):
                    raise self.refuse(
                        (*here, key),
                        f"Statement[{index}].Condition.{operator}.{key} must hold text, numbers or booleans",
                    )
                if any(isinstance(item, float) and not isfinite(item) for item in items):
                    raise self.refuse(
                        (*here, key),
                        f"Statement[{index}].Condition.{operator}.{key} holds a number too large to compare",
                    )
                found.append(Condition(operator, key, tuple(canonical_value(item) for item in items)))
        return tuple(found)
