"""A policy found in a file, with a way from its paths to places in that file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from rolecall.errors import MalformedPolicyDocument
from rolecall.iam.findings import Locate
from rolecall.iam.lint.kind_detection import KindOrAuto
from rolecall.iam.schemas.sizes import StoredAs
from rolecall.iam.schemas.validation import locate_in
from rolecall.iam.strict_json import JsonPath, Place, read_json

__all__ = ["FoundPolicy", "Outer", "found_in_text", "found_in_value"]


@dataclass(frozen=True, slots=True)
class FoundPolicy:
    """A document, the kind that its place implies, and where it lives.

    ``text`` is None where the document is part of a larger file. ``error`` says why there is no value.
    Remarks about ``opaque`` paths say nothing: their values are known only when the template is deployed.
    """

    value: Any
    kind: KindOrAuto
    locate: Locate
    text: str | None = None
    stored_as: StoredAs | None = None
    account: str | None = None
    opaque: frozenset[JsonPath] = frozenset()
    error: MalformedPolicyDocument | None = None


@dataclass(frozen=True, slots=True)
class Outer:
    """The file around: its value, where things stand in it, and its text when it is JSON."""

    value: Any
    locate: Locate
    text: str | None = None
    lines: tuple[str, ...] = field(default=())

    def below(self, prefix: JsonPath) -> Locate:
        """Places of what stands under a path."""

        def locate(path: JsonPath, of_key: bool = False) -> Place:
            return self.locate((*prefix, *path), of_key)

        return locate


def found_in_value(
    outer: Outer,
    path: JsonPath,
    value: Any,
    kind: KindOrAuto,
    stored_as: StoredAs | None = None,
    account: str | None = None,
) -> Iterator[FoundPolicy]:
    """The policy at a path of the outer file: an object, or JSON text (also URL-encoded) in a string."""
    if isinstance(value, str):
        yield from found_in_text(outer, path, value, kind, stored_as, account)
    elif isinstance(value, dict):
        yield FoundPolicy(value, kind, outer.below(path), None, stored_as, account)


def found_in_text(
    outer: Outer,
    path: JsonPath,
    text: str,
    kind: KindOrAuto,
    stored_as: StoredAs | None = None,
    account: str | None = None,
) -> Iterator[FoundPolicy]:
    """The policy in a string of the outer file."""
    start = outer.locate(path, False)
    encoded = text.startswith("%7B")
    plain = unquote(text) if encoded else text
    if not plain.strip():
        return
    try:
        document = read_json(plain)
    except MalformedPolicyDocument as error:
        yield FoundPolicy(None, kind, lambda *_: start, plain, stored_as, account, error=error)
        return
    inner = locate_in(document)
    offsets = None if encoded else _raw_offsets(outer, start, plain)

    def locate(inner_path: JsonPath, of_key: bool = False) -> Place:
        if offsets is None:
            return start
        place = inner(inner_path, of_key)
        lines = plain.split("\n")
        index = sum(len(line) + 1 for line in lines[: place.line - 1]) + place.column - 1
        return Place(start.line, start.column + offsets[min(index, len(offsets) - 1)])

    yield FoundPolicy(document.value, kind, locate, plain, stored_as, account)


def _raw_offsets(outer: Outer, start: Place, plain: str) -> list[int] | None:
    """For every character of a JSON string's value, how far behind the opening quote it is written."""
    if not outer.lines or start.line > len(outer.lines):
        return None
    line = outer.lines[start.line - 1]
    at = start.column - 1
    if line[at : at + 1] != '"':
        return None
    offsets: list[int] = []
    index = at + 1
    while index < len(line) and line[index] != '"':
        width = 1
        if line[index] == "\\":
            width = 6 if line[index + 1 : index + 2] == "u" else 2
        piece = line[index : index + width]
        if width == 6 and piece[2:3] in "dD" and piece[3:4] in "89abAB":
            width, piece = 12, line[index : index + 12]
        offsets.append(index - at)
        index += width
    if len(offsets) != len(plain) or json.loads(line[at : index + 1]) != plain:
        return None
    return offsets
