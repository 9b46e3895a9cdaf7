"""A policy variable where none is replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["policy_variable_place"]


@rule("policy-variable-place")
def policy_variable_place(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A policy variable where none is replaced."""
    for statement in document.statements:
        for resource in statement.resources:
            before = ":".join(resource.text.split(":", 5)[:5]) if resource.text.startswith("arn:") else ""
            if re.search(r"\$\{[^}]", before) and re.search(r"\$\{[A-Za-z]", before):
                message = f'{resource.where} "{resource.text}" has a policy variable before the fifth colon'
                yield Remark("policy-variable-place", resource.path, message)
        for condition in statement.conditions:
            if condition.operator.family in ("String", "Arn"):
                continue
            for value in condition.values:
                if "${" in value.text:
                    message = f'{value.where} "{value.text}": {condition.operator.name} replaces no variables'
                    yield Remark("policy-variable-place", value.path, message)
