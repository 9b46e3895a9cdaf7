"""What was observed of each action of a promise: some of its calls may be safe to make, and others not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.reports.evidence import Expectation, Seen

__all__ = ["called_in_part", "not_called_in_full", "seen_of"]


def not_called_in_full(item: Expectation) -> bool:
    """Whether calls were made for some of the requests of a promise, and the engine alone told the rest."""
    if item.kind not in ("allow", "deny") or item.observed is None or item.predicted is None:
        return False
    made = {(call.action.lower(), call.resource) for call in item.observed.calls}
    return item.verdict != "inconclusive" and 0 < len(made) < item.predicted.examined


def called_in_part(item: Expectation) -> str:
    """How much was called, in words; empty where everything was, or nothing."""
    if not not_called_in_full(item) or item.observed is None or item.predicted is None:
        return ""
    made = {(call.action.lower(), call.resource) for call in item.observed.calls}
    return f"{len(made)} of {item.predicted.examined} called"


def seen_of(item: Expectation, action: str) -> Seen | None:
    """What the target answered to one of the actions; None where it was not asked.

    Of a pattern, and where no calls are told, it is the answer as a whole.
    """
    observed = item.observed
    if observed is None or not observed.calls or len(item.actions) < 2 or "*" in action or "?" in action:
        return observed.outcome if observed is not None else None
    found = {call.outcome for call in observed.calls if call.action.lower() == action.lower()}
    if len(found) > 1:
        return "inconclusive" if "inconclusive" in found else "denied"
    if found:
        return found.pop()
    # The calls may be those of the way to a principal that could not be reached.
    asked = {call.action.lower() for call in observed.calls}
    return None if asked & {one.lower() for one in item.actions} else observed.outcome
