"""Allow with NotAction: every action but the ones named."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["allow_not_action"]


@rule("allow-not-action")
def allow_not_action(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """Allow with NotAction: every action but the ones named."""
    if document.kind not in ("identity", "resource"):
        return
    for statement in document.statements:
        if statement.allows and statement.not_action:
            path = (*statement.path, "NotAction")
            message = (
                f"{statement.where} allows every action but those named, also those that AWS adds tomorrow"
            )
            yield Remark("allow-not-action", path, message, of_key=True)
