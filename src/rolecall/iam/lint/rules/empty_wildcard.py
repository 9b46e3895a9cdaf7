"""An action pattern that covers no known action."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject
from rolecall.iam.wildcards import has_wildcard

__all__ = ["empty_wildcard"]


@rule("empty-wildcard")
def empty_wildcard(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """An action pattern that covers no known action."""
    for statement in document.statements:
        for action in statement.actions:
            prefix = action.text.partition(":")[0].lower()
            if not has_wildcard(action.text) or action.text == "*" or knowledge.expand(action.text):
                continue
            if has_wildcard(prefix) or prefix in knowledge.services:
                message = f'{action.where} "{action.text}" covers no action in the data of {knowledge.date}'
                yield Remark("empty-wildcard", action.path, message)
