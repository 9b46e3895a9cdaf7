"""Policy variables: ``${aws:username}``, ``${aws:PrincipalTag/team, 'none'}``, ``${*}``.

A value put in for a variable is plain text: a ``*`` in a user's name or tag never acts as a wildcard.
Source: IAM User Guide, "IAM policy elements: Variables and tags" (reference_policies_variables).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rolecall.iam.wildcards import Token, Wild, compile_tokens, tokenize

if TYPE_CHECKING:
    from rolecall.iam.requests import NormalValue

__all__ = ["Template", "Variable", "read_template", "spellings"]

_VARIABLE = re.compile(r"\$\{(?P<name>[*?$]|[^,{}]+?)\s*(?:,\s*'(?P<default>[^']*)')?\}")


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable: its context key in lower case and its default text."""

    key: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A pattern or text with at least one variable in it."""

    parts: tuple[Token | Variable, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The context keys that it needs."""
        return tuple(part.key for part in self.parts if isinstance(part, Variable))

    def tokens(self, context: Mapping[str, NormalValue]) -> list[Token] | None:
        """The pattern with its variables filled in, or None where one has no value.

        A multivalued key has no single value and counts as none.
        """
        filled: list[Token] = []
        for part in self.parts:
            if isinstance(part, Variable):
                value = context.get(part.key)
                if value.__class__ is not str:
                    value = part.default
                if value is None:
                    return None
                filled.append(str(value))
            else:
                filled.append(part)
        return filled

    def matches(self, value: str, context: Mapping[str, NormalValue]) -> bool:
        """Whether a value matches the pattern in this context."""
        tokens = self.tokens(context)
        return tokens is not None and compile_tokens(tokens)(value)

    def text(self, context: Mapping[str, NormalValue]) -> str | None:
        """The whole as plain text (for operators without wildcards), or None."""
        tokens = self.tokens(context)
        if tokens is None:
            return None
        return "".join(token.value if isinstance(token, Wild) else token for token in tokens)


def read_template(text: str, *, wildcards: bool) -> Template | str:
    """A Template when the text holds variables, else the text itself.

    ``wildcards``: whether ``*`` and ``?`` outside variables are wildcards. Escapes (``${*}``, ``${?}``,
    ``${$}``) are plain characters; a text with escapes only is a Template too, since a plain string could
    not tell ``${*}`` from ``*``. What looks like a variable but is malformed stays text.
    """
    if "${" not in text:
        return text
    parts: list[Token | Variable] = []
    at = 0
    for match in _VARIABLE.finditer(text):
        before = text[at : match.start()]
        parts.extend(tokenize(before) if wildcards else [before] if before else [])
        name = match.group("name")
        if name in ("*", "?", "$"):
            parts.append(name)
        else:
            parts.append(Variable(name.strip().lower(), match.group("default")))
        at = match.end()
    if at == 0:
        return text
    rest = text[at:]
    parts.extend(tokenize(rest) if wildcards else [rest] if rest else [])
    return Template(tuple(parts))


def spellings(texts: Iterable[str]) -> dict[str, str]:
    """The keys of the variables in some texts as they are written there, by their lower case."""
    found: dict[str, str] = {}
    for text in texts:
        for match in _VARIABLE.finditer(text):
            name = match.group("name").strip()
            found.setdefault(name.lower(), name)
    return found
