"""A policy document as the rules see it: statements with the path of every value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rolecall.iam.documents import canonical_value
from rolecall.iam.findings import path_text
from rolecall.iam.operators import Operator, read_operator
from rolecall.iam.schemas.kinds import PolicyKind
from rolecall.iam.strict_json import JsonPath

__all__ = ["At", "ConditionSubject", "PolicySubject", "StatementSubject", "read_subject"]


@dataclass(frozen=True, slots=True)
class At:
    """A string of the document and the path to it."""

    text: str
    path: JsonPath

    @property
    def where(self) -> str:
        """The path in words."""
        return path_text(self.path)


@dataclass(frozen=True, slots=True)
class ConditionSubject:
    """One operator with one key. ``path`` leads to the key's values."""

    operator: Operator
    key: str
    values: tuple[At, ...]
    path: JsonPath

    @property
    def where(self) -> str:
        """The path of the operator in words."""
        return path_text(self.path[:-1])


@dataclass(frozen=True, slots=True)
class StatementSubject:
    """One statement; ``resources`` is empty where it has no Resource element."""

    path: JsonPath
    data: dict[str, Any] = field(repr=False)
    allows: bool
    actions: tuple[At, ...]
    not_action: bool
    resources: tuple[At, ...]
    not_resource: bool
    principals: tuple[tuple[str, At], ...]
    not_principal: bool
    conditions: tuple[ConditionSubject, ...]

    @property
    def where(self) -> str:
        """The path in words."""
        return path_text(self.path)

    @property
    def on_everything(self) -> bool:
        """Whether the statement is about every resource."""
        return not self.not_resource and any(one.text.strip("*") == "" for one in self.resources)

    def keys(self) -> frozenset[str]:
        """The condition keys of the statement in lower case."""
        return frozenset(condition.key.lower() for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class PolicySubject:
    """A document under test. ``account`` is the one it lives in, where known.

    ``own_accounts`` are further accounts of the same owner.
    """

    kind: PolicyKind
    data: dict[str, Any] = field(repr=False)
    version: str | None
    statements: tuple[StatementSubject, ...]
    account: str | None = None
    own_accounts: frozenset[str] = frozenset()


def read_subject(
    data: dict[str, Any],
    kind: PolicyKind,
    *,
    account: str | None = None,
    own_accounts: frozenset[str] = frozenset(),
    broken: frozenset[JsonPath] = frozenset(),
) -> PolicySubject:
    """The document with the statements that are not among the broken ones, by path."""
    version = data.get("Version")
    raw = data.get("Statement")
    found: list[tuple[JsonPath, Any]] = []
    if isinstance(raw, list):
        found = [(("Statement", index), one) for index, one in enumerate(raw)]
    elif isinstance(raw, dict):
        found = [(("Statement",), raw)]
    statements = tuple(
        _statement(one, path) for path, one in found if path not in broken and isinstance(one, dict)
    )
    return PolicySubject(
        kind, data, version if isinstance(version, str) else None, statements, account, own_accounts
    )


def _statement(data: dict[str, Any], path: JsonPath) -> StatementSubject:
    action = "Action" if "Action" in data else "NotAction"
    resource = "Resource" if "Resource" in data else "NotResource"
    principal = "Principal" if "Principal" in data else "NotPrincipal"
    return StatementSubject(
        path,
        data,
        data["Effect"] == "Allow",
        tuple(_strings(data[action], (*path, action))),
        action == "NotAction",
        tuple(_strings(data.get(resource, []), (*path, resource))),
        resource == "NotResource" and resource in data,
        tuple(_principals(data.get(principal, {}), (*path, principal))),
        principal == "NotPrincipal" and principal in data,
        tuple(_conditions(data.get("Condition", {}), (*path, "Condition"))),
    )


def _strings(value: Any, path: JsonPath) -> Iterator[At]:
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield At(canonical_value(one), (*path, index))
    else:
        yield At(canonical_value(value), path)


def _principals(value: Any, path: JsonPath) -> Iterator[tuple[str, At]]:
    if isinstance(value, str):
        yield "AWS", At(value, path)
        return
    for kind, values in value.items():
        for one in _strings(values, (*path, kind)):
            yield kind, one


def _conditions(value: dict[str, dict[str, Any]], path: JsonPath) -> Iterator[ConditionSubject]:
    for name, keys in value.items():
        operator = read_operator(name)
        if operator is None:
            continue
        for key, values in keys.items():
            here = (*path, name, key)
            yield ConditionSubject(operator, key, tuple(_strings(values, here)), here)
