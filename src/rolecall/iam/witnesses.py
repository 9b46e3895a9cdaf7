"""Sample resources that the patterns of some statements match, so that a closure can ask about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rolecall.iam.variables import read_template
from rolecall.iam.wildcards import Token, Wild, tokenize

if TYPE_CHECKING:
    from rolecall.iam.documents import Statement
    from rolecall.iam.requests import NormalValue

__all__ = ["overlap", "witnesses"]

_FILL = "rolecall"
_MOST = 400


def witnesses(
    statements: Sequence[Statement], context: Mapping[str, NormalValue], also: Sequence[str] = ()
) -> tuple[str, ...]:
    """One resource for every pattern of the statements, and one for every overlap of two patterns.

    ``also`` are further patterns, such as the forms of the ARNs that an action takes.
    """
    patterns: dict[tuple[Token, ...], None] = {tuple(tokenize(pattern)): None for pattern in also}
    patterns.pop((Wild.STAR,), None)
    for statement in statements:
        for resource in statement.resources or ():
            tokens = _tokens(resource, context)
            if tokens is not None and tokens != (Wild.STAR,):
                patterns.setdefault(tokens)
    found: dict[str, None] = {_fill(tokens): None for tokens in patterns}
    several = list(patterns)
    for number, first in enumerate(several):
        for second in several[number + 1 :]:
            if len(found) >= _MOST:
                return tuple(found)
            common = overlap(first, second)
            if common is not None:
                found.setdefault(common)
    return tuple(found)


def overlap(first: Sequence[Token], second: Sequence[Token]) -> str | None:
    """A string that both patterns match, or None. Breadth-first over pairs of positions."""
    a, b = _symbols(first), _symbols(second)
    if not _may_overlap(a, b):
        return None
    seen = {(0, 0)}
    frontier: list[tuple[int, int, str]] = [(0, 0, "")]
    while frontier:
        following: list[tuple[int, int, str]] = []
        for i, j, text in frontier:
            if i == len(a) and j == len(b):
                return text
            for move in _moves(a, b, i, j):
                if move[:2] not in seen:
                    seen.add(move[:2])
                    following.append((move[0], move[1], text + move[2]))
        frontier = following
    return None


def _moves(a: list[Token], b: list[Token], i: int, j: int) -> list[tuple[int, int, str]]:
    x = a[i] if i < len(a) else None
    y = b[j] if j < len(b) else None
    moves: list[tuple[int, int, str]] = []
    if x is Wild.STAR:
        moves.append((i + 1, j, ""))
        if y is not None and y is not Wild.STAR:
            moves.append((i, j + 1, y if isinstance(y, str) else "x"))
    if y is Wild.STAR:
        moves.append((i, j + 1, ""))
        if x is not None and x is not Wild.STAR:
            moves.append((i + 1, j, x if isinstance(x, str) else "x"))
    if x is None or y is None or x is Wild.STAR or y is Wild.STAR:
        return moves
    if x is Wild.QUESTION:
        moves.append((i + 1, j + 1, y if isinstance(y, str) else "x"))
    elif y is Wild.QUESTION or x == y:
        moves.append((i + 1, j + 1, str(x)))
    return moves


def _may_overlap(a: list[Token], b: list[Token]) -> bool:
    """Cheap: two patterns whose plain beginnings differ have nothing in common."""
    for x, y in zip(a, b, strict=False):
        if not isinstance(x, str) or not isinstance(y, str):
            return True
        if x != y:
            return False
    return True


def _symbols(tokens: Sequence[Token]) -> list[Token]:
    symbols: list[Token] = []
    for token in tokens:
        symbols.extend(token if isinstance(token, str) else [token])
    return symbols


def _tokens(resource: str, context: Mapping[str, NormalValue]) -> tuple[Token, ...] | None:
    template = read_template(resource, wildcards=True)
    if isinstance(template, str):
        return tuple(tokenize(template))
    filled = template.tokens(context)
    return None if filled is None else tuple(filled)


def _fill(tokens: Sequence[Token]) -> str:
    return "".join(
        token if isinstance(token, str) else _FILL if token is Wild.STAR else "x" for token in tokens
    )
