"""JSON as IAM reads it: strictly, and with the place of every value.

The standard library parses; a second pass over the (then known to be valid) text finds where each
value stands. Places are computed only when somebody asks, so reading stays fast.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rolecall.errors import MalformedPolicyDocument

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["JsonDocument", "JsonPath", "Place", "read_json"]

JsonPath = tuple[str | int, ...]

MAX_DEPTH = 64  # a policy needs 7 levels, the files in which policies live some 20 more

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]')
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


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
        return self.all_places()[0]

    def all_places(self) -> tuple[dict[JsonPath, Place], dict[JsonPath, Place]]:
        """Where every value stands, and where the key of every member of an object stands, by path."""
        starts = _line_starts(self.text)
        values: dict[JsonPath, Place] = {}
        keys: dict[JsonPath, Place] = {}
        for path, offset, key_offset in _walk(self.text):
            values[path] = _place(starts, offset)
            if key_offset >= 0:
                keys[path] = _place(starts, key_offset)
        return values, keys


def read_json(source: str | bytes, *, file: str | None = None) -> JsonDocument:
    """Read one JSON value as IAM would.

    Raises MalformedPolicyDocument (with line and column) for what is not JSON, for a byte-order mark,
    repeated keys, NaN and Infinity, numbers without end, half characters, and nesting too deep to read.
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
    half = _SURROGATE.search(text)
    if half is not None:
        raise _refusal(text, half.start(), "holds half of a surrogate pair, which is no character", file)
    repeated = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        found = dict(items)
        repeated = repeated or len(found) != len(items)
        return found

    try:
        value = json.loads(
            text, object_pairs_hook=pairs, parse_constant=_refuse_constant, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        message, hint = _explain(error)
        raise _refusal(text, error.pos, message, file, hint) from None
    except RecursionError:
        raise _too_deep(text, file) from None
    except ValueError as error:
        place = _place_of_number(text)
        raise _refusal(text, place, f"is not valid JSON: {_number_message(error)}", file) from None
    if text.count("{") + text.count("[") > MAX_DEPTH and _offset_below(text, MAX_DEPTH) is not None:
        raise _too_deep(text, file)
    if repeated:
        raise _repeated_key(text, file)
    if _ESCAPED_SURROGATE.search(text):
        for token in _TOKEN.finditer(text):
            if token.group()[0] == '"' and _SURROGATE.search(json.loads(token.group())):
                message = "holds half of a surrogate pair, which is no character"
                raise _refusal(text, token.start(), message, file)
    return JsonDocument(value, text, file)


def _decode(source: str | bytes, file: str | None) -> str:
    if isinstance(source, str):
        return source
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        before = source[: error.start]
        line_start = before.rfind(b"\n") + 1
        raise MalformedPolicyDocument(
            f"is not UTF-8 text: byte 0x{source[error.start]:02x}",
            file=file,
            line=before.count(b"\n") + 1,
            column=len(before[line_start:].decode("utf-8", "replace")) + 1,
            hint="save the file as UTF-8",
        ) from None


def _explain(error: json.JSONDecodeError) -> tuple[str, str | None]:
    here = error.doc[error.pos : error.pos + 1]
    before = error.doc[: error.pos].rstrip()[-1:]
    if "trailing comma" in error.msg or (here in "}]" and here and before == ","):
        return "is not valid JSON: a comma after the last member", "remove the comma"
    if error.doc[error.pos : error.pos + 2] in ("//", "/*") or here == "#":
        return "is not valid JSON: JSON has no comments", "remove the comment"
    if here == "'":
        return "is not valid JSON: a string in single quotes", "use double quotes"
    if error.msg.startswith("Invalid control character"):
        named = "a line break" if here in "\r\n" else f"the control character U+{ord(here):04X}"
        return f"is not valid JSON: {named} inside a string", None
    if error.msg == "Extra data":
        return "is not valid JSON: something follows the document", "a file holds one document"
    if not error.doc.strip():
        return "is empty", "a policy is a JSON object"
    if not here:
        return f"is not valid JSON: it ends too early ({error.msg[0].lower()}{error.msg[1:]})", None
    return f"is not valid JSON: {error.msg[0].lower()}{error.msg[1:]}", None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError("a number is too large")
    return number


def _number_message(error: ValueError) -> str:
    return "a number is too large" if "digits" in str(error) else str(error)


def _place_of_number(text: str) -> int:
    """Where the first literal stands that Python, unlike JSON, would take for a number."""
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in ("NaN", "Infinity", "-Infinity") or (len(token) > 4000 and token[0] in "-0123456789"):
            return match.start()
        if token[0] in "-0123456789" and "e" in token.lower() and math.isinf(float(token)):
            return match.start()
    return 0


def _refusal(
    text: str, offset: int, message: str, file: str | None, hint: str | None = None
) -> MalformedPolicyDocument:
    place = _place(_line_starts(text), offset)
    return MalformedPolicyDocument(message, file=file, line=place.line, column=place.column, hint=hint)


def _too_deep(text: str, file: str | None) -> MalformedPolicyDocument:
    offset = _offset_below(text, MAX_DEPTH)
    return _refusal(text, offset or 0, f"is nested more than {MAX_DEPTH} levels deep", file)


def _offset_below(text: str, limit: int) -> int | None:
    """Where the nesting first goes below the limit, or None."""
    depth = 0
    for match in _BRACKET.finditer(text):
        first = match.group()[0]
        if first in "{[":
            depth += 1
            if depth > limit:
                return match.start()
        elif first in "}]":
            depth -= 1
    return None


def _repeated_key(text: str, file: str | None) -> MalformedPolicyDocument:
    seen: set[JsonPath] = set()
    for path, _, key_offset in _walk(text):
        if path in seen:
            message = f'repeats the key "{path[-1]}"'
            return _refusal(text, key_offset, message, file, "IAM refuses repeated keys; keep one")
        if key_offset >= 0:
            seen.add(path)
    return MalformedPolicyDocument("repeats a key", file=file)


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _place(line_starts: list[int], offset: int) -> Place:
    line = bisect_right(line_starts, offset)
    return Place(line, offset - line_starts[line - 1] + 1)


def _walk(text: str) -> Iterator[tuple[JsonPath, int, int]]:
    """(path, offset of the value, offset of its key or -1) for every value of a valid JSON text."""
    stack: list[tuple[JsonPath, bool]] = []  # (path of the container, is it an object)
    key: str | int | None = None
    key_offset = -1
    counters: list[int] = []
    expects_key = False
    for match in _TOKEN.finditer(text):
        word, offset = match.group(), match.start()
        if word == ":":
            continue
        if word == ",":
            if stack and not stack[-1][1]:
                counters[-1] += 1
                key = counters[-1]
                key_offset = -1
            else:
                expects_key = True
            continue
        if word in "}]":
            stack.pop()
            counters.pop()
            expects_key = False
            continue
        if expects_key:
            key, key_offset, expects_key = json.loads(word), offset, False
            continue
        yield (*stack[-1][0], key) if stack and key is not None else (), offset, key_offset
        if word in "{[":
            path = (*stack[-1][0], key) if stack and key is not None else ()
            stack.append((path, word == "{"))
            counters.append(0)
            expects_key = word == "{"
            if word == "[":
                key, key_offset = 0, -1
