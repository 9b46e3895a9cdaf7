"""A role that everybody may assume."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.callers import narrows_callers
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["public_trust"]


@rule("public-trust")
def public_trust(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A role that everybody may assume."""
    if document.kind != "trust":
        return
    for statement in document.statements:
        if not statement.allows or narrows_callers(statement):
            continue
        for kind, principal in statement.principals:
            if kind == "AWS" and principal.text == "*":
                message = f"{principal.where} trusts every AWS account, and no condition narrows it"
                yield Remark("public-trust", principal.path, message)
