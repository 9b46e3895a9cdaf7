"""A condition key that AWS does not have."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.advice import meant
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["unknown_condition_key"]


@rule("unknown-condition-key")
def unknown_condition_key(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A condition key that AWS does not have."""
    for statement in document.statements:
        for condition in statement.conditions:
            prefix = condition.key.partition(":")[0].lower()
            if knowledge.key(condition.key) is not None:
                continue
            if prefix in ("saml", "sts") or "." in prefix or "/" in prefix:
                continue  # the claims of an identity provider are its own
            close = knowledge.nearest_key(condition.key)
            message = (
                f'{condition.where} names the condition key "{condition.key}", '
                f"unknown to the data of {knowledge.date}"
            )
            yield Remark(
                "unknown-condition-key", condition.path, message, suggestion=meant(close), of_key=True
            )
