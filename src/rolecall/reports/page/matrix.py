"""Who can do what at a glance: actions down, principals across, one mark and one word a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rolecall.reports.seen import seen_of
from rolecall.reports.words import WORST_FIRST

if TYPE_CHECKING:
    from collections.abc import Collection

    from rolecall.reports.evidence import Chain, Expectation

__all__ = ["Cell", "Matrix", "matrix"]

_CAN = {"allowed": "can", "denied": "cannot", "inconclusive": "not shown"}


@dataclass(frozen=True, slots=True)
class Cell:
    """All expectations of a principal and an action, each with its word and whether the engine alone says it.

    ``found`` may be empty.
    """

    found: tuple[tuple[Expectation, str, bool], ...] = ()

    @property
    def verdict(self) -> str:
        """The worst of them."""
        return next(name for name in WORST_FIRST if any(item.verdict == name for item, *_ in self.found))

    @property
    def predicted_only(self) -> bool:
        """Whether no call was made for any of them."""
        return all(alone for _, _, alone in self.found)

    @property
    def word(self) -> str:
        """What they have in common; on resource or context it depends where they have not."""
        words = {word for _, word, _ in self.found}
        return words.pop() if len(words) == 1 else "depends"


@dataclass(frozen=True, slots=True)
class Matrix:
    """``principals`` are the columns; a row is its label and one cell a column."""

    principals: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def matrix(chain: Chain) -> Matrix:
    """The matrix of a chain, rows in the order of its expectations."""
    principals = tuple(dict.fromkeys(item.principal for item in chain.expectations))
    unneeded = {waiver.expectation for waiver in chain.waivers if waiver.state == "unneeded"}
    rows: dict[str, dict[str, list[tuple[Expectation, str, bool]]]] = {}
    for item in chain.expectations:
        for label in _labels(item):
            cells = rows.setdefault(label, {})
            cells.setdefault(item.principal, []).append((item, *_word(item, label, unneeded)))
    return Matrix(
        principals,
        tuple(
            (label, tuple(Cell(tuple(found.get(who, ()))) for who in principals))
            for label, found in rows.items()
        ),
    )


def _labels(item: Expectation) -> tuple[str, ...]:
    if item.kind == "only":
        return ("anything else",)
    if item.kind == "assumers_of":
        return ("who can assume it",)
    if item.kind in ("reach", "mutation"):
        names = tuple(resource.rpartition("/")[2] for resource in item.resources)
        changed = " by a changed call" if item.kind == "mutation" else ""
        return tuple(f"reach {name}{changed}" for name in names) or (f"be reached{changed}",)
    return tuple(dict.fromkeys(item.actions)) or (item.title,)


def _word(item: Expectation, label: str, unneeded: Collection[str]) -> tuple[str, bool]:
    """What is so, and whether it is so by the engine alone."""
    if item.verdict == "inconclusive":
        return "not shown", False
    if item.kind in ("only", "assumers_of"):
        kept = item.verdict == "passed" or item.id in unneeded
        return "as promised" if kept else "not as promised", item.by_engine_alone
    seen = seen_of(item, label) if item.kind in ("allow", "deny") else None
    if seen is None and item.observed is not None and item.kind not in ("allow", "deny"):
        seen = item.observed.outcome
    if seen is not None:
        return _CAN[seen], False
    if item.predicted is None:
        return "not shown", False
    if item.observed is not None and item.verdict != "passed":
        return "not called", False  # what of it failed was another action: the prediction is of them all
    return "can" if item.predicted.outcome == "allowed" else "cannot", True
