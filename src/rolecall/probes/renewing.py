"""Sessions that end in a long run: from when on they are not used, and which of their answers do not count.

STS API reference, AssumeRole: 900 seconds at least, one hour at most where a session assumes the next role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.probes.answers import Answer, Seen

if TYPE_CHECKING:
    from rolecall.probes.credentials import Credential

__all__ = ["EXPIRED", "ends_soon", "told_after_the_end", "told_of_renewals"]

EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
"""No waiting makes these go away."""

_MARGIN = 60.0
_SHORTEST = 900.0


def ends_soon(credential: Credential, now: float, budget: float) -> bool:
    """Whether a session may end while a promise is waited for, ``budget`` seconds at most."""
    margin = min(budget + _MARGIN, _SHORTEST / 2)
    return credential.ends is not None and now >= credential.ends - margin


def told_after_the_end(credential: Credential, answer: Answer, now: float) -> bool:
    """Whether an answer is about the end of the session: a denial is not one of a policy then."""
    if credential.ends is None:
        return False
    return answer.error_code in EXPIRED or (answer.seen is Seen.DENIED and now >= credential.ends)


def told_of_renewals(credential: Credential, text: str) -> str:
    """The text of an answer, with how often its session was renewed."""
    if not credential.renewals:
        return text
    times = "once" if credential.renewals == 1 else f"{credential.renewals} times"
    return "; ".join(part for part in (text, f"the session was renewed {times} before") if part)
