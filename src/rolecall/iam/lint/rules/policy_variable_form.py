"""A policy variable that is not closed, is empty, or that AWS does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rolecall.iam.findings import Remark, Severity
from rolecall.iam.lint.advice import meant, texts_with_variables
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["policy_variable_form"]

_ESCAPES = ("*", "?", "$")


@rule("policy-variable-form")
def policy_variable_form(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A policy variable that is not closed, is empty, or that AWS does not know."""
    if document.version != "2012-10-17":
        return
    for value in texts_with_variables(document):
        for match in re.finditer(r"\$\{([^}]*)(\}?)", value.text):
            name, closed = match.groups()
            if not closed:
                message = f'{value.where} has a policy variable without "}}": "{value.text}"'
                yield Remark("policy-variable-form", value.path, message, Severity.ERROR)
                continue
            key, comma, default = name.partition(",")
            if name in _ESCAPES:
                continue
            if not key.strip() or key != key.strip() or (" " in key and "/" not in key):
                message = f'{value.where} has the malformed policy variable "{match.group()}"'
                yield Remark("policy-variable-form", value.path, message, Severity.ERROR)
            elif comma and not re.fullmatch(r" ?'[^']*'", default):
                message = f'{value.where}: a default stands in single quotes: "{match.group()}"'
                yield Remark("policy-variable-form", value.path, message, Severity.ERROR)
            elif ":" not in key or (_unknown(knowledge, key)):
                close = knowledge.nearest_key(key)
                message = f'{value.where} has the variable "{key}", unknown to the data of {knowledge.date}'
                yield Remark("policy-variable-form", value.path, message, suggestion=meant(close))


def _unknown(knowledge: Knowledge, key: str) -> bool:
    prefix = key.partition(":")[0].lower()
    checked = prefix == "aws" or prefix in knowledge.services
    return checked and knowledge.key(key) is None
