"""How a call names a resource: the parameters of an operation that an ARN tells.

Only a call that names the very resource shows anything about it. ``GetUser`` without a user's name is about
the caller, a name without an account is about the caller's account, and a list is about everything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rolecall.iam.wildcards import has_wildcard

if TYPE_CHECKING:
    from botocore.model import OperationModel

    from rolecall.iam.catalog import Catalog

__all__ = ["Address", "addresses_of"]

_PLACES = ("Partition", "Region", "Account")
_VARIABLE = re.compile(r"\\\$\\\{(\w+)\\\}")
_MEMBERS = {  # a variable of the reference, and what parameters that hold it are called
    "BucketName": ("Bucket",),
    "ObjectName": ("Key",),
    "ParameterNameWithoutLeadingSlash": ("Name",),
    "KeyPairName": ("KeyName",),
    "NaclId": ("NetworkAclId",),
    "PlacementGroupName": ("GroupName",),
    "DocumentName": ("Name",),
    "Alias": ("Qualifier", "Name"),
}
_TAKE_ARNS = {  # parameters that take a whole ARN for a name, and so reach into other accounts
    "dynamodb": ("TableName",),
    "kms": ("KeyId",),
    "lambda": ("FunctionName",),
    "secretsmanager": ("SecretId",),
}
_ALWAYS_BY_ARN = ("SecretId",)


@dataclass(frozen=True, slots=True)
class Address:
    """A resource as one of the forms of ARNs sees it: its type, and the variables of the form."""

    arn: str
    type: str
    service: str
    account: str
    values: Mapping[str, str]

    def parameters(self, model: OperationModel, caller_account: str | None) -> dict[str, object] | None:
        """The parameters by which an operation names this resource and no other; None where it cannot."""
        members = model.input_shape.members if model.input_shape is not None else {}
        by_lower = {name.lower(): name for name in members}
        foreign = bool(self.account) and caller_account is not None and self.account != caller_account
        whole = self._by_arn(by_lower, {name: members[name].type_name for name in members})
        if whole:
            return whole
        found: dict[str, object] = {}
        for variable, value in self.values.items():
            placed = self._placed(variable, value, members, by_lower)
            if placed is None:
                return None
            name, put = placed
            if name in _TAKE_ARNS.get(self.service, ()) and (foreign or name in _ALWAYS_BY_ARN):
                put, foreign = self.arn, False
            found[name] = put
        return None if foreign or not found else found

    def _by_arn(self, by_lower: Mapping[str, str], types: Mapping[str, str]) -> dict[str, object]:
        kind = re.sub(r"[^a-z]", "", self.type.lower())
        for word in (f"{kind}arn", "resourcearn"):
            name = by_lower.get(word)
            if name is not None and types[name] == "string":
                return {name: self.arn}
        if self.service == "sqs" and "queueurl" in by_lower:
            region = self.arn.split(":")[3]
            suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
            url = f"https://sqs.{region}.{suffix}/{self.account}/{self.values.get('QueueName', '')}"
            return {by_lower["queueurl"]: url}
        return {}

    def _placed(
        self, variable: str, value: str, members: Mapping[str, object], by_lower: Mapping[str, str]
    ) -> tuple[str, object] | None:
        if variable == "ParameterNameWithoutLeadingSlash":
            # Names of several parts begin with a slash; ARNs leave it out.
            value = f"/{value}" if "/" in value else value
        if variable.endswith("WithPath"):
            variable, value = variable.removesuffix("WithPath"), value.rpartition("/")[2]
        for wanted in (*_MEMBERS.get(variable, ()), variable):
            name = by_lower.get(wanted.lower())
            if name is not None:
                many = getattr(members[name], "type_name", "") == "list"
                return name, [value] if many else value
            several = by_lower.get(f"{wanted.lower()}s")
            if several is not None and getattr(members[several], "type_name", "") == "list":
                return several, [value]
        return None


def addresses_of(action: str, arn: str, catalog: Catalog) -> tuple[Address, ...]:
    """An ARN read by every form that resources of an action have, the one that fixes most first.

    Empty for a pattern, for ``*``, and for an ARN of another type.
    """
    known = catalog.action(action)
    if known is None or not arn.startswith("arn:") or has_wildcard(arn):
        return ()
    found: list[tuple[int, Address]] = []
    for use in known.resources:
        kind = catalog.resource_type(known.service, use.type)
        for text in kind.arn_formats if kind is not None else ():
            match = re.fullmatch(_VARIABLE.sub(_group, re.escape(text)), arn)
            if match is not None:
                values = {name: value for name, value in match.groupdict().items() if name not in _PLACES}
                account = match.groupdict().get("Account") or ""
                found.append((len(_VARIABLE.sub("", re.escape(text))), Address(
                    arn, use.type, known.service, account, values)))  # fmt: skip
    return tuple(address for _, address in sorted(found, key=lambda one: -one[0]))


def _group(match: re.Match[str]) -> str:
    return f"(?P<{match[1]}>{'[^:]*' if match[1] in _PLACES else '.+?'})"
