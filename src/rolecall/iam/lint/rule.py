"""What a rule is: a name, and a function from a document and the catalog to remarks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rolecall.iam.findings import Remark

if TYPE_CHECKING:
    from rolecall.iam.lint.knowledge import Knowledge
    from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["Check", "NamedRule", "Rule", "rule"]

Check = Callable[["PolicySubject", "Knowledge"], Iterable[Remark]]


class Rule(Protocol):
    """A rule of the linter. Its texts stand in ``rules.toml`` under its id."""

    @property
    def id(self) -> str:
        """The name that findings and suppressions carry."""
        ...

    def check(self, document: PolicySubject, knowledge: Knowledge, /) -> Iterable[Remark]:
        """What the rule has to say about a document that its schema accepts."""
        ...


@dataclass(frozen=True, slots=True)
class NamedRule:
    """A rule made of a name and a function."""

    id: str
    check: Check


def rule(name: str) -> Callable[[Check], NamedRule]:
    """Makes a rule of a function."""

    def named(check: Check) -> NamedRule:
        return NamedRule(name, check)

    return named
