"""What schema and lint say of a document, as evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from rolecall.iam.lint import rule_texts
from rolecall.reports.evidence import Finding

if TYPE_CHECKING:
    from rolecall.iam import lint

__all__ = ["findings_of"]


def findings_of(
    findings: Iterable[lint.Finding], relative: Callable[[str | None], str | None]
) -> tuple[Finding, ...]:
    """The linter's findings with the advice of their rules; ``relative`` shows a path as the report does."""
    return tuple(_finding(found, relative) for found in findings)


def _finding(found: lint.Finding, relative: Callable[[str | None], str | None]) -> Finding:
    message = f"{found.message} ({found.suggestion})" if found.suggestion else found.message
    texts = rule_texts()
    advice = texts[found.rule].mend if found.rule in texts else ""
    if found.kind == "suppression":  # it stands in the manifest, not in the document
        message = f"{relative(found.file) or 'the manifest'}:{found.line}: {message}"
        return Finding(found.rule, found.severity.value, message, advice=advice)
    return Finding(found.rule, found.severity.value, message, found.line, found.column, advice)
