"""Whether one statement says everything that another one says. In doubt no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rolecall.iam.lint.subjects import StatementSubject
from rolecall.iam.wildcards import compile_glob

__all__ = ["Coverage"]


class _Patterns:
    """A list of patterns that can tell whether it covers another list."""

    __slots__ = ("_matchers", "exact", "wild")

    def __init__(self, texts: list[str]) -> None:
        self.exact = frozenset(texts)
        self.wild = [text for text in texts if "*" in text and "?" not in text]
        self._matchers: list[Callable[[str], bool]] | None = None

    def cover(self, others: _Patterns) -> bool:
        left = others.exact - self.exact
        if not left or not self.wild:
            return not left
        if self._matchers is None:
            self._matchers = [compile_glob(text) for text in self.wild]
        matchers = self._matchers
        return all(any(match(text) for match in matchers) for text in left)


@dataclass(frozen=True, slots=True)
class Coverage:
    """A statement taken apart for comparison."""

    statement: StatementSubject
    actions: _Patterns
    resources: _Patterns
    principals: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, statement: StatementSubject) -> Coverage | None:
        """None for statements with NotAction, NotResource or NotPrincipal."""
        if statement.not_action or statement.not_resource or statement.not_principal:
            return None
        return cls(
            statement,
            _Patterns([one.text.lower() for one in statement.actions]),
            _Patterns([one.text for one in statement.resources]),
            frozenset((kind, one.text) for kind, one in statement.principals),
        )

    def covers(self, other: Coverage, *, same_conditions: bool) -> bool:
        """Whether everything that the other is about is here too, under no other conditions."""
        if self.statement.conditions:
            own, theirs = self.statement.data.get("Condition"), other.statement.data.get("Condition")
            if not same_conditions or own != theirs:
                return False
        if not self.principals >= other.principals and ("AWS", "*") not in self.principals:
            return False
        return self.actions.cover(other.actions) and self.resources.cover(other.resources)
