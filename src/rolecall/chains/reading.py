"""Nodes → plain values, as the manifest's shapes say. Finds every mistake of form in one pass."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from rolecall.chains.places import Text
from rolecall.chains.problems import Problems, nearest
from rolecall.chains.shapes import (
    Either,
    Flag,
    Json,
    Keyed,
    Many,
    Number,
    Record,
    Shape,
    String,
    Variants,
)
from rolecall.iam.yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode, place_of_node

if TYPE_CHECKING:
    from rolecall.iam.strict_json import Place

__all__ = ["Entry", "read"]

_NULL = "tag:yaml.org,2002:null"
_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")
)
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


class Entry(dict[str, Any]):
    """A record that was read: its values by field, where it stands and which variant it is."""

    __slots__ = ("place", "variant")

    def __init__(self, place: Place, variant: str = "") -> None:
        super().__init__()
        self.place = place
        self.variant = variant


def read(node: Node, shape: Shape, where: str, problems: Problems) -> Any:
    """The value of a node: Text, bool, int, list, dict or Entry; None where it was wrong (and noted).

    ``where`` is the field's path for people (``users.alice.policies``).
    """
    if node.tag not in _TAGS:
        problems.add(place_of_node(node), f"{where}: the tag {node.tag} means nothing here", "remove it")
        return None
    return _READERS[type(shape)](node, shape, where, problems)


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.tag == _NULL


def _found(node: Node) -> str:
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    if _is_null(node):
        return "nothing"
    text = str(node.value)
    return f'"{text}"' if len(text) <= 60 else f'"{text[:57]}…"'


def _expected(node: Node, what: str, where: str, problems: Problems, hint: str | None = None) -> None:
    problems.add(place_of_node(node), f"{where}: expected {what}, found {_found(node)}", hint)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | re.DOTALL)


def _string(node: Node, shape: String, where: str, problems: Problems) -> Text | None:
    if not isinstance(node, ScalarNode) or _is_null(node):
        _expected(node, shape.what, where, problems)
        return None
    text = Text(str(node.value), place_of_node(node))
    return text if _fits(text, shape, where, problems) else None


def _fits(text: Text, shape: String, where: str, problems: Problems) -> bool:
    hint = None
    if shape.choices:
        if text in shape.choices:
            return True
        hint = nearest(text, shape.choices, what="possible")
    elif shape.most is not None and len(text) > shape.most:
        hint = f"it has {len(text)} characters, {shape.most} are the most"
    elif len(text) >= shape.least and (not shape.pattern or _compiled(shape.pattern).fullmatch(text)):
        return True
    shown = text if len(text) <= 60 else f"{text[:57]}…"
    problems.add(text.place, f'{where}: expected {shape.what}, found "{shown}"', hint)
    return False


def _flag(node: Node, _: Flag, where: str, problems: Problems) -> bool | None:
    if isinstance(node, ScalarNode) and not node.style and node.value in ("true", "false"):
        return bool(node.value == "true")
    plain = str(getattr(node, "value", "")).lower()
    hint = {"true": "write true", "yes": "write true", "false": "write false", "no": "write false"}.get(plain)
    _expected(node, "true or false", where, problems, f"{hint}, without quotes" if hint else None)
    return None


def _number(node: Node, shape: Number, where: str, problems: Problems) -> int | None:
    if isinstance(node, ScalarNode) and not node.style and _INTEGER.fullmatch(node.value):
        value = int(node.value[:20])
        if shape.least <= value <= shape.most:
            return value
    quoted = isinstance(node, ScalarNode) and node.style and _INTEGER.fullmatch(node.value)
    _expected(node, shape.what, where, problems, "write the number without quotes" if quoted else None)
    return None


def _json(node: Node, shape: Json, where: str, problems: Problems) -> Any:
    if isinstance(node, MappingNode):
        return {str(k): _json(v, shape, f"{where}.{k}", problems) for k, v in _pairs(node, where, problems)}
    if isinstance(node, SequenceNode):
        return [_json(item, shape, f"{where}[{i}]", problems) for i, item in enumerate(node.value)]
    if node.style:
        return str(node.value)
    if _is_null(node):
        return None
    if node.value in ("true", "false"):
        return node.value == "true"
    if _INTEGER.fullmatch(node.value):
        return int(node.value)
    return float(node.value) if _NUMBER.fullmatch(node.value) else str(node.value)


def _many(node: Node, shape: Many, where: str, problems: Problems) -> list[Any] | None:
    if isinstance(node, SequenceNode):
        items = [read(item, shape.item, f"{where}[{i}]", problems) for i, item in enumerate(node.value)]
    elif shape.single and not _is_null(node):
        items = [read(node, shape.item, where, problems)]
    else:
        _expected(node, "a list", where, problems)
        return None
    if len(items) < shape.least or (shape.most is not None and len(items) > shape.most):
        bound = f"at least {shape.least}" if len(items) < shape.least else f"at most {shape.most}"
        problems.add(place_of_node(node), f"{where}: expected {bound} in the list, found {len(items)}")
    return [item for item in items if item is not None]


def _pairs(node: MappingNode, where: str, problems: Problems) -> list[tuple[Text, Node]]:
    """Keys and values; a key that repeats another or is no plain string is noted and left out."""
    pairs: list[tuple[Text, Node]] = []
    first: dict[str, Place] = {}
    for key_node, value in node.value:
        place = place_of_node(key_node)
        if not isinstance(key_node, ScalarNode):
            problems.add(place, f"{where}: a key must be text, found {_found(key_node)}")
            continue
        key = Text(str(key_node.value), place)
        if key == "<<" and not key_node.style:
            problems.add(place, f"{where}: merge keys (<<) are not understood", "write the fields out")
        elif key in first:
            before = first[key]
            problems.add(
                place,
                f'{where or "manifest"}: the key "{key}" is repeated',
                f"first at line {before.line}; keep one",
            )
        else:
            first[key] = place
            pairs.append((key, value))
    return pairs


def _keyed(node: Node, shape: Keyed, where: str, problems: Problems) -> dict[str, Any] | None:
    if not isinstance(node, MappingNode):
        _expected(node, "a mapping", where, problems)
        return None
    values: dict[str, Any] = {}
    for key, value in _pairs(node, where, problems):
        fits = _fits(key, shape.key, f"{where}: the key", problems)
        got = read(value, shape.value, f"{where}.{key}", problems)
        if fits and got is not None:
            values[key] = got
    if len(node.value) < shape.least:
        problems.add(place_of_node(node), f"{where}: expected at least {shape.least}, found none")
    return values


def _record(node: Node, shape: Record, where: str, problems: Problems) -> Entry | None:
    if _is_null(node) and shape.optional:
        return Entry(place_of_node(node))
    if not isinstance(node, MappingNode):
        _expected(node, "a mapping with " + _names(shape), where, problems)
        return None
    return _fields(node, _pairs(node, where, problems), shape, where, problems)


def _fields(
    node: Node, pairs: list[tuple[Text, Node]], shape: Record, where: str, problems: Problems
) -> Entry | None:
    entry = Entry(place_of_node(node))
    present: set[str] = set()
    prefix = f"{where}." if where else ""
    for key, value in pairs:
        present.add(key)
        field = shape.by_name.get(key)
        if field is None:
            problems.add(
                key.place, f'{prefix}{key}: unknown field "{key}"', nearest(key, shape.by_name, what="known")
            )
            continue
        got = read(value, field.shape, f"{prefix}{key}", problems)
        if got is not None:
            entry[key] = got
    for one, other in shape.apart:
        if one in present and other in present:
            problems.add(entry.place, f"{where}: {one} and {other} exclude each other", "keep one")
    if shape.some_of and not present.intersection(shape.some_of):
        problems.add(entry.place, f"{where}: expected {' or '.join(shape.some_of)}")
    missing = [field for field in shape.fields if field.required and field.name not in present]
    for field in missing:
        hint = f"{field.title}, as {field.example}" if isinstance(field.example, str | int) else field.title
        problems.add(entry.place, f'{where or "manifest"}: the field "{field.name}" is missing', hint)
    broken = missing or any(f.required and f.name not in entry for f in shape.fields)
    return None if broken and where else entry


def _names(shape: Record) -> str:
    return ", ".join(field.name for field in shape.fields[:6]) + (" …" if len(shape.fields) > 6 else "")


def _either(node: Node, shape: Either, where: str, problems: Problems) -> Any:
    if isinstance(node, MappingNode):
        return _record(node, shape.record, where, problems)
    return _string(node, shape.scalar, where, problems)


def _variants(node: Node, shape: Variants, where: str, problems: Problems) -> Entry | None:
    choices = ", ".join(name for name, _ in shape.cases)
    if not isinstance(node, MappingNode):
        _expected(node, f"a mapping with one of {choices}", where, problems)
        return None
    pairs = _pairs(node, where, problems)
    keys = {str(key): key for key, _ in pairs}
    for name, record in shape.cases:
        if name in keys:
            label = f"{where} ({keys_id})" if (keys_id := _id_of(pairs)) else where
            entry = _fields(node, pairs, record, label, problems)
            if entry is not None:
                entry.variant = name
            return entry
    wrong = next((key for key in keys if key not in _all_fields(shape)), None)
    problems.add(
        place_of_node(node) if wrong is None else keys[wrong].place,
        f"{where}: expected one of {choices}" + (f', found "{wrong}"' if wrong else ""),
        nearest(wrong, [n for n, _ in shape.cases], what="possible") if wrong else None,
    )
    return None


def _id_of(pairs: list[tuple[Text, Node]]) -> str:
    return next((str(v.value) for k, v in pairs if k == "id" and isinstance(v, ScalarNode)), "")


def _all_fields(shape: Variants) -> set[str]:
    return {field.name for _, record in shape.cases for field in record.fields}


_READERS: dict[type, Any] = {
    String: _string,
    Flag: _flag,
    Number: _number,
    Json: _json,
    Many: _many,
    Keyed: _keyed,
    Record: _record,
    Either: _either,
    Variants: _variants,
}
