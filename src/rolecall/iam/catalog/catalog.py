"""The catalog: everything known about services, actions, resource types, condition keys and operations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any

from rolecall.iam.action_sets import ActionUniverse
from rolecall.iam.catalog.action_names import ActionNames
from rolecall.iam.catalog.archive import Archive, read_data
from rolecall.iam.catalog.arn_formats import ArnFormat, split_arn
from rolecall.iam.catalog.asked_resources import asked_resources
from rolecall.iam.catalog.condition_keys import KeyTable
from rolecall.iam.catalog.entries import (
    Action,
    ConditionKey,
    Operation,
    Provenance,
    ResourceType,
    ResourceUse,
)
from rolecall.iam.catalog.operations import OperationMap

__all__ = ["Catalog", "load_catalog"]

_VARIABLE = re.compile(r"\$\{[^}]*\}")


class Catalog:
    """Service authorization data. Immutable to its users; reads what is asked for, once."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._details: dict[str, dict[str, Any]] = {}
        self._keys: dict[str, KeyTable] = {}
        self._actions: dict[str, Action] = {}
        self._arn_formats: dict[str, tuple[ArnFormat, ...]] = {}
        self._types: dict[str, dict[str, ResourceType]] = {}

    @cached_property
    def provenance(self) -> Provenance:
        """Package, version, date and counts of the data."""
        data = self._archive.json("provenance.json")
        return Provenance(**{**data, "counts": MappingProxyType(data["counts"])})

    @property
    def services(self) -> tuple[str, ...]:
        """The service prefixes, such as ``ec2``."""
        return self._names.services

    @property
    def action_names(self) -> tuple[str, ...]:
        """Every action as ``service:Name`` in AWS's spelling, sorted without regard to case."""
        return self._names.all

    @cached_property
    def universe(self) -> ActionUniverse:
        """Every known action as a set that statements split."""
        return ActionUniverse(self.action_names)

    @cached_property
    def rcp_services(self) -> tuple[str, ...]:
        """The prefixes of services that resource control policies reach."""
        return tuple(self._archive.json("rcp_services.json"))

    def expand(self, pattern: str) -> tuple[str, ...]:
        """The known actions that an Action element's pattern covers, sorted; ``*`` is all of them."""
        return self._names.expand(pattern)

    def actions_of(self, service: str) -> tuple[str, ...]:
        """The action names of one service prefix; empty when it is unknown."""
        return self._names.of_service(service.lower())

    def action_name(self, name: str) -> str | None:
        """AWS's spelling of an action named in any case; None when it is unknown. Cheap."""
        return self._names.spelling(name)

    def action(self, name: str) -> Action | None:
        """An action named in any case, with its details; None when it is unknown."""
        spelling = self._names.spelling(name)
        if spelling is None:
            return None
        known = self._actions.get(spelling)
        if known is None:
            service, _, short = spelling.partition(":")
            level, description, keys, dependent, uses = self._detail(service)["actions"][short]
            known = self._actions[spelling] = Action(
                spelling,
                service,
                level,
                tuple(
                    ResourceUse(kind, bool(need), tuple(own), tuple(more)) for kind, need, own, more in uses
                ),
                tuple(keys),
                tuple(dependent),
                description,
                self._is_permission_only,
            )
        return known

    def _is_permission_only(self, action: str) -> bool | None:
        return self._operations.is_permission_only(action)

    def resource_types(self, service: str) -> tuple[ResourceType, ...]:
        """The resource types of a service prefix, sorted by name; empty when it is unknown."""
        return tuple(self._types_of(service.lower()).values())

    def resource_type(self, service: str, name: str) -> ResourceType | None:
        """One resource type, named in any case; None when it is unknown."""
        return self._types_of(service.lower()).get(name.lower())

    def types_of_arn(self, arn: str) -> tuple[ResourceType, ...]:
        """The resource types that an ARN, or an ARN pattern with wildcards, may be.

        Types of the service that the ARN names come first; other services may take the same resource
        (``ssm`` takes EC2 instances, AWS Backup's recovery points may be of any service). Of an ARN
        without wildcards, only the types whose format fits best are given. An ARN that stops early is
        completed with ``*``. Empty for what fits no known format, which includes ``*`` alone.
        """
        fields = split_arn(arn)
        if fields is None:
            return ()
        fits = [
            known
            for known in (*self._formats(fields[2]), *self._formats("${Vendor}"))
            if known.covers(fields)
        ]
        if fits and not any("*" in field or "?" in field for field in fields):
            best = max(known.literals for known in fits)
            fits = [known for known in fits if known.literals == best]
        found = sorted({(known.service != fields[2], known.service, known.type) for known in fits})
        kinds = (self.resource_type(service, name) for _, service, name in found)
        return tuple(kind for kind in kinds if kind is not None)

    def asked_on(self, action: str, arns: Iterable[str], partition: str = "aws") -> tuple[str, ...]:
        """Those of some ARNs, or patterns, that AWS decides an action on; ``*`` for one that takes none.

        Empty where none of them is of a type that the action takes. What is unknown is left as it is.
        """
        known = self.action(action)
        return tuple(arns) if known is None else asked_resources(known, arns, self._formats, partition)

    def arn_patterns(self, action: str, partition: str, region: str, account: str) -> tuple[str, ...]:
        """The forms of the ARNs that an action takes, as patterns: in a place, and in any.

        Variables become at least one character. Empty for an action that is unknown or takes no resource.
        """
        known = self.action(action)
        found: dict[str, None] = {}
        place = {"${Partition}": partition, "${Region}": region, "${Account}": account}
        for use in known.resources if known is not None else ():
            kind = self.resource_type(known.service, use.type) if known is not None else None
            for text in kind.arn_formats if kind is not None else ():
                for values in (place, {"${Partition}": partition}):
                    pattern = text
                    for name, value in values.items():
                        pattern = pattern.replace(name, value)
                    found.setdefault(_VARIABLE.sub("?*", pattern))
        return tuple(found)

    @property
    def global_condition_keys(self) -> tuple[ConditionKey, ...]:
        """The keys of the page "AWS global condition context keys", cross-service ones included.

        With them one that AWS's managed policies use although the page does not name it.
        """
        return self._global_keys.keys

    def condition_keys(self, service: str) -> tuple[ConditionKey, ...]:
        """The keys that the reference lists for a service prefix; empty when it is unknown."""
        return self._key_table(service.lower()).keys

    def condition_key(self, name: str) -> ConditionKey | None:
        """A key named in any case, also through its placeholder (``aws:PrincipalTag/team``).

        The claims that every OIDC provider's token has are known for any provider
        (``token.actions.githubusercontent.com:sub``).
        """
        provider, _, claim = name.rpartition(":")
        if "." in provider and claim.lower() in self._web_identity_claims:
            return ConditionKey(name, self._web_identity_claims[claim.lower()])
        return (
            self._global_keys.find(name)
            or self._key_table(name.partition(":")[0].lower()).find(name)
            or self._stray_keys.find(name)
        )

    def nearest_action(self, name: str) -> str | None:
        """The known action whose name is most like an unknown one; None when none is."""
        service = name.partition(":")[0].lower()
        pool = self._names.of_service(service)
        if not pool:
            near = self.nearest_service(service)
            if near is None or ":" not in name:
                return None
            name = f"{near}:{name.partition(':')[2]}"
            pool = self._names.of_service(near)
        return _nearest(name, pool)

    def nearest_service(self, prefix: str) -> str | None:
        """The known service prefix most like an unknown one; None when none is."""
        return _nearest(prefix, self.services)

    def nearest_key(self, name: str) -> str | None:
        """The known condition key most like an unknown one; None when none is."""
        prefix = name.partition(":")[0].lower()
        pool = [*self.global_condition_keys, *self._key_table(prefix).keys]
        if prefix != "aws" and prefix not in self.services:
            pool.extend(self._stray_keys.keys)
        return _nearest(name, tuple(key.name for key in pool))

    @property
    def sdk_services(self) -> tuple[str, ...]:
        """The services of the SDK as boto3 names them."""
        return self._operations.services

    def service_prefix(self, boto3_service: str) -> str:
        """The IAM prefix of a boto3 service. Raises InputError for an unknown service."""
        return self._operations.prefix(boto3_service)

    def operations(self, boto3_service: str) -> tuple[str, ...]:
        """The operations of a boto3 service. Raises InputError for an unknown service."""
        return self._operations.operations(boto3_service)

    def operation(self, boto3_service: str, operation: str) -> Operation:
        """An API operation with the actions it needs, and how. Raises InputError for an unknown service."""
        return self._operations.operation(boto3_service, operation)

    def operation_actions(self, boto3_service: str, operation: str) -> tuple[str, ...]:
        """The base actions of an API operation; empty only where AWS checks no permission.

        Which of several are needed (all, or as the parameters say) is ``operation(…).needs``. Raises
        InputError for an unknown service.
        """
        return self._operations.operation(boto3_service, operation).actions

    def operations_of(self, action: str) -> tuple[tuple[str, str], ...]:
        """(boto3 service, operation) pairs that need an action, the one of the same name first."""
        return self._operations.operations_of(action)

    @cached_property
    def _names(self) -> ActionNames:
        return ActionNames(self._archive.text("names.txt"))

    @cached_property
    def _operations(self) -> OperationMap:
        return OperationMap(self._archive.json("operations.json"), read_data("operations.json"), self._names)

    @cached_property
    def _arns(self) -> dict[str, list[list[str]]]:
        return self._archive.json("arns.json")  # type: ignore[no-any-return]

    @cached_property
    def _global_keys(self) -> KeyTable:
        return KeyTable({**self._own_keys["keys"], **self._own_keys["undocumented"]["keys"]})

    @property
    def _web_identity_claims(self) -> dict[str, str]:
        return self._own_keys["web_identity"]["claims"]  # type: ignore[no-any-return]

    @cached_property
    def _own_keys(self) -> dict[str, Any]:
        return read_data("global_condition_keys.json")  # type: ignore[no-any-return]

    @cached_property
    def _stray_keys(self) -> KeyTable:
        return KeyTable(self._archive.json("stray_keys.json"))

    def _formats(self, vendor: str) -> tuple[ArnFormat, ...]:
        formats = self._arn_formats.get(vendor)
        if formats is None:
            rows = self._arns.get(vendor)
            if rows is None:
                return ()
            formats = self._arn_formats[vendor] = tuple(ArnFormat(*row) for row in rows)
        return formats

    def _types_of(self, service: str) -> dict[str, ResourceType]:
        types = self._types.get(service)
        if types is None:
            types = {
                name.lower(): ResourceType(name, service, tuple(formats), tuple(keys))
                for name, (formats, keys) in self._detail(service)["types"].items()
            }
            if types:
                self._types[service] = types
        return types

    def _key_table(self, service: str) -> KeyTable:
        table = self._keys.get(service)
        if table is None:
            table = KeyTable(self._detail(service)["keys"])
            if table.keys:
                self._keys[service] = table
        return table

    def _detail(self, service: str) -> dict[str, Any]:
        detail = self._details.get(service)
        if detail is None:
            if service not in self._names.services:
                return {"actions": {}, "types": {}, "keys": {}}
            detail = self._details[service] = self._archive.json(f"services/{service}.json")
        return detail


@cache
def load_catalog() -> Catalog:
    """The catalog that comes with the package."""
    return Catalog(Archive.of_package())


def _nearest(name: str, pool: tuple[str, ...]) -> str | None:
    by_lower = {candidate.lower(): candidate for candidate in pool}
    near = get_close_matches(name.lower(), by_lower, 1)
    return by_lower[near[0]] if near else None
