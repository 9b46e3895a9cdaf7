"""An action of a service that the catalog does not know."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.advice import meant
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject
from rolecall.iam.wildcards import has_wildcard

__all__ = ["unknown_service"]


@rule("unknown-service")
def unknown_service(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """An action of a service that the catalog does not know."""
    for statement in document.statements:
        for action in statement.actions:
            prefix = action.text.partition(":")[0].lower()
            if action.text == "*" or has_wildcard(prefix) or prefix in knowledge.services:
                continue
            close = knowledge.nearest_service(prefix)
            message = f'{action.where} names the service "{prefix}", unknown to the data of {knowledge.date}'
            yield Remark("unknown-service", action.path, message, suggestion=meant(close))
