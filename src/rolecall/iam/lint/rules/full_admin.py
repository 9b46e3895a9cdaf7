"""Everything on everything."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["full_admin"]


@rule("full-admin")
def full_admin(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """Everything on everything."""
    if document.kind != "identity":
        return
    for statement in document.statements:
        if (
            not statement.allows
            or statement.not_action
            or not statement.on_everything
            or statement.conditions
        ):
            continue
        for action in statement.actions:
            if action.text.strip("*") in ("", ":"):
                message = f'{action.where} "{action.text}" on every resource makes an administrator'
                yield Remark("full-admin", action.path, message)
