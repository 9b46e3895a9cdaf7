"""Two statements with the same Sid."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark, Severity
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["unique_sid"]


@rule("unique-sid")
def unique_sid(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """Two statements with the same Sid."""
    seen: dict[str, str] = {}
    severity = Severity.WARNING if document.kind == "resource" else Severity.ERROR
    for statement in document.statements:
        sid = statement.data.get("Sid")
        if not isinstance(sid, str) or not sid:
            continue
        if sid in seen:
            message = f'{statement.where} has the Sid "{sid}", as {seen[sid]} has'
            yield Remark("unique-sid", (*statement.path, "Sid"), message, severity)
        seen.setdefault(sid, statement.where)
