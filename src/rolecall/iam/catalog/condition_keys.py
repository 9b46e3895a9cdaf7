"""Condition keys by name: the global ones, a service's, and those of federation providers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall.iam.catalog.entries import ConditionKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["KeyTable"]

# The reference writes a placeholder as ${TagKey}, <key>, tag-key, or leaves the place after a slash empty.
_PLACEHOLDER = re.compile(r"\$\{[^}]+\}|<[^>]+>|(?<=/)tag-key$|(?<=/)$")


class KeyTable:
    """Condition keys of one origin, found without regard to case, also through placeholders."""

    __slots__ = ("_exact", "_patterns", "keys")

    def __init__(self, types: Mapping[str, str]) -> None:
        self.keys: tuple[ConditionKey, ...] = tuple(
            ConditionKey(name, kind, tuple(others))
            for name, text in types.items()
            for kind, *others in (text.split(", "),)
        )
        self._exact = {key.name.lower(): key for key in self.keys}
        self._patterns = list(_patterns(self.keys))

    def find(self, name: str) -> ConditionKey | None:
        """The key of that name; ``aws:PrincipalTag/team`` finds ``aws:PrincipalTag/${TagKey}``."""
        lowered = name.lower()
        found = self._exact.get(lowered)
        if found is None:
            found = next((key for regex, key in self._patterns if regex.fullmatch(lowered)), None)
        return found


def _patterns(keys: Iterable[ConditionKey]) -> Iterable[tuple[re.Pattern[str], ConditionKey]]:
    for key in keys:
        literals = _PLACEHOLDER.split(key.name.lower())
        if len(literals) > 1:
            yield re.compile("(?s:" + ".+?".join(map(re.escape, literals)) + ")"), key
