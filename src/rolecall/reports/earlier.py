"""Evidence of earlier runs, from files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.errors import InputError
from rolecall.reports.evidence import Evidence

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_earlier", "read_evidence"]


def read_evidence(path: Path) -> Evidence:
    """The evidence in a file, or in the folder of a report. InputError where there is none."""
    if path.is_dir():
        path = path / "evidence.json"
    try:
        found = Evidence.from_json(path.read_bytes(), file=str(path))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path)) from None
    _refuse_twins(found, str(path))
    return found


def _refuse_twins(evidence: Evidence, file: str) -> None:
    """What is told twice would be counted twice."""
    seen: set[tuple[str, ...]] = set()
    for chain in evidence.chains:
        for key in ((chain.name,), *((chain.name, item.id) for item in chain.expectations)):
            if key in seen:
                raise InputError(f"has {'/'.join(key)} twice", file=file, hint="it is not of one run")
            seen.add(key)


def read_earlier(baseline: Path | None, history: Path | None) -> tuple[Evidence | None, tuple[Evidence, ...]]:
    """The run to compare with, and those of a folder. InputError where one of them cannot be read."""
    if history is not None and not history.is_dir():
        raise InputError("is not a folder", file=str(history), hint="name a folder of evidence files")
    return (
        read_evidence(baseline) if baseline is not None else None,
        tuple(read_evidence(path) for path in sorted(history.glob("**/*.json")))
        if history is not None
        else (),
    )
