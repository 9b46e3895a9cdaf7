"""Neighbours that passed for the same reason: told once above them, to keep a page of thousands small."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from rolecall.reports.evidence import Call
from rolecall.reports.words import reason_seen, repeats

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.reports.evidence import Expectation, Observation, Prediction

__all__ = ["Story", "stories"]

_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Story:
    """Neighbouring expectations. ``told`` has what they share, in the words of one of them; or is None.

    Where calls were made it has one: how every call was answered, and nothing of what was called.
    """

    items: tuple[Expectation, ...]
    told: Expectation | None = None


def stories(items: Iterable[Expectation], brief: bool) -> tuple[Story, ...]:
    """The expectations in their order. Only where the page is to be brief do they share anything."""
    if not brief:
        return (Story(tuple(items)),)
    found = []
    for told, group in groupby(items, key=_shared):
        same = tuple(group)
        found.append(Story(same, told if len(same) >= _FEWEST else None))
    return tuple(found)


def _shared(item: Expectation) -> Expectation | None:
    """The expectation without what is its own; None where nothing of it may be told for others too."""
    predicted, observed = item.predicted, item.observed
    if item.verdict != "passed" or predicted is None or item.kind in ("only", "assumers_of"):
        return None
    if item.disagreement or item.simulated:
        return None
    if observed is not None and (len(observed.calls) != 1 or observed.calls[0].attempts > 1):
        return None
    miss = predicted.nearest_miss
    return replace(
        item,
        id="",
        title="",
        line=None,
        duration=0.0,
        actions=(),
        reason=_of_any(item.reason, item),
        predicted=replace(
            predicted,
            reason=_of_any(predicted.reason, item),
            nearest_miss=replace(miss, wanted=(), found=None) if miss is not None else None,
            steps=(),
        ),
        observed=_seen(observed, predicted, item) if observed is not None else None,
    )


def _seen(observed: Observation, predicted: Prediction, item: Expectation) -> Observation:
    (call,) = observed.calls
    why = predicted.reason if predicted.reason == observed.reason else reason_seen(observed)
    return replace(observed, reason=_of_any(why, item), calls=(_answer(call, item),))


def _answer(call: Call, item: Expectation) -> Call:
    works = "yes" if call.identity == call.principal else call.identity
    told = "" if repeats(item, call) else call.message
    return Call(
        "",
        "",
        "",
        "",
        call.outcome,
        call.http_status,
        call.error_code,
        None,
        told,
        call.answer,
        identity=works,
    )


def _of_any(text: str, item: Expectation) -> str:
    """A sentence as it holds for any action."""
    for action in item.actions:
        text = text.replace(f"the {action} action", "the action").replace(action, "the action")
    return text
