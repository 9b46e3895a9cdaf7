"""Which resource types an ARN may be: ARNs, also with wildcards, held against the formats of the catalog.

Formats: Service Authorization Reference, "Resource types defined by …". A variable such as ``${BucketName}``
stands for at least one character. Where a literal follows it, it does not contain that literal's first
character; at the end (as in ``role/${RoleNameWithPath}``) it may hold anything but the characters that are
closed to it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rolecall.iam.catalog.action_names import glob_regex

__all__ = ["ArnFormat", "split_arn"]

_PIECE = re.compile(r"\$\{[^}]+\}|\*|.", re.DOTALL)
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_WILDCARD = re.compile(r"[*?]")


class _Token(NamedTuple):
    literal: str
    """A character, or "" for a variable."""
    excluded: str = ""
    """Characters that a variable cannot hold."""
    optional: bool = False
    """Whether a variable may be empty: the ``*`` that some formats have."""


def split_arn(arn: str) -> list[str] | None:
    """The six segments of an ARN, or None for what is none; a policy variable counts as ``*``.

    An ARN that stops early is completed with ``*``, as IAM does in identity-based policies (IAM User Guide,
    "Grammar of the IAM JSON policy language"). ``arn:aws:sqs`` is the shortest.
    """
    fields = _VARIABLE.sub("*", arn).split(":", 5)
    if fields[0] != "arn" or len(fields) < 3:
        return None
    return fields + ["*"] * (6 - len(fields))


class ArnFormat:
    """One format of one resource type, compiled when it is first needed."""

    __slots__ = ("_prefix", "_regex", "_segments", "_tokens", "literals", "service", "type")

    def __init__(self, text: str, service: str, resource_type: str, closed: str) -> None:
        self.service = service
        self.type = resource_type
        *segments, resource = text.split(":", 5)
        self._segments = (segments[1], segments[3], segments[4])
        self._prefix = re.split(r"\$\{|\*", resource, maxsplit=1)[0]
        self._tokens = tuple(_tokens(resource, closed))
        self._regex: re.Pattern[str] | None = None
        self.literals = sum(1 for token in self._tokens if token.literal) + sum(
            len(segment) for segment in self._segments if segment[:1] not in ("$", "*")
        )
        """How many characters the format fixes: the more, the better it fits."""

    def covers(self, fields: list[str]) -> bool:
        """Whether the ARN (as ``split_arn`` gives it) is, or as a pattern covers, a resource of this type."""
        # What AWS owns and shares (arn:aws:ssm:us-east-1::document/AWS-RunShellScript) has no account.
        if not fields[4] and fields[3] and self._segments[2][:2] == "${" and self._prefix:
            fields = [*fields[:4], "*", fields[5]]
        for segment, own in zip((fields[1], fields[3], fields[4]), self._segments, strict=True):
            if own == "*" or (own[:2] == "${" and segment):
                continue
            if segment != own and ("*" not in segment and "?" not in segment):
                return False
            if segment != own and re.fullmatch(glob_regex(segment), own) is None:
                return False
        resource = fields[5]
        wildcard = _WILDCARD.search(resource)
        if wildcard is None:
            if not resource.startswith(self._prefix):
                return False
            if self._regex is None:
                self._regex = re.compile("".join(map(_regex, self._tokens)), re.DOTALL)
            return self._regex.fullmatch(resource) is not None
        fixed = resource[: wildcard.start()]
        if not fixed.startswith(self._prefix) and not self._prefix.startswith(fixed):
            return False
        return _meet(resource, self._tokens)


def _tokens(resource: str, closed: str) -> list[_Token]:
    tokens: list[_Token] = []
    pieces = _PIECE.findall(resource)
    for position, piece in enumerate(pieces):
        if piece == "*":
            tokens.append(_Token("", "", True))
        elif len(piece) == 1:
            tokens.append(_Token(piece))
        else:
            following = pieces[position + 1][0] if position + 1 < len(pieces) else closed
            tokens.append(_Token("", "" if following in ("$", "*") else following))
    return tokens


def _regex(token: _Token) -> str:
    if token.literal:
        return re.escape(token.literal)
    chars = f"[^{re.escape(token.excluded)}]" if token.excluded else "."
    return chars + ("*" if token.optional else "+")


def _meet(pattern: str, tokens: tuple[_Token, ...]) -> bool:
    """Whether some text is matched by both a pattern with ``*`` and ``?`` and a format.

    Both are walked at once. A state is a position in the format; position + 0.5 is a variable that has
    taken a character.
    """
    states = _rest({0.0}, tokens)
    for char in re.sub(r"\*+", "*", pattern):
        states = _jump(states, tokens) if char == "*" else _rest(_step(states, char, tokens), tokens)
        if not states:
            return False
    return float(len(tokens)) in states


def _step(states: set[float], char: str, tokens: tuple[_Token, ...]) -> set[float]:
    found: set[float] = set()
    for state in states:
        index = int(state)
        if index == len(tokens):
            continue
        token = tokens[index]
        if token.literal:
            if char in (token.literal, "?"):
                found.add(index + 1.0)
        elif char == "?" or char not in token.excluded:
            found.add(index + 0.5)
    return found


def _rest(states: set[float], tokens: tuple[_Token, ...]) -> set[float]:
    """The states with those that are reached without a character: past a variable that has had its fill."""
    found = set(states)
    pending = list(states)
    while pending:
        state = pending.pop()
        index = int(state)
        if index == len(tokens):
            continue
        token = tokens[index]
        if not token.literal and (token.optional or state != index) and index + 1.0 not in found:
            found.add(index + 1.0)
            pending.append(index + 1.0)
    return found


def _jump(states: set[float], tokens: tuple[_Token, ...]) -> set[float]:
    """A ``*`` may become whatever the format still wants: every later state is reached."""
    found = set(states)
    for index in range(int(min(states)), len(tokens)):
        if not tokens[index].literal:
            found.add(index + 0.5)
        found.add(index + 1.0)
    return found
