"""The ledger: what is about to be created, written down before it is.

An intent without a "done" may exist or not, and may be somebody else's: who removes it looks at its
marks first. A record written only after success would miss what a kill in between leaves behind.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.provisioning.steps import Thing

__all__ = ["Entry", "Ledger", "MemoryLedger", "State"]


class State(StrEnum):
    """What is known of a thing."""

    INTENDED = "intent"
    DONE = "done"
    REFUSED = "refused"
    """The call was answered with an error that says nothing was created."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of the ledger. ``learned``: identifiers that only the answer told (an instance's id)."""

    number: int
    thing: Thing
    state: State = State.INTENDED
    learned: Mapping[str, str] = field(default_factory=dict, hash=False)


class Ledger(Protocol):
    """Where a run writes down what it creates. Writing fails loudly (TargetError) or is durable."""

    def intend(self, thing: Thing) -> int:
        """Note what is about to be created; answers the entry's number."""

    def note(self, number: int, state: State, learned: Mapping[str, str] | None = None) -> None:
        """Note what became of it."""

    def entries(self) -> tuple[Entry, ...]:
        """All entries in the order of their intents."""


class MemoryLedger:
    """A ledger for targets that vanish with the process."""

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}

    def intend(self, thing: Thing) -> int:
        """Note what is about to be created."""
        number = len(self._entries) + 1
        self._entries[number] = Entry(number, thing)
        return number

    def note(self, number: int, state: State, learned: Mapping[str, str] | None = None) -> None:
        """Note what became of it."""
        entry = self._entries[number]
        self._entries[number] = replace(entry, state=state, learned={**entry.learned, **(learned or {})})

    def entries(self) -> tuple[Entry, ...]:
        """All entries in the order of their intents."""
        return tuple(self._entries.values())
