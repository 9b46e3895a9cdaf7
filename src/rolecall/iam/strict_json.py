"""JSON as IAM reads it: strictly, and with the place of every value.

The standard library parses; a second pass over the (then known to be valid) text finds where each
value stands. Places are computed only when somebody asks, so reading stays fast.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from rolecall.errors import MalformedPolicyDocument

__all__ = ["JsonDocument", "JsonPath", "Place", "read_json"]

JsonPath = tuple[str | int, ...]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a text, both numbers counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """A JSON value, the text it was read from, and the file's name if there was one."""

    value: Any
    text: str
    file: str | None = None

    def places(self) -> dict[JsonPath, Place]:
        """Where every value stands, by its path (``("Statement", 0, "Effect")``); ``()`` is the whole."""
        line_starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        return {path: _place(line_starts, offset) for path, offset, _ in _walk(self.text)}


def read_json(source: str | bytes, *, file: str | None = None) -> JsonDocument:
    """Read one JSON value as IAM would.

    Raises MalformedPolicyDocument (with line and column) for what is not JSON, for a byte-order mark,
    repeated keys, NaN and Infinity, and for nesting too deep to read.
    """
    text = _decode(source, file)
    if text.startswith("\ufeff"):
        raise MalformedPolicyDocument(
            "starts with a byte-order mark, which IAM refuses",
            file=file,
            line=1,
            column=1,
            hint="save the file as UTF-8 without a byte-order mark",
        )
    repeated = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        found = dict(items)
        repeated = repeated or len(found) != len(items)
        return found

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise MalformedPolicyDocument(
            f"is not valid JSON: {error.msg}", file=file, line=error.lineno, column=error.colno
        ) from None
    except RecursionError:
        raise MalformedPolicyDocument("is nested too deeply", file=file, line=1, column=1) from None
    except ValueError as error:
        raise MalformedPolicyDocument(f"is not valid JSON: {error}", file=file, line=1, column=1) from None
    if repeated:
        raise _repeated_key(text, file)
    return JsonDocument(value, text, file)


def _decode(source: str | bytes, file: str | None) -> str:
    if isinstance(source, str):
        return source
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        before = source[: error.start]
        raise MalformedPolicyDocument(
            f"is not UTF-8 text: byte 0x{source[error.start]:02x}",
            file=file,
            line=before.count(b"\n") + 1,
            column=error.start - (before.rfind(b"\n") + 1) + 1,
        ) from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _repeated_key(text: str, file: str | None) -> MalformedPolicyDocument:
    line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
    seen: set[JsonPath] = set()
    for path, _, key_offset in _walk(text):
        if path in seen:
            place = _place(line_starts, key_offset)
            return MalformedPolicyDocument(
                f'repeats the key "{path[-1]}"',
                file=file,
                line=place.line,
                column=place.column,
                hint="IAM refuses repeated keys; keep one",
            )
        if key_offset >= 0:
            seen.add(path)
    return MalformedPolicyDocument("repeats a key", file=file)


def _place(line_starts: list[int], offset: int) -> Place:
    from bisect import bisect_right

    line = bisect_right(line_starts, offset)
    return Place(line, offset - line_starts[line - 1] + 1)


def _walk(text: str) -> list[tuple[JsonPath, int, int]]:
    """(path, offset of the value, offset of its key or -1) for every value of a valid JSON text."""
    found: list[tuple[JsonPath, int, int]] = []
    stack: list[tuple[JsonPath, bool]] = []  # (path of the container, is it an object)
    key: str | int | None = None
    key_offset = -1
    counters: list[int] = []
    expects_key = False
    for match in _TOKEN.finditer(text):
        piece, offset = match.group(), match.start()
        if piece == ":":
            continue
        if piece == ",":
            if stack and not stack[-1][1]:
                counters[-1] += 1
                key = counters[-1]
                key_offset = -1
            else:
                expects_key = True
            continue
        if piece in "}]":
            stack.pop()
            counters.pop()
            expects_key = False
            continue
        if expects_key:
            key, key_offset, expects_key = json.loads(piece), offset, False
            continue
        path = (*stack[-1][0], key) if stack and key is not None else ()
        found.append((path, offset, key_offset))
        if piece == "{":
            stack.append((path, True))
            counters.append(0)
            expects_key = True
        elif piece == "[":
            stack.append((path, False))
            counters.append(0)
            key, key_offset = 0, -1
    return found
