"""A condition key of a service that none of the statement's actions supports."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject
from rolecall.iam.wildcards import has_wildcard

__all__ = ["unsupported_condition_key"]


@rule("unsupported-condition-key")
def unsupported_condition_key(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A condition key of a service that none of the statement's actions supports."""
    for statement in document.statements:
        patterns = [one.text for one in statement.actions]
        if statement.not_action or any(has_wildcard(text.partition(":")[0]) for text in patterns):
            continue
        if any(not knowledge.expand(text) for text in patterns):
            continue
        for condition in statement.conditions:
            key = condition.key.lower()
            prefix = key.partition(":")[0]
            if prefix not in knowledge.services or prefix in ("aws", "kms") or knowledge.key(key) is None:
                continue
            if condition.operator.if_exists or condition.operator.family == "Null":
                continue
            if not any(_supports(knowledge, text, key) for text in patterns):
                message = f'{condition.where} names "{condition.key}", which none of the actions supports'
                yield Remark("unsupported-condition-key", condition.path, message, of_key=True)


def _supports(knowledge: Knowledge, pattern: str, key: str) -> bool:
    known = knowledge.keys_of(pattern)
    return key in known or any(one.endswith("/") and key.startswith(one) for one in known)
