"""ForAllValues or ForAnyValue on a key that never has several values."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark, Severity
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["set_operator_on_single_value"]


@rule("set-operator-on-single-value")
def set_operator_on_single_value(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """ForAllValues or ForAnyValue on a key that never has several values."""
    for statement in document.statements:
        for condition in statement.conditions:
            key = knowledge.key(condition.key)
            if (
                key is None
                or key.multivalued
                or condition.operator.quantifier is None
                or not _certain(key.name)
            ):
                continue
            loose = condition.operator.quantifier == "ForAllValues" and statement.allows
            severity = Severity.SECURITY if loose else Severity.WARNING
            more = ", and lets a request without the key pass" if loose else ""
            message = f"{condition.where} is for keys with several values; {condition.key} has one{more}"
            yield Remark("set-operator-on-single-value", condition.path, message, severity, of_key=True)


def _certain(name: str) -> bool:
    """Providers' claims and some services' lists are single-valued in the data and not in life."""
    return name.lower().startswith("aws:")
