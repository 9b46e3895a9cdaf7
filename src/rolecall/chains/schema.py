"""The manifest's shapes → JSON Schema, draft-07: the newest draft that editors read for YAML files.

``python -m rolecall.chains.schema`` prints it; ``chain.schema.json`` beside this file is its output.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from rolecall.chains.manifest_fields import MANIFEST
from rolecall.chains.shapes import (
    Either,
    Field,
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

__all__ = ["manifest_schema", "schema_text"]


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema of ``chain.yaml``. What it cannot say (names that exist), the loader checks."""
    definitions: dict[str, Any] = {}
    root = _record(MANIFEST, definitions)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "rolecall chain",
        "description": "Policies, users, roles and hops of an AWS role chain, and what must hold.",
        **root,
        "definitions": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """The schema as it is checked in: two spaces, a line feed at the end."""
    return json.dumps(manifest_schema(), indent=2, ensure_ascii=False) + "\n"


def _schema(shape: Shape, definitions: dict[str, Any]) -> dict[str, Any]:
    match shape:
        case String():
            return _string(shape)
        case Flag():
            return {"type": "boolean"}
        case Number():
            return {"type": "integer", "minimum": shape.least, "maximum": shape.most}
        case Json():
            return {}
        case Many():
            return _many(shape, definitions)
        case Keyed():
            return _keyed(shape, definitions)
        case Record():
            return _reference(shape.name, _record(shape, definitions), definitions)
        case Either():
            record = _reference(shape.record.name, _record(shape.record, definitions), definitions)
            return {"anyOf": [_string(shape.scalar), record]}
        case Variants():
            return _reference(shape.name, _variants(shape, definitions), definitions)


def _string(shape: String) -> dict[str, Any]:
    if shape.choices:
        return {"type": "string", "enum": list(shape.choices)}
    # A scalar that is written without quotes is a number (or true, or a day) to an editor, text to the
    # loader. Length and pattern bind strings only.
    schema: dict[str, Any] = {"type": ["string", "number", "boolean"] if shape.loose else "string"}
    if shape.least:
        schema["minLength"] = shape.least
    if shape.most is not None:
        schema["maxLength"] = shape.most
    if shape.pattern is not None:
        schema["pattern"] = f"^(?:{shape.pattern})$"
    return schema


def _many(shape: Many, definitions: dict[str, Any]) -> dict[str, Any]:
    item = _schema(shape.item, definitions)
    schema: dict[str, Any] = {"type": "array", "items": item}
    if shape.least:
        schema["minItems"] = shape.least
    if shape.most is not None:
        schema["maxItems"] = shape.most
    return {"anyOf": [item, schema]} if shape.single else schema


def _keyed(shape: Keyed, definitions: dict[str, Any]) -> dict[str, Any]:
    names = {key: value for key, value in _string(shape.key).items() if key != "type"}
    schema: dict[str, Any] = {
        "type": "object",
        "propertyNames": names,
        "additionalProperties": _schema(shape.value, definitions),
    }
    if shape.least:
        schema["minProperties"] = shape.least
    return schema


def _record(shape: Record, definitions: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": ["object", "null"] if shape.optional else "object",
        "additionalProperties": False,
        "properties": {item.name: _field(item, definitions) for item in shape.fields},
    }
    required = [item.name for item in shape.fields if item.required]
    if required:
        schema["required"] = required
    if shape.apart:
        schema["allOf"] = [{"not": {"required": list(pair)}} for pair in shape.apart]
    if shape.some_of:
        schema["anyOf"] = [{"required": [name]} for name in shape.some_of]
    return schema


def _field(item: Field, definitions: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {"title": item.title, "description": item.description or item.title}
    if item.example is not None:
        about["examples"] = [item.example]
    inner = _schema(item.shape, definitions)
    # Draft-07 ignores whatever stands beside a $ref.
    return {**about, "allOf": [inner]} if "$ref" in inner else {**about, **inner}


def _variants(shape: Variants, definitions: dict[str, Any]) -> dict[str, Any]:
    """if / then / else: one clear complaint, where oneOf would say "not valid under any"."""
    schema: dict[str, Any] = {"anyOf": [{"required": [name]} for name, _ in shape.cases]}
    for name, record in reversed(shape.cases):
        then = _reference(record.name, _record(record, definitions), definitions)
        schema = {"if": {"required": [name]}, "then": then, "else": schema}
    return {"type": "object", **schema}


def _reference(name: str, schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    definitions.setdefault(name, schema)
    return {"$ref": f"#/definitions/{name}"}


if __name__ == "__main__":
    sys.stdout.write(schema_text())
