"""An action without resource-level permissions on specific ARNs: the statement does not reach it."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject
from rolecall.iam.wildcards import has_wildcard

__all__ = ["no_resource_level"]


@rule("no-resource-level")
def no_resource_level(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """An action without resource-level permissions on specific ARNs: the statement does not reach it."""
    for statement in document.statements:
        if (
            not statement.resources
            or statement.not_resource
            or statement.not_action
            or statement.on_everything
        ):
            continue
        for action in statement.actions:
            if has_wildcard(action.text) or action.text.lower() == "s3:listallmybuckets":
                continue
            known = knowledge.catalog.action(action.text)
            if known is not None and not known.resources:
                message = (
                    f"{action.where} {known.name} has no resource-level permissions: "
                    f'only Resource "*" covers it'
                )
                yield Remark("no-resource-level", action.path, message)
