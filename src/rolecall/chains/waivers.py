"""What was agreed to be otherwise: waived expectations and suppressed lint findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from rolecall.iam.strict_json import Place

__all__ = ["Suppression", "Waiver"]


@dataclass(frozen=True, slots=True)
class Waiver:
    """A known failure, accepted by somebody until a day (that day included, UTC).

    Strict: an expired waiver fails, and so does a waived expectation that passes.
    """

    expectation: str
    reason: str
    approved_by: str
    until: date
    ticket: str = ""
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Suppression:
    """A lint rule that is not to speak here.

    ``file`` is a document's path as the manifest writes it (None: every document of the chain),
    ``statement`` a Sid or a number counted from 0 (None: every statement).
    """

    rule: str
    reason: str
    file: str | None = None
    statement: str | int | None = None
    until: date | None = None
    place: Place | None = field(default=None, compare=False, repr=False)
