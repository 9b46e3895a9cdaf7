"""DynamoDB: tables, indexes, and the items of batches and transactions.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB";
DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.checks import Check
from rolecall.enforcement.moto_state import backend_of, plain_tags
from rolecall.enforcement.resources.rules import Ask, ServiceRules, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rolecall.iam.requests import ContextValue

__all__ = ["RULES"]

_WRITES = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
    "Get": "dynamodb:GetItem",
}
_RESTORING = ("BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem")
_GLOBAL_TABLES = ("CreateGlobalTable", "UpdateGlobalTable", "UpdateGlobalTableSettings")
# A denial names the index alone ("…on resource: …/table/T/index/I"): the table is not asked for then.
_ON_INDEX = ("dynamodb:Query", "dynamodb:Scan")
_PARTIQL = re.compile(r"\s*(select|insert|update|delete)\b", re.IGNORECASE)
_PARTIQL_TABLE = re.compile(
    r'\b(?:from|into|update)\s+(?:"([^"]+)"|([A-Za-z0-9_-]+))(?:\.(?:"([^"]+)"|([A-Za-z0-9_-]+)))?', re.I
)


def _table_arn(ask: Ask, name: str) -> str:
    return name if name.startswith("arn:") else ask.arn("dynamodb", f"table/{name}")


def _table(ask: Ask) -> Sequence[str] | None:
    name = ask.param("TableName", "TableArn", "ResourceArn")
    if name is None:
        # An import makes the table that it describes.
        name = (ask.param("TableCreationParameters") or {}).get("TableName")
    if ask.call.operation in _GLOBAL_TABLES:
        name = ask.param("GlobalTableName")
    if name is None or "/stream/" in name or (ask.param("IndexName") and ask.actions[0] in _ON_INDEX):
        return None
    return (_table_arn(ask, name),)


def _index(ask: Ask) -> Sequence[str] | None:
    table, index = ask.param("TableName"), ask.param("IndexName")
    return (f"{_table_arn(ask, table)}/index/{index}",) if table and index else None


def _restore(ask: Ask) -> Iterator[Check]:
    """The source, and reading and writing on the new table (Developer Guide, backuprestore_IAM)."""
    source = ask.param("BackupArn", "SourceTableArn", "SourceTableName")
    if source:
        yield Check(ask.actions[0], _table_arn(ask, source))
    for action in _RESTORING:
        yield Check(f"dynamodb:{action}", _table_arn(ask, ask.param("TargetTableName") or ""))


def _batch(ask: Ask) -> Iterator[Check]:
    for table in ask.param("RequestItems") or {}:
        yield Check(ask.actions[0], _table_arn(ask, table))


def _transaction(ask: Ask) -> Iterator[Check]:
    seen: dict[tuple[str, str], None] = {}
    for item in listed(ask.param("TransactItems")):
        for kind, action in _WRITES.items():
            if item.get(kind):
                seen[action, _table_arn(ask, item[kind].get("TableName", ""))] = None
    for action, arn in seen:
        yield Check(action, arn)


def _partiql(ask: Ask) -> Iterator[Check]:
    statements = listed(ask.param("Statement"))
    statements += [item.get("Statement", "") for item in listed(ask.param("Statements"))]
    statements += [item.get("Statement", "") for item in listed(ask.param("TransactStatements"))]
    for text in statements:
        verb, table = _PARTIQL.match(text), _PARTIQL_TABLE.search(text)
        if verb is None or table is None:
            yield Check(ask.actions[0], derived=False)
            continue
        arn, index = _table_arn(ask, table[1] or table[2]), table[3] or table[4]
        yield Check(f"dynamodb:PartiQL{verb[1].capitalize()}", f"{arn}/index/{index}" if index else arn)


def _context(ask: Ask, action: str, arn: str) -> Mapping[str, ContextValue]:
    context: dict[str, ContextValue] = {}
    keys = _leading_keys(ask, arn)
    if keys:
        context["dynamodb:LeadingKeys"] = tuple(keys)
    attributes = _attributes(ask)
    if attributes:
        context["dynamodb:Attributes"] = tuple(attributes)
    for name, key in (
        ("Select", "dynamodb:Select"),
        ("ReturnValues", "dynamodb:ReturnValues"),
        ("ReturnConsumedCapacity", "dynamodb:ReturnConsumedCapacity"),
    ):
        if ask.param(name):
            context[key] = ask.param(name)
    return context


def _leading_keys(ask: Ask, arn: str) -> list[str]:
    table = _moto_table(ask, arn)
    name = getattr(table, "hash_key_attr", None)
    if name is None:
        return []
    items = [ask.param("Key"), ask.param("Item")]
    for table_name, request in (ask.param("RequestItems") or {}).items():
        if _table_arn(ask, table_name) != arn:
            continue
        if isinstance(request, dict):
            items.extend(listed(request.get("Keys")))
        for write in request if isinstance(request, list) else ():
            items.append((write.get("PutRequest") or {}).get("Item"))
            items.append((write.get("DeleteRequest") or {}).get("Key"))
    for entry in listed(ask.param("TransactItems")):
        for kind in _WRITES:
            inner = entry.get(kind) or {}
            if inner and _table_arn(ask, inner.get("TableName", "")) == arn:
                items.extend((inner.get("Key"), inner.get("Item")))
    found = [_plain(item[name]) for item in items if isinstance(item, dict) and name in item]
    condition = (ask.param("KeyConditions") or {}).get(name)
    if condition:
        found.extend(_plain(value) for value in listed(condition.get("AttributeValueList")))
    found.extend(_from_expression(ask, name))
    return list(dict.fromkeys(found))


def _from_expression(ask: Ask, name: str) -> Iterator[str]:
    expression = ask.param("KeyConditionExpression")
    names = ask.param("ExpressionAttributeNames") or {}
    for left, right in re.findall(r"([#\w.]+)\s*=\s*(:\w+)", expression or ""):
        value = (ask.param("ExpressionAttributeValues") or {}).get(right)
        if names.get(left, left) == name and value is not None:
            yield _plain(value)


def _attributes(ask: Ask) -> list[str]:
    names = ask.param("ExpressionAttributeNames") or {}
    found = list(ask.param("AttributesToGet") or ())
    found += list(ask.param("Item") or ()) + list(ask.param("Key") or ())
    for part in (ask.param("ProjectionExpression") or "").split(","):
        word = part.strip().partition(".")[0].partition("[")[0]
        if word:
            found.append(names.get(word, word))
    found += list(ask.param("AttributeUpdates") or ()) + list(ask.param("Expected") or ())
    for text in (
        ask.param("UpdateExpression"),
        ask.param("ConditionExpression"),
        ask.param("FilterExpression"),
    ):
        for word in re.findall(r"#\w+", text or ""):
            found.append(names.get(word, word))
    return list(dict.fromkeys(found))


def _plain(value: Any) -> str:
    return str(next(iter(value.values()))) if isinstance(value, dict) and value else str(value)


def _moto_table(ask: Ask, arn: str) -> Any:
    fields = arn.split(":", 5)
    if len(fields) < 6 or not fields[5].startswith("table/"):
        return None
    name = fields[5].split("/")[1]
    return backend_of("dynamodb", fields[4] or ask.caller.account, ask.call.region).tables.get(name)


def _tags(ask: Ask, arn: str) -> Mapping[str, str]:
    return plain_tags(getattr(_moto_table(ask, arn), "tags", None))


RULES = ServiceRules(
    types={"table": _table, "index": _index},
    alternatives=(frozenset(("table", "stream")), frozenset(("table", "index"))),
    operations={
        "RestoreTableFromBackup": _restore,
        "RestoreTableToPointInTime": _restore,
        "BatchGetItem": _batch,
        "BatchWriteItem": _batch,
        "TransactGetItems": _transaction,
        "TransactWriteItems": _transaction,
        "ExecuteStatement": _partiql,
        "BatchExecuteStatement": _partiql,
        "ExecuteTransaction": _partiql,
    },
    context=_context,
    tags=_tags,
)
