"""The nearest miss: which Allow statement came closest, and the one element of it that did not match."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from rolecall.iam.outcomes import Match, NearestMiss

if TYPE_CHECKING:
    from rolecall.iam.compiled import CompiledStatement
    from rolecall.iam.requests import Request

__all__ = ["nearest_miss"]

_WEIGHT = {"Condition": 0, "Resource": 1, "Principal": 2, "Action": 3}


def nearest_miss(
    request: Request, candidates: Iterable[tuple[Match, CompiledStatement, bool]]
) -> NearestMiss | None:
    """The Allow statement with the fewest elements that did not match.

    In: statements of the stage that decided, with whether their Principal named the caller. Among equals, a
    statement that fails only by a condition is nearer than one that fails by resource, principal or action;
    among failing actions the most similar name is nearest.
    """
    best: tuple[int, int] | None = None
    nearest: list[NearestMiss] = []
    for match, form, named in candidates:
        misses = list(_misses(request, match, form, named))
        if not misses:
            continue
        first = min(misses, key=lambda miss: _WEIGHT[miss.element])
        if any(miss.element == "Action" for miss in misses):
            first = next(miss for miss in misses if miss.element == "Action")
        rank = (len(misses), _WEIGHT[first.element])
        if best is None or rank < best:
            best, nearest = rank, []
        if rank == best:
            nearest.append(first)
    # Similarity takes longer than all the rest: names are compared only where nothing else tells.
    return max(nearest, key=_similarity) if len(nearest) > 1 else next(iter(nearest), None)


def _misses(request: Request, match: Match, form: CompiledStatement, named: bool) -> Iterable[NearestMiss]:
    statement = match.statement
    if not named:
        entries = statement.principal.entries if statement.principal else ()
        yield NearestMiss(match, "Principal", tuple(value for _, value in entries), request.principal.arn)
    if not form.matches_action(request.action.lower()):
        element = "NotAction" if statement.not_action else "Action"
        yield NearestMiss(match, "Action", statement.actions, request.action, operator=element)
    if not form.matches_resource(request.resource, request.context):
        element = "NotResource" if statement.not_resource else "Resource"
        yield NearestMiss(match, "Resource", statement.resources or (), request.resource, operator=element)
    for condition in form.conditions:
        if not condition.test(request.context):
            yield NearestMiss(
                match,
                "Condition",
                condition.condition.values,
                request.context.get(condition.key),
                condition.condition.operator,
                condition.condition.key,
            )


def _similarity(miss: NearestMiss) -> float:
    if miss.element != "Action" or len(miss.wanted) > 50:
        return 0.0
    found = str(miss.found).lower()
    return max((SequenceMatcher(None, found, wanted.lower()).ratio() for wanted in miss.wanted), default=0.0)
