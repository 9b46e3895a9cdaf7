"""A key with several values compared without ForAllValues or ForAnyValue."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["missing_set_operator"]


@rule("missing-set-operator")
def missing_set_operator(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A key with several values compared without ForAllValues or ForAnyValue."""
    for statement in document.statements:
        for condition in statement.conditions:
            key = knowledge.key(condition.key)
            operator = condition.operator
            if key is None or not key.multivalued or operator.quantifier or operator.family == "Null":
                continue
            message = f"{condition.where} takes {condition.key}, which has several values, for a single one"
            close = f"ForAnyValue:{operator.name} or ForAllValues:{operator.name}"
            yield Remark("missing-set-operator", condition.path, message, suggestion=close, of_key=True)
