"""Policy variables in a document whose Version has none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.advice import texts_with_variables
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["policy_variable_version"]


@rule("policy-variable-version")
def policy_variable_version(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """Policy variables in a document whose Version has none."""
    if document.version == "2012-10-17":
        return
    for value in texts_with_variables(document):
        if re.search(r"\$\{[^}]+\}", value.text):
            message = f'{value.where} "{value.text}" is taken literally: variables need Version 2012-10-17'
            yield Remark("policy-variable-version", value.path, message)
