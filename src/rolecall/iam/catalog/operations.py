"""From an API operation to the IAM actions it needs, and back.

The default rule: the prefix that the service signs with, and the operation's name. What departs from it
stands in ``data/operations.json``, in groups that name the AWS page they come from.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

from rolecall.errors import InputError
from rolecall.iam.catalog.entries import Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.iam.catalog.action_names import ActionNames

__all__ = ["OperationMap"]

Needs = Literal["all", "by-parameters", "none"]


class OperationMap:
    """In: the table of the SDK's operations (generated), our exceptions, and the names of actions."""

    def __init__(self, table: Mapping[str, Any], exceptions: Mapping[str, Any], names: ActionNames) -> None:
        self._table = table
        self._names = names
        self._prefixes: dict[str, str] = {
            service: prefix
            for group in exceptions["prefixes"]
            for service, prefix in group["services"].items()
        }
        self._exceptions: dict[tuple[str, str], tuple[tuple[str, ...], Needs, str]] = {}
        for group in exceptions["operations"]:
            if group["service"] not in table:
                continue  # the table was made from an SDK that lacks the service
            needs: Needs = group.get("needs", "all")
            for name, actions in group["actions"].items():
                self._exceptions[group["service"], name] = (tuple(actions), needs, group["source"])
        self._http_verbs: dict[str, str] = exceptions["http_verbs"]
        self._reverse: dict[str, dict[str, list[tuple[str, str]]]] = {}

    @property
    def services(self) -> tuple[str, ...]:
        """The services of the SDK, by their boto3 names."""
        return tuple(self._table)

    def operations(self, service: str) -> tuple[str, ...]:
        """The operations of a boto3 service. Raises InputError for an unknown service."""
        return tuple(self._row(service)["operations"].split())

    def prefix(self, service: str) -> str:
        """The IAM prefix of a boto3 service. Raises InputError for an unknown service."""
        row = self._row(service)
        return self._prefixes.get(service) or str(row["prefix"])

    def operation(self, service: str, name: str) -> Operation:
        """An operation with its actions. An operation newer than the data follows the default rule."""
        prefix = self.prefix(service)
        row = self._table[service]
        signed = name not in row.get("unsigned", "").split()
        exception = self._exceptions.get((service, name))
        if exception is not None:
            actions, needs, source = exception
            return Operation(service, name, actions, needs, signed, source)
        if not signed:
            return Operation(service, name, (), "none", signed)
        default = f"{prefix}:{name}"
        spelling = self._names.spelling(default)
        if spelling is None and name in row.get("methods", {}) and service in self._http_verbs:
            verb = f"{prefix}:{row['methods'][name]}"
            return Operation(service, name, (verb,), "all", signed, self._http_verbs[service])
        return Operation(service, name, (spelling or default,), "all", signed)

    def operations_of(self, action: str) -> tuple[tuple[str, str], ...]:
        """(boto3 service, operation) pairs that need an action, the most telling one first.

        An operation of the action's own name comes first, even where AWS asks no permission for it.
        """
        prefix, _, name = action.lower().partition(":")
        found = self._of_prefix(prefix).get(f"{prefix}:{name}", ())
        return tuple(
            sorted(found, key=lambda pair: (pair[1].lower() != name, pair[0].lower() != prefix, pair))
        )

    def is_permission_only(self, action: str) -> bool | None:
        """Whether no operation has the action as a base action; None when the SDK lacks the service."""
        prefix, _, name = action.lower().partition(":")
        found = self._of_prefix(prefix)
        return f"{prefix}:{name}" not in found if found else None

    def _row(self, service: str) -> Mapping[str, Any]:
        row = self._table.get(service)
        if row is None:
            near = get_close_matches(service, self._table, 1)
            hint = f'did you mean "{near[0]}"?' if near else "name it as boto3.client() does"
            raise InputError(f'"{service}" is not a service of the AWS SDK', hint=hint)
        return row  # type: ignore[no-any-return]

    def _of_prefix(self, prefix: str) -> dict[str, list[tuple[str, str]]]:
        """Operations by lower-case action, for one IAM prefix."""
        known = self._reverse.get(prefix)
        if known is not None:
            return known
        found: dict[str, list[tuple[str, str]]] = {}
        for service in self._table:
            if self.prefix(service).lower() != prefix:
                continue
            for name in self.operations(service):
                operation = self.operation(service, name)
                actions = operation.actions or (f"{prefix}:{name}",)
                for action in actions:
                    found.setdefault(action.lower(), []).append((service, name))
        for (service, name), (actions, _, _) in self._exceptions.items():
            if self.prefix(service).lower() != prefix:
                for action in actions:
                    if action.lower().startswith(prefix + ":"):
                        found.setdefault(action.lower(), []).append((service, name))
        if found:
            self._reverse[prefix] = found
        return found
