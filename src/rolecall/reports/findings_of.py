"""What schema and lint say of a document, as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.reports.evidence import Finding

if TYPE_CHECKING:
    from rolecall.iam import Policy
    from rolecall.reports.evidence import DocumentKind

__all__ = ["findings_of"]


def findings_of(policy: Policy, kind: DocumentKind) -> tuple[Finding, ...]:
    """The schema's findings in a document of that kind."""
    from rolecall.iam.schemas import validate_document

    if policy.text is None:
        return ()
    return tuple(
        Finding(found.rule, "error", found.message, found.line, found.column)
        for found in validate_document(policy.text, kind, file=policy.file)
    )
