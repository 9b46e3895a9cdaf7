"""An ARN in a partition that AWS does not have."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.advice import meant
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject
from rolecall.iam.schemas.sentences import nearest

__all__ = ["partition"]

PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")


@rule("partition")
def partition(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """An ARN in a partition that AWS does not have."""
    for statement in document.statements:
        principals = [one for kind, one in statement.principals if kind != "Service"]
        for one in (*statement.resources, *principals):
            parts = one.text.split(":")
            if parts[0] != "arn" or len(parts) < 3 or parts[1] in (*PARTITIONS, "*") or "${" in parts[1]:
                continue
            close = nearest(parts[1], PARTITIONS)
            message = f'{one.where} names the partition "{parts[1]}", which AWS does not have'
            yield Remark("partition", one.path, message, suggestion=meant(close))
