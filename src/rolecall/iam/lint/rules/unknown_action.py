"""An action that the catalog does not know, in a service that it knows."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.advice import meant
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject
from rolecall.iam.wildcards import has_wildcard

__all__ = ["unknown_action"]


@rule("unknown-action")
def unknown_action(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """An action that the catalog does not know, in a service that it knows."""
    for statement in document.statements:
        for action in statement.actions:
            prefix = action.text.partition(":")[0].lower()
            if has_wildcard(action.text) or prefix not in knowledge.services or knowledge.expand(action.text):
                continue
            close = knowledge.nearest_action(action.text)
            message = (
                f'{action.where} names the action "{action.text}", unknown to the data of {knowledge.date}'
            )
            yield Remark("unknown-action", action.path, message, suggestion=meant(close))
