"""What a target showed of an expectation: the calls that were made, each with what was promised of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rolecall.chains import AssumersExpectation, OnlyExpectation, ReachExpectation
from rolecall.probes.answers import Answer, Seen

if TYPE_CHECKING:
    from rolecall.chains import Expectation

__all__ = ["Observation", "Observed", "promised_access"]


@dataclass(frozen=True, slots=True)
class Observed:
    """One call on the target, and whether it was promised to be let through."""

    answer: Answer
    promised: bool


@dataclass(frozen=True, slots=True)
class Observation:
    """The calls that were made. ``note`` says why none could be, or what they leave out."""

    calls: tuple[Observed, ...] = ()
    note: str = ""

    @property
    def unlike(self) -> tuple[Answer, ...]:
        """Calls that went otherwise than promised."""
        return tuple(
            o.answer for o in self.calls if o.answer.seen is (Seen.DENIED if o.promised else Seen.ALLOWED)
        )

    @property
    def unclear(self) -> tuple[Answer, ...]:
        """Calls that show nothing."""
        return tuple(o.answer for o in self.calls if o.answer.seen is Seen.INCONCLUSIVE)


def promised_access(expectation: Expectation) -> bool | None:
    """Whether access was promised (True) or its absence (False); None for closed sets."""
    match expectation:
        case OnlyExpectation() | AssumersExpectation():
            return None
        case ReachExpectation():
            return True
        case _:
            return expectation.allowed
