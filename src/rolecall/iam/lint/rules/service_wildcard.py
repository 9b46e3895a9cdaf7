"""A wildcard in the service part of an action."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark, Severity
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject
from rolecall.iam.wildcards import has_wildcard

__all__ = ["service_wildcard"]


@rule("service-wildcard")
def service_wildcard(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A wildcard in the service part of an action."""
    for statement in document.statements:
        for action in statement.actions:
            prefix, colon, name = action.text.partition(":")
            if not colon or not has_wildcard(prefix):
                continue
            if prefix == "*":
                plain = 'write "*"' if name == "*" else None
                message = f'{action.where} "{action.text}" is about every service'
                yield Remark("service-wildcard", action.path, message, Severity.SUGGESTION, plain)
            else:
                message = (
                    f'{action.where} "{action.text}" has a wildcard in the service, which IAM refuses to save'
                )
                yield Remark("service-wildcard", action.path, message)
