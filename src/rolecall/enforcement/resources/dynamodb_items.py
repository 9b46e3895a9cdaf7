"""Which items and attributes a DynamoDB request touches: the keys of fine-grained access control.

Source: DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control" (Attributes
are all top-level attributes that a request names, its key attributes too; LeadingKeys are the values of the
partition key) and "Working with item attributes"; API Reference, Query (``Select`` and its defaults).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.resources.rules import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["attributes", "leading_keys", "selected"]

_EXPRESSIONS = (
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
)
_MAPS = (
    "AttributesToGet",
    "AttributeUpdates",
    "Expected",
    "Item",
    "Key",
    "KeyConditions",
    "QueryFilter",
    "ScanFilter",
)
# A name, a placeholder of one, or a placeholder of a value; what stands before tells a part of a path.
_WORD = re.compile(r"(?P<before>\.\s*)?(?P<word>[:#]?[A-Za-z_]\w*)(?P<call>\s*\()?")
_KEYWORDS = frozenset(("add", "and", "between", "delete", "in", "not", "or", "remove", "set"))
_EQUALS = re.compile(r"([#\w.]+)\s*=\s*(:\w+)")


def attributes(request: Mapping[str, Any]) -> Iterator[str]:
    """The top-level attributes that a request for items names, wherever it does."""
    names = request.get("ExpressionAttributeNames") or {}
    for part in _MAPS:
        yield from request.get(part) or ()
    for key in listed(request.get("Keys")):
        yield from key
    for part in _EXPRESSIONS:
        yield from _named(request.get(part) or "", names)


def _named(text: str, names: Mapping[str, str]) -> Iterator[str]:
    for match in _WORD.finditer(text):
        word = match["word"]
        if match["before"] or (match["call"] and word.lower() not in _KEYWORDS) or word.startswith(":"):
            continue
        if word.lower() not in _KEYWORDS:
            yield names.get(word, word)


def leading_keys(request: Mapping[str, Any], partition_key: str) -> Iterator[str]:
    """The values of the partition key that a request for items names."""
    for item in (request.get("Key"), request.get("Item"), *listed(request.get("Keys"))):
        if isinstance(item, dict) and partition_key in item:
            yield _plain(item[partition_key])
    condition = (request.get("KeyConditions") or {}).get(partition_key)
    if condition:
        yield from (_plain(value) for value in listed(condition.get("AttributeValueList")))
    names = request.get("ExpressionAttributeNames") or {}
    values = request.get("ExpressionAttributeValues") or {}
    for left, right in _EQUALS.findall(request.get("KeyConditionExpression") or ""):
        if names.get(left, left) == partition_key and right in values:
            yield _plain(values[right])


def selected(requests: Iterable[Mapping[str, Any]]) -> str | None:
    """What reading requests select, said or by default; None where there is none."""
    found = [_selects(request) for request in requests]
    return next((one for one in found if one != "SPECIFIC_ATTRIBUTES"), found[0] if found else None)


def _selects(request: Mapping[str, Any]) -> str:
    if request.get("Select"):
        return str(request["Select"])
    if request.get("ProjectionExpression") or request.get("AttributesToGet"):
        return "SPECIFIC_ATTRIBUTES"
    return "ALL_PROJECTED_ATTRIBUTES" if request.get("IndexName") else "ALL_ATTRIBUTES"


def _plain(value: Any) -> str:
    return str(next(iter(value.values()))) if isinstance(value, dict) and value else str(value)
