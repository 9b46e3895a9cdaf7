"""A policy document in the use that a chain makes of it, and what schema and lint say of it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rolecall.iam.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.chains import Chain
    from rolecall.iam.findings import Finding
    from rolecall.reports.policy_uses import PolicyUse
    from rolecall.runs.chain_linting import ChainLinter

__all__ = ["DocumentUse", "PolicyWarning", "document_uses"]


class PolicyWarning(UserWarning):
    """A finding that AWS does not refuse. ``-W error::rolecall.runs.PolicyWarning`` makes it fail."""


@dataclass(frozen=True, slots=True)
class DocumentUse:
    """One document of one chain as one kind. ``id`` is ``chain/name-kind``, for pytest."""

    id: str
    chain: Chain = field(repr=False)
    use: PolicyUse = field(repr=False)
    linter: ChainLinter = field(repr=False, compare=False)

    @property
    def text(self) -> str:
        """The document as it is deployed."""
        return self.use.policy.text or ""

    def findings(self) -> tuple[Finding, ...]:
        """What schema and lint say and the manifest does not suppress."""
        return self.linter.lint_chain(self.chain)[self.use]

    def errors(self) -> tuple[Finding, ...]:
        """What IAM would refuse, and suppressions that are over."""
        return tuple(found for found in self.findings() if found.severity is Severity.ERROR)

    def warn(self) -> None:
        """Tell of all other findings as warnings."""
        for found in self.findings():
            if found.severity is not Severity.ERROR:
                warnings.warn(str(found), PolicyWarning, stacklevel=2)

    def errors_of(self, text: str) -> tuple[Finding, ...]:
        """What IAM would refuse if this text stood in the document's place."""
        return tuple(
            found for found in self.linter.lint_text(text, self.use) if found.severity is Severity.ERROR
        )


def document_uses(chains: Iterable[Chain], linter: ChainLinter) -> tuple[DocumentUse, ...]:
    """Every document of the chains, once for each kind that it is used as. Nothing is linted yet."""
    from rolecall.reports.policy_uses import policy_uses

    found: dict[str, DocumentUse] = {}
    for chain in chains:
        for use in policy_uses(chain):
            if use.policy.text is None:
                continue
            known = [one.use for one in found.values() if one.chain is chain]
            if any((one.policy, one.kind) == (use.policy, use.kind) for one in known):
                continue
            name = f"{chain.name}/{use.policy.name}-{use.kind}"
            number = sum(1 for one in found if one == name or one.startswith(f"{name}-"))
            name = f"{name}-{number + 1}" if number else name
            found[name] = DocumentUse(name, chain, use, linter)
    return tuple(found.values())
