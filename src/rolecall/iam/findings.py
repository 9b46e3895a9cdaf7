"""What is said about a policy document: remarks by path, findings by line and column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from rolecall.iam.strict_json import JsonPath, Place

__all__ = ["Finding", "Locate", "Remark", "Severity", "path_text", "place_remarks"]


_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]")


class Severity(StrEnum):
    """How bad a finding is: AWS refuses it, it opens a door, it misleads, or it could be simpler."""

    ERROR = "error"
    SECURITY = "security"
    WARNING = "warning"
    SUGGESTION = "suggestion"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something said about a value of a document.

    ``path`` leads to the value, ``of_key`` says that its key is meant. ``severity`` None is the rule's own.
    """

    rule: str
    path: JsonPath
    message: str
    severity: Severity | None = None
    suggestion: str | None = None
    of_key: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A remark with its place: file, line and column (from 1), rule, severity, message, kind of policy.

    ``path`` is where in the document, as ``Statement[2].Action``; empty for the document as a whole.
    """

    file: str | None
    line: int
    column: int
    rule: str
    severity: Severity
    message: str
    kind: str
    suggestion: str | None = None
    path: str = ""

    def __str__(self) -> str:
        hint = f" ({self.suggestion})" if self.suggestion else ""
        where = f"{self.file or '<document>'}:{self.line}:{self.column}"
        return f"{where} {self.severity} {self.message}{hint} [{self.rule}]"


Locate = Callable[[JsonPath, bool], Place]
"""From a path (and whether its key is meant) to a place; unknown paths give their nearest parent."""


def place_remarks(
    remarks: Iterable[Remark],
    locate: Locate,
    *,
    file: str | None,
    kind: str,
    severity_of: Callable[[str], Severity],
) -> tuple[Finding, ...]:
    """Findings in the order of the document, each once."""
    found: dict[Finding, None] = {}
    for remark in remarks:
        place = locate(remark.path, remark.of_key)
        severity = remark.severity or severity_of(remark.rule)
        finding = Finding(
            file,
            place.line,
            place.column,
            remark.rule,
            severity,
            _one_line(remark.message),
            kind,
            _one_line(remark.suggestion) if remark.suggestion else None,
            path_text(remark.path) if remark.path else "",
        )
        found[finding] = None
    return tuple(sorted(found, key=lambda one: (one.line, one.column, one.severity.rank, one.rule)))


def _one_line(text: str) -> str:
    """A message quotes the document; what would break a line or steer a terminal is escaped."""
    return _CONTROL.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def path_text(path: JsonPath) -> str:
    """A path as people write it: ``Statement[2].Condition.StringEquals["aws:PrincipalTag/team"]``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.isidentifier():
            text += f".{part}" if text else part
        else:
            text += f'["{part}"]'
    return text or "the document"
