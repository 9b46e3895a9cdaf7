"""A resource that everybody may use."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.callers import narrows_callers
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["public_resource"]


@rule("public-resource")
def public_resource(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A resource that everybody may use."""
    if document.kind != "resource":
        return
    for statement in document.statements:
        if not statement.allows or narrows_callers(statement) or statement.not_principal:
            continue
        for kind, principal in statement.principals:
            if kind == "AWS" and principal.text == "*":
                message = f"{principal.where} lets everybody in, and no condition narrows it"
                yield Remark("public-resource", principal.path, message)
