"""How one chain is put on a target: under which names and marks, written down where, waited for how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rolecall.provisioning import Ledger, MemoryLedger

if TYPE_CHECKING:
    from rolecall.chains import Chain
    from rolecall.probes.patience import Patience
    from rolecall.provisioning import Marks

__all__ = ["Placement"]


@dataclass(frozen=True, slots=True)
class Placement:
    """A chain as the target runs it. The defaults are those of a target that nobody shares.

    ``within``: the path and tags outside of which nothing is removed. ``patience``: how to wait for what
    was written to be seen; None where every write is seen at once. ``pause`` waits between attempts of
    provisioning and teardown. ``done`` is called when nothing of the chain is left.
    """

    chain: Chain
    moved: Callable[[Chain], Chain] = lambda chain: chain
    """The same change of accounts and names, for another chain: this one with other expectations."""
    marks: Marks | None = None
    boundary_arn: str | None = None
    ledger: Ledger = field(default_factory=MemoryLedger)
    within: Marks | None = None
    patience: Patience | None = None
    pause: Callable[[float], None] | None = None
    done: Callable[[], None] = lambda: None
    at_once: int = 1
    """Things that are removed side by side."""
    shared: bool = False
    """Whether others' chains, and other chains of this run, may live beside it under other names."""
