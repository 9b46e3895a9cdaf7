"""Allow with NotResource: every resource but the ones named."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["allow_not_resource"]


@rule("allow-not-resource")
def allow_not_resource(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """Allow with NotResource: every resource but the ones named."""
    if document.kind not in ("identity", "resource"):
        return
    for statement in document.statements:
        if statement.allows and statement.not_resource:
            path = (*statement.path, "NotResource")
            message = (
                f"{statement.where} allows every resource but those named, in every service of its actions"
            )
            yield Remark("allow-not-resource", path, message, of_key=True)
