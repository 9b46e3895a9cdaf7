"""Sample resources that the patterns of some statements match, so that a closure can ask about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, islice, product
from typing import TYPE_CHECKING

from rolecall.iam.compiled import completed
from rolecall.iam.variables import read_template
from rolecall.iam.wildcards import Token, Wild, tokenize

if TYPE_CHECKING:
    from rolecall.iam.documents import Statement
    from rolecall.iam.requests import NormalValue

__all__ = ["meetings", "overlap", "witnesses"]

_FILL = "rolecall"
_MOST = 400
_MOST_CHOICES = 1_000
_MOST_STATES = 20_000


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


def meetings(
    layers: Sequence[Sequence[Statement]], context: Mapping[str, NormalValue], within: Sequence[str] = ("*",)
) -> Iterator[str]:
    """A resource for every choice of one pattern a layer that have something in common.

    In: the Allow statements of each stage that must allow (identity policies, boundary, a level of SCPs …).
    ``within`` are patterns one of which the resource must match too. For three and more that pick their
    resources: ``witnesses`` finds what two have in common.
    """
    choices = [picked for layer in layers if (picked := _picked(layer, context)) is not None]
    if "*" not in within:
        choices.append([tuple(tokenize(pattern)) for pattern in within])
    if len(choices) < 3:
        return
    left = _MOST_STATES
    for chosen in islice(product(*choices), _MOST_CHOICES):
        patterns = [_symbols(tokens) for tokens in chosen]
        if not all(_may_overlap(first, second) for first, second in combinations(patterns, 2)):
            continue
        found, looked_at = _common(patterns, left)
        if found is not None:
            yield found
        left -= looked_at
        if left <= 0:
            return


def _picked(layer: Sequence[Statement], context: Mapping[str, NormalValue]) -> list[tuple[Token, ...]] | None:
    """The patterns of a layer; None where a statement of it takes about any resource."""
    found: dict[tuple[Token, ...], None] = {}
    for statement in layer:
        if statement.resources is None or statement.not_resource:
            return None
        for resource in statement.resources:
            tokens = _tokens(resource, context)
            if tokens == (Wild.STAR,):
                return None
            if tokens is not None:
                found.setdefault(tokens)
    return list(found)


def _common(patterns: Sequence[list[Token]], most: int) -> tuple[str | None, int]:
    """A string that all patterns match, if any, and how many positions were looked at. Depth-first."""
    end = tuple(len(pattern) for pattern in patterns)
    start = (0,) * len(patterns)
    seen = {start}
    waiting = [(start, "")]
    while waiting and len(seen) < most:
        state, text = waiting.pop()
        if state == end:
            return text, len(seen)
        for following, character in _steps(patterns, state):
            if following not in seen:
                seen.add(following)
                waiting.append((following, text + character))
    return None, len(seen)


def _steps(patterns: Sequence[list[Token]], state: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], str]]:
    here = [pattern[at] if at < len(pattern) else None for pattern, at in zip(patterns, state, strict=True)]
    for number, symbol in enumerate(here):
        if symbol is Wild.STAR:
            yield (*state[:number], state[number] + 1, *state[number + 1 :]), ""
    spelled = {symbol for symbol in here if isinstance(symbol, str)}
    if None in here or len(spelled) > 1 or all(symbol is Wild.STAR for symbol in here):
        return
    moved = tuple(at if symbol is Wild.STAR else at + 1 for at, symbol in zip(state, here, strict=True))
    yield moved, next(iter(spelled), "x")


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
    template = read_template(completed(resource), wildcards=True)
    if isinstance(template, str):
        return tuple(tokenize(template))
    filled = template.tokens(context)
    return None if filled is None else tuple(filled)


def _fill(tokens: Sequence[Token]) -> str:
    return "".join(
        token if isinstance(token, str) else _FILL if token is Wild.STAR else "x" for token in tokens
    )
