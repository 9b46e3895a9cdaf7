"""An Allow that a Deny takes away wholly."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.coverage import Coverage
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["shadowed_allow"]


@rule("shadowed-allow")
def shadowed_allow(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """An Allow that a Deny takes away wholly."""
    if all(statement.allows or statement.conditions for statement in document.statements):
        return
    shapes = [Coverage.of(statement) for statement in document.statements]
    denials = [
        one for one in shapes if one is not None and not one.statement.allows and not one.statement.conditions
    ]
    for one in shapes:
        if one is None or not one.statement.allows:
            continue
        cover = next((denial for denial in denials if denial.covers(one, same_conditions=False)), None)
        if cover is not None:
            message = f"{one.statement.where} allows nothing: {cover.statement.where} denies all of it"
            yield Remark("shadowed-allow", one.statement.path, message)
