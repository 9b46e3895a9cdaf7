"""A statement that another one covers."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.coverage import Coverage
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["redundant_statement"]

_MOST_STATEMENTS = 1000  # every pair is compared


@rule("redundant-statement")
def redundant_statement(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A statement that another one covers."""
    if len(document.statements) > _MOST_STATEMENTS:
        return
    shapes = [Coverage.of(statement) for statement in document.statements]
    gone: set[int] = set()
    for index, one in enumerate(shapes):
        for other_index, other in enumerate(shapes):
            if one is None or other is None or index == other_index or other_index in gone:
                continue
            if one.statement.allows == other.statement.allows and other.covers(one, same_conditions=True):
                message = f"{one.statement.where} says nothing that {other.statement.where} does not say"
                yield Remark("redundant-statement", one.statement.path, message)
                gone.add(index)
                break
