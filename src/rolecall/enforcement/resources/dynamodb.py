"""DynamoDB: tables, indexes, and the items of batches and transactions.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB";
DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.checks import Check
from rolecall.enforcement.moto_state import backend_of, plain_tags
from rolecall.enforcement.resources.dynamodb_items import attributes, leading_keys, selected
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
_TRANSACTIONS = ("TransactGetItems", "TransactWriteItems")
_STATEMENTS = ("BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction")
_READING = tuple(f"dynamodb:{name}" for name in ("BatchGetItem", "GetItem", "Query", "Scan"))
_OF_ITEMS = frozenset(
    f"dynamodb:{name}"
    for name in ("attributes", "enclosingoperation", "leadingkeys", "returnvalues", "select")
)
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
    if ask.call.operation in _TRANSACTIONS:
        context["dynamodb:EnclosingOperation"] = ask.call.operation
    if ask.call.operation in _STATEMENTS:
        return context
    requests = list(_requests(ask, action, arn))
    partition_key = _partition_key(ask, arn)
    keys = [key for one in requests for key in leading_keys(one, partition_key)] if partition_key else []
    if keys:
        context["dynamodb:LeadingKeys"] = tuple(dict.fromkeys(keys))
    named = dict.fromkeys(name for one in requests for name in attributes(one))
    if named:
        context["dynamodb:Attributes"] = tuple(named)
    selects = selected(requests) if action in _READING else None
    if selects:
        context["dynamodb:Select"] = selects
    for name, key in (
        ("ReturnValues", "dynamodb:ReturnValues"),
        ("ReturnConsumedCapacity", "dynamodb:ReturnConsumedCapacity"),
    ):
        if ask.param(name):
            context[key] = ask.param(name)
    return context


def _requests(ask: Ask, action: str, arn: str) -> Iterator[Mapping[str, Any]]:
    """The parts of a call that ask for items of one table by one action, each as a call of its own."""
    table = arn.partition("/index/")[0]
    if ask.call.operation in _TRANSACTIONS:
        for entry in listed(ask.param("TransactItems")):
            for kind, name in _WRITES.items():
                inner = entry.get(kind)
                if inner and name == action and _table_arn(ask, inner.get("TableName", "")) == table:
                    yield inner
    elif isinstance(ask.param("RequestItems"), dict):
        for name, asked in ask.param("RequestItems").items():
            if _table_arn(ask, name) != table:
                continue
            if isinstance(asked, dict):
                yield asked
            for write in asked if isinstance(asked, list) else ():
                yield from (inner for inner in write.values() if isinstance(inner, dict))
    else:
        yield ask.call.params


def _partition_key(ask: Ask, arn: str) -> str | None:
    """The first partition key of the table of an ARN, or of its index."""
    table = _moto_table(ask, arn)
    _, _, name = arn.partition("/index/")
    if table is None or not name:
        return getattr(table, "hash_key_attr", None)
    for index in (*table.global_indexes, *table.indexes):
        if index.name == name:
            return next((key["AttributeName"] for key in index.schema if key["KeyType"] == "HASH"), None)
    return None


def _unknown(ask: Ask, arn: str) -> frozenset[str]:
    """The items and attributes that a PartiQL statement touches are not read out of its text."""
    return _OF_ITEMS if ask.call.operation in _STATEMENTS else frozenset()


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
    unknown=_unknown,
)
