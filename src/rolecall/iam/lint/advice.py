"""Small pieces of wording and reading that many rules share."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.lint.subjects import At, PolicySubject

__all__ = ["meant", "texts_with_variables"]


def meant(name: str | None) -> str | None:
    """The suggestion that goes with the nearest valid name."""
    return f'did you mean "{name}"?' if name else None


def texts_with_variables(document: PolicySubject) -> Iterator[At]:
    """Resources and condition values that hold ``${``, where policy variables may stand."""
    for statement in document.statements:
        for resource in statement.resources:
            if "${" in resource.text:
                yield resource
        for condition in statement.conditions:
            for value in condition.values:
                if "${" in value.text:
                    yield value
