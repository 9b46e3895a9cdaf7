"""How long to ask again before an answer counts, where writes are seen late and answers flap.

IAM is eventually consistent ("Troubleshoot IAM": changes that I make are not always immediately visible).
A denial is the expected answer of a negative test and the symptom of a policy that is not seen yet; an
allow may come from a deny that is not seen yet. So an answer counts when it is what a settled chain would
answer by the engine's prediction, several times in a row; one that differs from the prediction counts only
after the whole time, without a single answer to the contrary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rolecall.iam.denial_messages import read_reason
from rolecall.iam.policy_sets import Stage
from rolecall.probes.answers import UNKNOWN_CREDENTIAL, Answer, Seen
from rolecall.probes.renewing import EXPIRED

__all__ = ["Patience", "Waiting"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits for what, for the terminal: seconds gone and seconds at most."""

    principal: str
    action: str
    seen: str
    gone: float
    budget: float


@dataclass(frozen=True, slots=True)
class Patience:
    """A policy of waiting. Pure: sleep, clock (seconds, monotonic) and random (0 to 1) come from outside.

    ``budget``: seconds for one promise, and the age from which a chain is taken for settled when nothing
    else shows it. ``in_a_row``: equal answers that are asked for.
    """

    sleep: Callable[[float], None]
    clock: Callable[[], float]
    random: Callable[[], float]
    budget: float = 120.0
    in_a_row: int = 3
    first: float = 0.25
    longest: float = 8.0
    told: Callable[[Waiting], None] = lambda _: None

    def settle(
        self,
        ask: Callable[[], Answer],
        *,
        promised: bool,
        foreseen: bool | None,
        settled: Callable[[], float | None],
        least_wait: float = 0.0,
        in_a_row: int | None = None,
        explicit: bool = False,
    ) -> Answer:
        """Ask until the answer counts or the time is over.

        ``promised``: whether access was. ``foreseen``: what the engine says of it, None where it says
        nothing. ``settled``: since when, by the clock, the chain is known to be; None where nothing shows it.
        Asked only when a denial depends on it: one that was answered before that does not count.
        ``least_wait``: seconds between two calls at least. ``in_a_row``: instead of the
        policy's own. ``explicit``: by the engine an explicit deny decides; as long as it is not seen, the
        denial may be there for want of a grant, and its reason is a wrong one. Out: the last answer, with
        all attempts and waits; inconclusive, with what was seen, where nothing counts.
        """
        started = self.clock()
        needed = in_a_row or self.in_a_row
        waits: list[float] = []
        seen: list[Seen] = []
        asked: list[float] = []
        streak = against = over = reasoned = 0

        def known() -> bool:
            since = settled()
            return since is not None and asked[-min(needed, len(asked))] >= since

        while True:
            asked.append(self.clock())
            answer = ask()
            streak = streak + 1 if seen and answer.seen is seen[-1] else 1
            seen.append(answer.seen)
            reasoned += _kind(answer) == "explicit"
            answer = replace(answer, attempts=len(seen), waits=tuple(waits))
            gone = self.clock() - started
            enough = streak >= needed
            early = explicit and _kind(answer) == "implicit"
            if enough and not early and self._counts(answer, promised, foreseen, known):
                return replace(answer, duration=gone)
            if answer.error_code in EXPIRED and answer.seen is Seen.INCONCLUSIVE:
                return replace(answer, duration=gone)
            over += gone >= self.budget
            # Where only now the chain is known to be settled it is asked once more as often as it takes.
            late = answer.seen is Seen.DENIED and not promised and 0 < over <= needed and not known()
            if over and not (late and settled() is not None):
                if early and reasoned:
                    why = f"an explicit deny was named {reasoned} times of {len(seen)}, and not at last"
                    return replace(_unsettled(answer, why), duration=gone)
                return replace(
                    self._concluded(answer, seen, enough, promised, foreseen, known),
                    duration=gone,
                )
            agrees = foreseen is not None and answer.seen is _wanted(foreseen)
            # Equal answers that do not count yet wait for something else: there is no hurry either.
            against = 0 if agrees and not enough else against + 1
            wait = min(self.first * 2 ** min(against, 10), self.longest) * (0.5 + self.random() / 2)
            wait = max(self.first if over else min(wait, self.budget - gone), least_wait, 0.01)
            if len(seen) >= 2 * self.in_a_row:
                said = answer.error_code or answer.seen.value
                self.told(Waiting(answer.principal, answer.action, said, gone, self.budget))
            self.sleep(wait)
            waits.append(round(wait, 3))

    def _counts(
        self, answer: Answer, promised: bool, foreseen: bool | None, settled: Callable[[], bool]
    ) -> bool:
        """Whether an answer that was given often enough in a row counts before the time is over."""
        if answer.seen is Seen.ALLOWED:
            return foreseen is True or (foreseen is None and promised)
        if answer.seen is Seen.DENIED:
            # A positive promise has all its time to come true, whatever the engine says.
            return foreseen is False and not promised and (_explicit(answer) or settled())
        return False

    def _concluded(
        self,
        answer: Answer,
        seen: list[Seen],
        enough: bool,
        promised: bool,
        foreseen: bool | None,
        settled: Callable[[], bool],
    ) -> Answer:
        """What stands when the time is over."""
        if answer.seen is Seen.INCONCLUSIVE:
            # Of a key that is not known yet nothing was refused, however long that takes.
            unknown = answer.error_code in UNKNOWN_CREDENTIAL
            return _unsettled(answer, f"the key is not known after {self.budget:g} s") if unknown else answer
        unanimous = all(one in (answer.seen, Seen.INCONCLUSIVE) for one in seen)
        if not (enough and unanimous):
            return _unsettled(answer, f"answers did not settle within {self.budget:g} s ({_counted(seen)})")
        if answer.seen is Seen.DENIED and not promised and not _from_outside(answer):
            said = f"denied {len(seen)} times in {self.budget:g} s"
            if foreseen:
                return _unsettled(
                    answer, f"{said}, though by the engine it is allowed: a grant may not be seen"
                )
            if not settled():
                return _unsettled(answer, f"{said}, but nothing shows that the chain is seen yet")
        return answer


def _wanted(allowed: bool) -> Seen:
    return Seen.ALLOWED if allowed else Seen.DENIED


def _explicit(answer: Answer) -> bool:
    """An explicit deny is never a matter of something not seen yet: nothing of a chain is ever detached."""
    return _kind(answer) == "explicit"


def _kind(answer: Answer) -> str:
    """Why it was denied, as far as the message tells: explicit, implicit or nothing."""
    reason = read_reason(answer.message) if answer.seen is Seen.DENIED else None
    return reason.kind if reason is not None else ""


def _from_outside(answer: Answer) -> bool:
    """Whether a denial names what no delay can bring about: a deny, or an organization's policy."""
    reason = read_reason(answer.message)
    return reason is not None and (reason.kind == "explicit" or reason.stage in (Stage.SCP, Stage.RCP))


def _unsettled(answer: Answer, why: str) -> Answer:
    said = f"; last: {answer.error_code}: {answer.message}" if answer.error_code else ""
    return replace(answer, seen=Seen.INCONCLUSIVE, error_code="NotSettled", message=why + said)


def _counted(seen: list[Seen]) -> str:
    return ", ".join(f"{seen.count(kind)} {kind.value}" for kind in Seen if kind in seen)
