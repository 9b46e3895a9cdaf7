"""A wildcard in a value that is compared as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject
from rolecall.iam.wildcards import has_wildcard

__all__ = ["wildcard_without_like"]


@rule("wildcard-without-like")
def wildcard_without_like(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A wildcard in a value that is compared as plain text."""
    for statement in document.statements:
        for condition in statement.conditions:
            operator = condition.operator
            if operator.family != "String" or operator.comparison == "like":
                continue
            for value in condition.values:
                plain = re.sub(r"\$\{[^}]*\}", "", value.text)
                if has_wildcard(plain) and not plain.startswith("http"):
                    close = re.sub(r"Equals(IgnoreCase)?", "Like", operator.name)
                    message = (
                        f'{value.where} "{value.text}" has a wildcard, and {operator.name} takes it literally'
                    )
                    yield Remark("wildcard-without-like", value.path, message, suggestion=f"use {close}")
