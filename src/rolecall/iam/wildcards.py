"""Patterns with ``*`` (any run of characters) and ``?`` (exactly one), matched in linear time.

A pattern is cut at its stars. The first piece must stand at the start, the last at the end, and each
piece between is looked for leftmost: no backtracking, so ``*a*a*a*a*b`` costs no more than its length.
Source: IAM User Guide, "IAM JSON policy elements: Resource" (reference_policies_elements_resource).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import Enum

__all__ = ["Matcher", "Token", "Wild", "compile_glob", "compile_tokens", "has_wildcard", "tokenize"]

Matcher = Callable[[str], bool]


class Wild(Enum):
    """The two wildcards."""

    STAR = "*"
    QUESTION = "?"


Token = str | Wild
_WILDCARDS = re.compile(r"([*?])")


def has_wildcard(pattern: str) -> bool:
    """Whether a pattern holds ``*`` or ``?``."""
    return "*" in pattern or "?" in pattern


def tokenize(pattern: str) -> list[Token]:
    """A pattern as literal runs and wildcards."""
    return [Wild(piece) if piece in ("*", "?") else piece for piece in _WILDCARDS.split(pattern) if piece]


def compile_glob(pattern: str) -> Matcher:
    """A function that tells whether a whole value matches the pattern, case-sensitively."""
    if "?" not in pattern:
        if "*" not in pattern:
            return pattern.__eq__
        if pattern.strip("*") == "":
            return _anything
        head = pattern[:-1]
        if pattern[-1] == "*" and "*" not in head:

            def starts(value: str) -> bool:
                return value.startswith(head)

            return starts
    return compile_tokens(tokenize(pattern))


def compile_tokens(tokens: Sequence[Token]) -> Matcher:
    """The same for a pattern already cut into tokens, whose literal runs may hold ``*`` as plain text."""
    segments: list[list[Token]] = [[]]
    for token in tokens:
        if token is Wild.STAR:
            segments.append([])
        else:
            segments[-1].append(token)
    pieces = [_Segment(segment) for segment in segments]
    if len(pieces) == 1:
        return pieces[0].is_all_of
    first, *middle, last = pieces
    middle = [piece for piece in middle if piece.length]
    shortest = sum(piece.length for piece in pieces)

    def match(value: str) -> bool:
        if len(value) < shortest or not first.stands_at(value, 0):
            return False
        end = len(value) - last.length
        if not last.stands_at(value, end):
            return False
        at = first.length
        for piece in middle:
            at = piece.find(value, at, end)
            if at < 0:
                return False
            at += piece.length
        return True

    return match


def _anything(value: str) -> bool:
    return True


class _Segment:
    """A run without stars: text, or text with ``?``. Its length is fixed."""

    __slots__ = ("length", "regex", "text")

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.text: str | None = None
        self.regex: re.Pattern[str] | None = None
        if all(isinstance(token, str) for token in tokens):
            self.text = "".join(str(token) for token in tokens)
            self.length = len(self.text)
        else:
            self.regex = re.compile(
                "".join("." if token is Wild.QUESTION else re.escape(str(token)) for token in tokens),
                re.DOTALL,
            )
            self.length = sum(1 if token is Wild.QUESTION else len(str(token)) for token in tokens)

    def is_all_of(self, value: str) -> bool:
        return len(value) == self.length and self.stands_at(value, 0)

    def stands_at(self, value: str, at: int) -> bool:
        if self.text is not None:
            return value.startswith(self.text, at)
        assert self.regex is not None
        return self.regex.match(value, at) is not None

    def find(self, value: str, start: int, end: int) -> int:
        if self.text is not None:
            return value.find(self.text, start, end)
        assert self.regex is not None
        found = self.regex.search(value, start, end)
        return found.start() if found else -1
