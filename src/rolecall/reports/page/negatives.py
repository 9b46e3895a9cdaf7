"""The automatic negatives of a chain that passed, by hop: they are many, and seldom what one came to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.reports.evidence import Chain, Expectation

__all__ = ["Negatives", "negatives"]

_PREFIX = "auto-"
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Negatives:
    """What is folded away: groups of expectations under their hop, and all their ids."""

    by_role: tuple[tuple[str, tuple[Expectation, ...]], ...]

    @property
    def folded(self) -> frozenset[str]:
        """The ids of all of them."""
        return frozenset(item.id for _, items in self.by_role for item in items)


def negatives(chain: Chain) -> Negatives:
    """The automatic negatives that passed, hop by hop; one alone is not worth folding."""
    found: dict[str, list[Expectation]] = {}
    for item in chain.expectations:
        if item.kind == "mutation" and item.id.startswith(_PREFIX) and item.verdict == "passed":
            found.setdefault(item.hop or item.principal, []).append(item)
    return Negatives(tuple((hop, tuple(items)) for hop, items in found.items() if len(items) >= _FEWEST))
