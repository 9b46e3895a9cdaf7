"""An ARN that fits none of the resource types of its service."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject
from rolecall.iam.wildcards import has_wildcard

__all__ = ["unknown_resource_type"]


@rule("unknown-resource-type")
def unknown_resource_type(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """An ARN that fits none of the resource types of its service."""
    for statement in document.statements:
        for resource in statement.resources:
            parts = resource.text.split(":", 5)
            if len(parts) < 6 or has_wildcard(parts[2]) or "${" in ":".join(parts[:5]):
                continue
            if not knowledge.is_known_type(parts[2], resource.text):
                message = (
                    f'{resource.where} "{resource.text}" is no resource type of {parts[2]} '
                    f"in the data of {knowledge.date}"
                )
                yield Remark("unknown-resource-type", resource.path, message)
