"""A trust policy whose whole Principal is a star."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["trust_star"]


@rule("trust-star")
def trust_star(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A trust policy whose whole Principal is a star."""
    if document.kind != "trust":
        return
    for statement in document.statements:
        if statement.data.get("Principal") == "*":
            message = f'{statement.where}.Principal "*" is refused in a trust policy'
            path = (*statement.path, "Principal")
            yield Remark(
                "trust-star", path, message, suggestion='name who is trusted; {"AWS": "*"} is everybody'
            )
