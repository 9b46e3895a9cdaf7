"""Gathering everything that is wrong with one manifest, with the nearest valid name as advice."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from rolecall.errors import InputError, InputErrors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.iam.strict_json import Place

__all__ = ["Problems", "nearest"]

_MOST_LISTED = 15
"""As many as any record of the manifest has fields."""


class Problems:
    """The errors found so far in one file."""

    def __init__(self, file: str | None) -> None:
        self.file = file
        self.found: list[InputError] = []

    def add(self, place: Place | None, message: str, hint: str | None = None) -> None:
        """Note an error at a place of the manifest."""
        self.found.append(
            InputError(
                message,
                file=self.file,
                line=place.line if place else None,
                column=place.column if place else None,
                hint=hint,
            )
        )

    def keep(self, error: InputError) -> None:
        """Note an error that knows its own file and place, or several."""
        self.found.extend(error.errors if isinstance(error, InputErrors) else (error,))

    def sorted(self) -> tuple[InputError, ...]:
        """The errors in the order of the file, each once."""
        ordered = sorted(
            self.found, key=lambda e: (e.file != self.file, e.file or "", e.line or 0, e.column or 0)
        )
        return tuple({str(error): error for error in ordered}.values())

    def raise_if_any(self) -> None:
        """Raise the one InputError, or InputErrors, if anything was noted."""
        errors = self.sorted()
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise InputErrors(errors)


def nearest(name: str, known: Iterable[str], *, what: str = "known") -> str:
    """Advice for an unknown name: the nearest known one, and all of them where they are few."""
    names = list(dict.fromkeys(known))
    if not names:
        return f"none is {what}"
    lowered = {item.lower(): item for item in names}
    close = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    parts = [f'did you mean "{lowered[close[0]]}"?'] if close else []
    if len(names) <= _MOST_LISTED:
        parts.append(f"{what}: {', '.join(names)}")
    return " ".join(parts) or f"{len(names)} are {what}"
