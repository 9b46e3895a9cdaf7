"""What became of every expectation over several runs: since when one fails, and which one wavers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rolecall.reports.evidence import Chain, Evidence, Expectation, Run

__all__ = ["MOST", "History", "Trend", "history_of"]

MOST = 30
"""The most runs that are looked at, the latest."""
_FAILING = ("failed", "inconclusive")


@dataclass(frozen=True, slots=True)
class Trend:
    """One expectation of the latest run: its verdict in each run (None where it was not), oldest first.

    ``failing_since`` is the first run of those in which it has not passed without a break up to the latest;
    runs without it are no break.
    ``wavers``: between two runs on one target it changed between passing and failing, though the promise
    and its chain's documents stayed as they were; an unstable target or a hidden dependency.
    """

    chain: str
    expectation: Expectation
    verdicts: tuple[str | None, ...]
    failing_since: Run | None = None
    wavers: bool = False

    @property
    def key(self) -> str:
        """``chain/id``."""
        return f"{self.chain}/{self.expectation.id}"

    @property
    def steady(self) -> bool:
        """Whether it passed in every run that had it."""
        return all(verdict in (None, "passed") for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class History:
    """Runs, oldest first, and the trend of every expectation of the latest. ``left_out``: earlier runs."""

    runs: tuple[Evidence, ...]
    trends: tuple[Trend, ...]
    left_out: int = 0

    @property
    def eventful(self) -> tuple[Trend, ...]:
        """Those that did not pass every time: wavering and failing ones first."""
        found = [trend for trend in self.trends if not trend.steady]
        return tuple(sorted(found, key=lambda t: (not t.wavers, t.failing_since is None)))


def history_of(latest: Evidence, earlier: Iterable[Evidence]) -> History:
    """The history up to a run. Earlier runs may come in any order, a run (by its id) counts once."""
    by_id = {item.run.id: item for item in (*earlier, latest)}
    ordered = sorted(by_id.values(), key=lambda item: (item.run.started, item.run.id))
    # The report is about this run: what came after it is no part of its history.
    ordered = ordered[: ordered.index(latest) + 1]
    runs = tuple(ordered[-MOST:])
    tables = [_by_key(evidence) for evidence in runs]
    trends = tuple(_trend(key, runs, tables) for key in tables[-1])
    return History(runs, trends, len(ordered) - len(runs))


_Table = dict[tuple[str, str], tuple["Expectation", tuple[object, ...]]]


def _by_key(evidence: Evidence) -> _Table:
    sums = {document.id: document.sha256 for document in evidence.documents}
    found: _Table = {}
    for chain in evidence.chains:
        ground = _ground(chain, sums)
        for item in chain.expectations:
            promise = (item.expected, item.actions, item.resources, item.principal)
            found[chain.name, item.id] = (item, (evidence.run.target, ground, promise))
    return found


def _ground(chain: Chain, sums: dict[str, str]) -> tuple[str, ...]:
    return tuple(sums.get(key, "") for who in chain.principals for key in who.documents)


def _trend(key: tuple[str, str], runs: Sequence[Evidence], tables: Sequence[_Table]) -> Trend:
    found = [table.get(key) for table in tables]
    verdicts = tuple(entry[0].verdict if entry else None for entry in found)
    since = None
    for evidence, verdict in zip(reversed(runs), reversed(verdicts), strict=True):
        if verdict is not None and verdict not in _FAILING:
            break
        since = since if verdict is None else evidence.run
    known = [entry for entry in found if entry is not None]
    wavers = any(
        (one[0].verdict in _FAILING) is not (other[0].verdict in _FAILING) and one[1] == other[1]
        for one, other in pairwise(known)
    )
    return Trend(key[0], known[-1][0], verdicts, since, wavers)
