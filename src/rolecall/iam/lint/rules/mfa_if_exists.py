"""An MFA condition that long-term keys pass, since for them the key is absent."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["mfa_if_exists"]


@rule("mfa-if-exists")
def mfa_if_exists(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """An MFA condition that long-term keys pass, since for them the key is absent."""
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.key.lower() != "aws:multifactorauthpresent" or condition.operator.family != "Bool":
                continue
            value = condition.values[0].text.lower() if condition.values else ""
            if statement.allows and value == "true" and condition.operator.if_exists:
                message = (
                    f"{condition.where} lets long-term access keys pass: for them {condition.key} is absent"
                )
                yield Remark("mfa-if-exists", condition.path, message, suggestion="use Bool", of_key=True)
            elif statement.allows and value == "false":
                message = f"{condition.where} allows what is done without MFA"
                yield Remark("mfa-if-exists", condition.path, message, of_key=True)
