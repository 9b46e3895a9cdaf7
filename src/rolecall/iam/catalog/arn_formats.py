"""Which resource types an ARN may be: ARNs, also with wildcards, held against the formats of the catalog.

Formats: Service Authorization Reference, "Resource types defined by …". A variable such as ``${BucketName}``
stands for at least one character; where a literal follows it, it does not contain that literal's first
character, and at the end (as in ``role/${RoleNameWithPath}``) it may hold anything but the characters that
the caller closes.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["may_match"]

_PIECE = re.compile(r"\$\{[^}]+\}|\*|.", re.DOTALL)


@lru_cache(maxsize=4096)
def _tokens(text: str, closed: str) -> tuple[tuple[str, str, bool], ...]:
    """(literal character or "", characters that a variable excludes, may the variable be empty)."""
    fields = text.split(":", 5)
    tokens: list[tuple[str, str, bool]] = []
    for index, part in enumerate(fields):
        if index:
            tokens.append((":", "", False))
        pieces = _PIECE.findall(part)
        for position, piece in enumerate(pieces):
            if piece == "*":
                tokens.append(("", ":" if index < 5 else "", True))
            elif len(piece) == 1:
                tokens.append((piece, "", False))
            elif index < 5:
                tokens.append(("", ":", False))
            else:
                following = pieces[position + 1][0] if position + 1 < len(pieces) else closed
                tokens.append(("", "" if following in ("$", "*") else following, False))
    return tuple(tokens)


def may_match(arn: str, arn_format: str, closed: str = "") -> int:
    """How well an ARN fits a format: 0 for not at all, else the number of literal characters of the format.

    ``closed`` are characters that the format's last variable cannot hold.
    A wildcard in the ARN stands for whatever it may become: the answer is whether some resource of that
    type is covered by the ARN.
    """
    tokens = _tokens(arn_format, closed)
    size = len(tokens)
    # A state is a position in the format; position + 0.5 is a variable that has taken a character.
    states = _closure({0.0}, tokens)
    for char in arn:
        if char == "*":
            states = _everything_after(states, tokens)
        else:
            states = _closure(_step(states, char, tokens), tokens)
        if not states:
            return 0
    if float(size) not in states:
        return 0
    return sum(1 for literal, _, _ in tokens if literal)


def _step(states: set[float], char: str, tokens: tuple[tuple[str, str, bool], ...]) -> set[float]:
    found: set[float] = set()
    for state in states:
        index = int(state)
        if index == len(tokens):
            continue
        literal, excluded, _ = tokens[index]
        if literal:
            if char in (literal, "?"):
                found.add(index + 1.0)
        elif char == "?" or char not in excluded:
            found.add(index + 0.5)
    return found


def _closure(states: set[float], tokens: tuple[tuple[str, str, bool], ...]) -> set[float]:
    """The states with those that are reached without a character: past a variable that has had its fill."""
    found = set(states)
    pending = list(states)
    while pending:
        state = pending.pop()
        index = int(state)
        if index == len(tokens):
            continue
        literal, _, optional = tokens[index]
        if not literal and (optional or state != index) and index + 1.0 not in found:
            found.add(index + 1.0)
            pending.append(index + 1.0)
    return found


def _everything_after(states: set[float], tokens: tuple[tuple[str, str, bool], ...]) -> set[float]:
    first = min(states)
    found = set(states)
    for index in range(int(first), len(tokens)):
        if not tokens[index][0]:
            found.add(index + 0.5)
        found.add(index + 1.0)
    return found
