"""A denial without MFA that long-term keys walk around, since for them the key is absent."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["mfa_bool"]


@rule("mfa-bool")
def mfa_bool(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A denial without MFA that long-term keys walk around, since for them the key is absent."""
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.key.lower() != "aws:multifactorauthpresent" or condition.operator.family != "Bool":
                continue
            value = condition.values[0].text.lower() if condition.values else ""
            if not statement.allows and value == "false" and not condition.operator.if_exists:
                message = (
                    f"{condition.where} spares long-term access keys: for them {condition.key} is absent"
                )
                yield Remark("mfa-bool", condition.path, message, suggestion="use BoolIfExists", of_key=True)
