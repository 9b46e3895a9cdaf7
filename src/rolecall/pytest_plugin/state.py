"""What a run keeps between hooks, in pytest's stash: no globals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rolecall.chains import Chain, Expectation
    from rolecall.pytest_plugin.options import Options
    from rolecall.reports import Origin, Teardown
    from rolecall.reports.handover import Handover
    from rolecall.runs import ChainLinter

__all__ = ["EVIDENCE_PROPERTY", "STATE", "VERDICT", "Promise", "State"]

EVIDENCE_PROPERTY = "rolecall_evidence"
"""The user property that carries one verdict from a worker to the controller, as one JSON string."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One expectation of one chain: what a test gets as ``expectation``."""

    chain: Chain
    expectation: Expectation

    @property
    def id(self) -> str:
        """``chain/expectation``."""
        return f"{self.chain.name}/{self.expectation.id}"


@dataclass(slots=True)
class State:
    """The state of one pytest process. ``evidence`` holds what items left, in the order it came."""

    options: Options
    started: datetime
    began: float
    chains: tuple[Chain, ...] | None = None
    manifests: Mapping[str, str] = field(default_factory=dict)
    """The manifests' texts as they were loaded, by the chain's name."""
    origin: Origin | None = None
    promises: tuple[Promise, ...] | None = None
    evidence: list[Handover] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    teardowns: list[Mapping[str, Teardown]] = field(default_factory=list)
    """What became of what each process created, by chain."""
    swept: list[tuple[str, str]] = field(default_factory=list)
    """Things, with their accounts, that were left at first and removed in the end."""
    ledgers: tuple[Path, ...] = ()
    """Ledgers that still name something when the run is over."""
    orphans: tuple[Path, ...] = ()
    """Ledgers of runs that were killed, beside this run's."""
    summary: str = ""
    report: Path | None = None
    report_error: str = ""
    workshop: Any = None
    elsewhere: int = 0
    """Items that were chosen and that other shards run."""
    _linter: ChainLinter | None = None
    settled: bool = False
    """Whether what the run needs is loaded."""
    ending: Any = None
    """How signals end this run; set where something could be left behind."""

    @property
    def linter(self) -> ChainLinter:
        """The one linter of this process."""
        if self._linter is None:
            from rolecall.runs import ChainLinter

            self._linter = ChainLinter(self.started.astimezone(UTC).date(), self.options.root)
        return self._linter


STATE = pytest.StashKey[State]()
VERDICT = pytest.StashKey[str]()
"""The verdict of an item that verified an expectation."""
