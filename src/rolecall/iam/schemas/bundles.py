"""One self-contained schema per kind, put together from the shared grammar and the kind's own file."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from rolecall.iam.schemas.kinds import KINDS, PolicyKind

__all__ = ["schema"]

_GRAMMAR = "grammar"


def schema(kind: PolicyKind) -> dict[str, Any]:
    """The JSON Schema of a kind of policy: every reference leads into the schema itself.

    Raises ValueError for a kind that does not exist.
    """
    if kind not in KINDS:
        raise ValueError(f'"{kind}" is not a kind of policy: {", ".join(KINDS)}')
    bundle: dict[str, Any] = json.loads(_bundle(kind))
    return bundle


@cache
def _bundle(kind: PolicyKind) -> str:
    own = _read(kind)
    base = own.get("$ref", "")
    if base.endswith(".schema.json"):  # the kind is another kind under its own name
        inherited = _read(base.removesuffix(".schema.json"))
        own = {**inherited, **{name: value for name, value in own.items() if name != "$ref"}}
    shared = _read(_GRAMMAR)["$defs"]
    definitions = {**own.pop("$defs", {})}
    pending = [own, *definitions.values()]
    while pending:
        for name in _references(pending.pop()):
            if name not in definitions:
                definitions[name] = shared[name]
                pending.append(shared[name])
    own["$defs"] = definitions
    return json.dumps(own).replace(f'"{_GRAMMAR}.schema.json#', '"#')


def _read(name: str) -> dict[str, Any]:
    text = (files(__package__) / f"{name}.schema.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def _references(node: object) -> list[str]:
    """The names in $defs that a part of a schema refers to."""
    if isinstance(node, list):
        return [name for item in node for name in _references(item)]
    if not isinstance(node, dict):
        return []
    here = [node["$ref"].rpartition("/")[2]] if isinstance(node.get("$ref"), str) else []
    return here + [name for value in node.values() for name in _references(value)]
