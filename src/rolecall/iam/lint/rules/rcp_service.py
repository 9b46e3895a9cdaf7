"""A resource control policy about a service that such policies do not reach."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject
from rolecall.iam.wildcards import has_wildcard

__all__ = ["rcp_service"]


@rule("rcp-service")
def rcp_service(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A resource control policy about a service that such policies do not reach."""
    if document.kind != "rcp":
        return
    reached = knowledge.catalog.rcp_services
    for statement in document.statements:
        for action in statement.actions:
            prefix = action.text.partition(":")[0].lower()
            if not has_wildcard(prefix) and prefix in knowledge.services and prefix not in reached:
                message = (
                    f'{action.where} "{action.text}" is of a service that resource control policies do not '
                    f"reach, as of {knowledge.date}"
                )
                yield Remark("rcp-service", action.path, message)
