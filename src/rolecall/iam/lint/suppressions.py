"""Findings that somebody has decided to live with: by rule and place, with a reason and an end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rolecall.iam.findings import Finding, Severity

__all__ = ["Suppression", "apply_suppressions"]


@dataclass(frozen=True, slots=True)
class Suppression:
    """One decision.

    A place is a document (``policy.json``, matched from the end of the file's path) or a path in it
    (``policy.json#Statement[0]``, which includes everything below). ``until`` is the last day on which it
    counts, None for no end. ``file``, ``line`` and ``column`` are where the suppression itself stands.
    """

    rule: str
    places: tuple[str, ...]
    reason: str
    until: date | None = None
    file: str | None = None
    line: int = 1
    column: int = 1

    def fits(self, finding: Finding) -> bool:
        """Whether a finding is meant."""
        if finding.rule != self.rule or finding.rule == "json":
            return False
        return any(_is_in(finding, place) for place in self.places)

    def is_over(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.until is not None and self.until < today


def apply_suppressions(
    findings: Iterable[Finding], suppressions: Iterable[Suppression], today: date
) -> tuple[Finding, ...]:
    """The findings that are left, and one for every suppression that is unused or out of date."""
    decisions = list(suppressions)
    current = [one for one in decisions if not one.is_over(today)]
    used: set[int] = set()
    left: list[Finding] = []
    for finding in findings:
        fitting = [index for index, one in enumerate(current) if one.fits(finding)]
        used.update(fitting)
        if not fitting:
            left.append(finding)
    for index, one in enumerate(current):
        if index not in used:
            left.append(_about(one, "unused-suppression", Severity.WARNING, "fits no finding; remove it"))
    for one in decisions:
        if one.is_over(today):
            message = f"ended on {one.until}; mend what it hid, or decide anew"
            left.append(_about(one, "expired-suppression", Severity.ERROR, message))
    return tuple(left)


def _is_in(finding: Finding, place: str) -> bool:
    document, _, path = place.partition("#")
    file = (finding.file or "").replace("\\", "/")
    if file != document and not file.endswith(f"/{document.removeprefix('./')}"):
        return False
    rest = finding.path.removeprefix(path) if finding.path.startswith(path) else None
    return rest is not None and (path == "" or rest[:1] in ("", ".", "["))


def _about(one: Suppression, rule: str, severity: Severity, what: str) -> Finding:
    places = f" at {', '.join(one.places)}" if one.places else ""
    message = f"the suppression of {one.rule}{places} {what}"
    return Finding(one.file, one.line, one.column, rule, severity, message, "suppression")
