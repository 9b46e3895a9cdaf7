"""The JSON Schema (2020-12) of evidence, made from the model; ``evidence.schema.json`` is it in print."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin

from rolecall.reports.codec import field_types
from rolecall.reports.evidence import FORMAT, Evidence

__all__ = ["evidence_schema"]

_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}
_LATER = ("open_questions",)
"""Fields of the evidence that came after its format was out: what is older has none."""
_TIGHTER: dict[tuple[str, str], dict[str, Any]] = {
    ("Evidence", "format"): {"const": FORMAT},
    ("Document", "sha256"): {"pattern": "^[0-9a-f]{64}$"},
    ("Run", "duration"): {"minimum": 0},
    ("Run", "shards"): {"minimum": 1},
}


def evidence_schema() -> dict[str, Any]:
    """The schema as JSON data, one definition a class, nothing allowed that the model does not have."""
    definitions: dict[str, Any] = {}
    _reference(Evidence, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://rolecall.invalid/schemas/evidence-{FORMAT}.json",
        "title": "Evidence of a rolecall run",
        "$ref": "#/$defs/Evidence",
        "$defs": dict(sorted(definitions.items())),
    }


def _reference(cls: type, definitions: dict[str, Any]) -> dict[str, Any]:
    name = cls.__name__
    if name not in definitions:
        definitions[name] = {}
        types_of = field_types(cls)
        properties: dict[str, Any] = {}
        required: list[str] = []
        for item in fields(cls):
            properties[item.name] = _schema_of(types_of[item.name], definitions) | _TIGHTER.get(
                (name, item.name), {}
            )
            if item.default is MISSING and item.default_factory is MISSING:
                required.append(item.name)
        if cls is Evidence:
            required = [item.name for item in fields(Evidence) if item.name not in _LATER]
        definitions[name] = {
            "description": " ".join((cls.__doc__ or "").replace("``", "").split()),
            "type": "object",
            "additionalProperties": False,
            "required": required,
            "properties": properties,
        }
    return {"$ref": f"#/$defs/{name}"}


def _schema_of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin = get_origin(kind)
    if origin in (types.UnionType, Union):
        return {"anyOf": [_schema_of(item, definitions) for item in get_args(kind)]}
    if kind is type(None):
        return {"type": "null"}
    if origin is Literal:
        return {"enum": list(get_args(kind))}
    if origin is tuple:
        return {"type": "array", "items": _schema_of(get_args(kind)[0], definitions)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": {"type": "string"}}
    if is_dataclass(kind) and isinstance(kind, type):
        return _reference(kind, definitions)
    return {"type": _SCALARS[kind]}
