"""The same condition key twice under one operator, in different case."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["repeated_condition_key"]


@rule("repeated-condition-key")
def repeated_condition_key(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """The same condition key twice under one operator, in different case."""
    for statement in document.statements:
        seen: dict[tuple[str, str], str] = {}
        for condition in statement.conditions:
            name = (condition.operator.name, condition.key.lower())
            if name in seen:
                message = (
                    f'{condition.where} has "{condition.key}" and "{seen[name]}": keys do not differ by case'
                )
                yield Remark("repeated-condition-key", condition.path, message, of_key=True)
            seen.setdefault(name, condition.key)
