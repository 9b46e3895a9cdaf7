"""A policy document in the use that a chain makes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rolecall.iam.findings import Severity
from rolecall.iam.schemas import validate_document
from rolecall.reports.document_kinds import document_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.chains import Chain
    from rolecall.iam.findings import Finding
    from rolecall.reports.evidence import DocumentKind

__all__ = ["DocumentUse", "document_uses"]


@dataclass(frozen=True, slots=True)
class DocumentUse:
    """A document's text, file and kind, in one chain."""

    chain: str
    name: str
    kind: DocumentKind
    text: str
    file: str | None

    @property
    def id(self) -> str:
        """``chain/name-kind``, for pytest."""
        return f"{self.chain}/{self.name}-{self.kind}"

    def findings(self) -> tuple[Finding, ...]:
        """What the schema of its kind says."""
        return validate_document(self.text, self.kind, file=self.file)

    def errors(self) -> tuple[Finding, ...]:
        """What IAM would refuse."""
        return tuple(found for found in self.findings() if found.severity is Severity.ERROR)

    def with_text(self, text: str) -> DocumentUse:
        """The same use of another text."""
        return replace(self, text=text)


def document_uses(chains: Iterable[Chain]) -> tuple[DocumentUse, ...]:
    """Every document of the chains, once for each kind that it is used as."""
    found: dict[str, DocumentUse] = {}
    for chain in chains:
        for policy, kind in document_kinds(chain):
            if policy.text is None:
                continue
            use = DocumentUse(chain.name, policy.name, kind, policy.text, policy.file)
            found.setdefault(use.id, use)
    return tuple(found.values())
