"""The linter over a chain's documents: read once, what the manifest suppresses left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rolecall.iam.catalog import load_catalog
from rolecall.iam.lint import Finding, Linter, Suppression, apply_suppressions
from rolecall.reports.policy_uses import PolicyUse, policy_uses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from rolecall.chains import Chain
    from rolecall.chains.waivers import Suppression as Declared
    from rolecall.iam import Policy

__all__ = ["ChainLinter"]


@dataclass(slots=True)
class ChainLinter:
    """Findings about the documents of chains on one day. Make one for a run: it remembers its answers.

    Files below ``root`` are named as seen from there.
    """

    today: date
    root: Path | None = None
    _linter: Linter | None = field(default=None, repr=False)
    _known: dict[str, Mapping[PolicyUse, tuple[Finding, ...]]] = field(default_factory=dict, repr=False)

    def lint_text(self, text: str, use: PolicyUse) -> tuple[Finding, ...]:
        """Findings about a text as if it were that document; nothing is suppressed."""
        if self._linter is None:
            self._linter = Linter.of(load_catalog())
        file = self._shown(use.policy.file) or use.policy.name
        return self._linter.lint_document(
            text,
            use.kind,
            file=file,
            stored_as=use.stored_as,
            account=use.account,
            own_accounts=use.own_accounts,
        )

    def lint_chain(self, chain: Chain) -> Mapping[PolicyUse, tuple[Finding, ...]]:
        """The findings that are left of each use, and those about suppressions that are unused or over.

        The latter are with the document that the suppression names, else with the chain's first one.
        """
        if chain.name not in self._known:
            self._known[chain.name] = self._lint(chain)
        return self._known[chain.name]

    def _lint(self, chain: Chain) -> Mapping[PolicyUse, tuple[Finding, ...]]:
        uses = tuple(dict.fromkeys(use for use in policy_uses(chain) if use.policy.text is not None))
        told = {use: self.lint_text(use.policy.text or "", use) for use in uses}
        decisions = {self._as_decision(one, chain): one for one in chain.suppressions}
        everything = dict.fromkeys(finding for findings in told.values() for finding in findings)
        left = dict.fromkeys(apply_suppressions(everything, decisions, self.today))
        kept = {use: [finding for finding in findings if finding in left] for use, findings in told.items()}
        files = {document.path: document.policy for document in chain.documents()}
        for finding in left:
            if finding.kind != "suppression":
                continue
            declared = next(one for made, one in decisions.items() if _is_about(finding, made))
            meant = files.get(declared.file or "")
            home = next((use for use in uses if use.policy is meant), uses[0] if uses else None)
            if home is not None:
                kept[home].append(finding)
        return {use: tuple(findings) for use, findings in kept.items()}

    def _as_decision(self, declared: Declared, chain: Chain) -> Suppression:
        place = declared.place
        return Suppression(
            declared.rule,
            tuple(dict.fromkeys(self._places(declared, chain))),
            declared.reason,
            declared.until,
            self._shown(chain.file),
            place.line if place else 1,
            place.column if place else 1,
        )

    def _places(self, declared: Declared, chain: Chain) -> Iterator[str]:
        for document in chain.documents():
            if declared.file is not None and document.path != declared.file:
                continue
            file = self._shown(document.policy.file) or document.policy.name
            if declared.statement is None:
                yield file
            else:
                yield from (f"{file}#{path}" for path in _statements(document.policy, declared.statement))

    def _shown(self, file: str | None) -> str | None:
        if file is None:
            return None
        path = Path(file)
        if self.root is not None and path.is_relative_to(self.root):
            path = path.relative_to(self.root)
        return path.as_posix()


def _is_about(finding: Finding, made: Suppression) -> bool:
    return (finding.file, finding.line, finding.column) == (made.file, made.line, made.column) and (
        f"the suppression of {made.rule}" in finding.message
    )


def _statements(policy: Policy, wanted: str | int) -> Iterator[str]:
    """The paths of the statements of a Sid or number; a single statement may stand without a list."""
    for statement in policy.statements:
        if wanted in (statement.index, statement.sid):
            yield f"Statement[{statement.index}]"
            if len(policy.statements) == 1:
                yield "Statement"
