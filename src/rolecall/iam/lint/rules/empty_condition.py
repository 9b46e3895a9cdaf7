"""A part of a condition that says nothing."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark, path_text
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["empty_condition"]


@rule("empty-condition")
def empty_condition(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A part of a condition that says nothing."""
    for statement in document.statements:
        block = statement.data.get("Condition", {})
        for name, keys in block.items():
            if keys == {}:
                path = (*statement.path, "Condition", name)
                yield Remark("empty-condition", path, f"{path_text(path)} has no keys and changes nothing")
        for condition in statement.conditions:
            if not condition.values and (condition.operator.negated or condition.operator.if_exists):
                message = f"{path_text(condition.path)} has no values"
                yield Remark("empty-condition", condition.path, message)
