"""Evidence → JSON text → evidence, driven by the fields of the model, so that none can be forgotten."""

from __future__ import annotations

import json
import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from rolecall.errors import InputError
from rolecall.reports import evidence as model
from rolecall.reports.evidence import FORMAT, Evidence

__all__ = ["decode", "encode", "field_types"]

LONGEST_INDENTED = 1000
_BREAK = ",\n"
_EMPTY: tuple[Any, ...] = (None, "", (), {})


@cache
def field_types(cls: type) -> Mapping[str, Any]:
    """The resolved type of every field of a class of the model, by name."""
    return get_type_hints(cls, vars(model))


def encode(evidence: Evidence, *, compact: bool = False) -> str:
    """JSON text, ASCII only, fields in the order of the model; ValueError for NaN or Infinity.

    Fields that are empty by default (null, no text, no items) and are so are left out, but for a chain's.
    ``compact``: on one line, for machines that read it at once. What has more than a thousand expectations
    is three times as quickly written without indents: it has a line for each expectation and document, so
    that ``diff`` and ``grep`` still find their way.
    """
    if not compact and sum(len(chain.expectations) for chain in evidence.chains) > LONGEST_INDENTED:
        return f"{_in_lines(evidence)}\n"
    # What is frozen cannot hold itself: nothing to watch for.
    text = json.dumps(
        evidence, default=_shallow, indent=None if compact else 1, allow_nan=False, check_circular=False
    )
    return f"{text}\n"


def _in_lines(value: Evidence | model.Chain) -> str:
    """A record of the two that hold long lists: a line for each of its fields, and for each item of them."""
    whole = json.JSONEncoder(default=_shallow, allow_nan=False, check_circular=False).encode
    fields_of = []
    for name, content in _shallow(value).items():
        if isinstance(content, tuple) and content and is_dataclass(content[0]):
            items = (_in_lines(one) if isinstance(one, model.Chain) else whole(one) for one in content)
            fields_of.append(f'"{name}": [\n{_BREAK.join(items)}\n]')
        else:
            fields_of.append(f'"{name}": {whole(content)}')
    return f"{{{_BREAK.join(fields_of)}}}"


def decode(text: str | bytes, *, file: str | None = None) -> Evidence:
    """Evidence from JSON text. InputError for what is not JSON, not evidence, or of a newer format."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"is not valid JSON: {error.msg}", file=file, line=error.lineno, column=error.colno
        ) from None
    except RecursionError:
        raise InputError("is not evidence: it is nested too deeply", file=file) from None
    except ValueError as error:  # not UTF-8, or a number of thousands of digits
        raise InputError(f"is not valid JSON: {error}", file=file) from None
    if not isinstance(data, dict) or "run" not in data or "format" not in data:
        raise InputError("is not evidence of a run", file=file, hint="an evidence.json is wanted")
    if data["format"] != FORMAT:
        newer = isinstance(data["format"], int) and data["format"] > FORMAT
        raise InputError(
            f"has evidence format {data['format']!r}, this version reads {FORMAT}",
            file=file,
            hint="a newer rolecall wrote it; update this one"
            if newer
            else "run the suite again to make evidence",
        )
    try:
        found: Evidence = _read(Evidence, data, "evidence")
    except _UnfitError as error:
        raise InputError(f"is not evidence: {error}", file=file) from None
    return found


class _UnfitError(Exception):
    pass


@cache
def _fields_of(cls: type) -> tuple[Field[Any], ...]:
    return fields(cls)


@cache
def _plan(cls: type[Any]) -> tuple[tuple[str, Any], ...]:
    """The fields of a class, each with the empty value that may be left out, or MISSING."""
    whole = cls in (Evidence, model.Chain)
    found = []
    known: Any = cls
    for item in _fields_of(known):
        default = item.default if item.default_factory is MISSING else item.default_factory()
        found.append((item.name, MISSING if whole or default not in _EMPTY else default))
    return tuple(found)


def _shallow(value: Any) -> dict[str, Any]:
    """One record as a dict. What is in it the encoder asks for in turn; lists and texts it walks itself."""
    found = {}
    kind: Any = type(value)
    for name, empty in _plan(kind):
        content = getattr(value, name)
        if content or content != empty:
            found[name] = dict(sorted(content.items())) if isinstance(content, Mapping) else content
    return found


def _read(kind: Any, value: Any, where: str) -> Any:
    origin = get_origin(kind)
    if origin in (types.UnionType, Union):
        (inner,) = (item for item in get_args(kind) if item is not type(None))
        return None if value is None else _read(inner, value, where)
    if origin is Literal:
        if value not in get_args(kind):
            raise _UnfitError(f"{where} must be one of {', '.join(map(str, get_args(kind)))}")
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise _UnfitError(f"{where} must be a list")
        return tuple(_read(get_args(kind)[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if origin is Mapping:
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise _UnfitError(f"{where} must be an object of strings")
        return dict(value)
    if is_dataclass(kind):
        return _record(kind, value, where)
    return _scalar(kind, value, where)


def _record(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise _UnfitError(f"{where} must be an object")
    types_of = field_types(kind)
    for key in value:
        if key not in types_of:
            raise _UnfitError(f'{where} has no field "{key}"')
    given = {}
    for item in _fields_of(kind):
        if item.name in value:
            given[item.name] = _read(types_of[item.name], value[item.name], f"{where}.{item.name}")
        elif item.default is MISSING and item.default_factory is MISSING:
            raise _UnfitError(f"{where}.{item.name} is missing")
    return kind(**given)


def _scalar(kind: Any, value: Any, where: str) -> Any:
    if kind is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        if not math.isfinite(value):
            raise _UnfitError(f"{where} must be a finite number")
        return float(value)
    if type(value) is not kind:
        names = {str: "a string", int: "a whole number", bool: "true or false", float: "a number"}
        raise _UnfitError(f"{where} must be {names[kind]}")
    return value
