"""Values of a manifest → expectations, waivers and suppressions."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from rolecall.chains.expectation_fields import STAGES
from rolecall.chains.expectations import (
    ActionExpectation,
    AssumersExpectation,
    Because,
    Expectation,
    HopExpectation,
    OnlyExpectation,
    ReachExpectation,
)
from rolecall.chains.places import Text, place_of
from rolecall.chains.waivers import Suppression, Waiver
from rolecall.iam.policy_sets import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.chains.problems import Problems
    from rolecall.chains.reading import Entry

__all__ = ["build_expectation", "build_suppression", "build_waiver"]


def build_expectation(entry: Entry, changes: Mapping[str, Any]) -> Expectation:
    """The expectation of an entry; ``changes`` is its ``with``, already read as a hop's parameters."""
    common: dict[str, Any] = {
        "id": entry["id"],
        "title": entry.get("title", ""),
        "controls": tuple(entry.get("controls", ())),
        "place": entry.place,
    }
    frm = entry.get("from")
    match entry.variant:
        case "hop":
            return HopExpectation(
                role=entry["hop"],
                without=tuple(entry.get("without", ())),
                changes=changes,
                allowed="allow" in entry,
                because=_because(entry.get("because")),
                frm=frm,
                **common,
            )
        case "reach":
            return ReachExpectation(role=entry["reach"], frm=frm, **common)
        case "only":
            return OnlyExpectation(
                as_=entry["as"], actions=tuple(entry["only"]), frm=frm, when=_when(entry), **common
            )
        case "assumers_of":
            return AssumersExpectation(role=entry["assumers_of"], exactly=tuple(entry["exactly"]), **common)
        case allow_or_deny:
            return ActionExpectation(
                as_=entry["as"],
                allowed=allow_or_deny == "allow",
                actions=tuple(entry.get(allow_or_deny, ())),
                on=tuple(entry.get("on", ())),
                when=_when(entry),
                because=_because(entry.get("because")),
                frm=frm,
                parameters=entry.get("parameters", {}),
                unsafe=entry.get("unsafe", False),
                **common,
            )


def build_waiver(entry: Entry, where: str, problems: Problems) -> Waiver | None:
    """The waiver of an entry; None where its day is none."""
    until = _day(entry["until"], f"{where}.until", problems)
    if until is None:
        return None
    return Waiver(
        entry["expectation"],
        entry["reason"],
        entry["approved_by"],
        until,
        entry.get("ticket", ""),
        entry.place,
    )


def build_suppression(entry: Entry, where: str, problems: Problems) -> Suppression | None:
    """The suppression of an entry; None where its day is none."""
    until = None
    if "until" in entry:
        until = _day(entry["until"], f"{where}.until", problems)
        if until is None:
            return None
    statement = _statement(entry.get("statement"))
    return Suppression(entry["rule"], entry["reason"], entry.get("file"), statement, until, entry.place)


def _when(entry: Entry) -> dict[str, str | tuple[str, ...]]:
    return {
        key: values[0] if len(values) == 1 else tuple(values) for key, values in entry.get("when", {}).items()
    }


def _because(value: Text | Entry | None) -> Because | None:
    if value is None:
        return None
    if isinstance(value, Text):
        return Because(kind=_kind(value))
    stage = value.get("stage")
    return Because(
        kind=_kind(value.get("kind")),
        stage=Stage(STAGES.get(stage, str(stage))) if stage else None,
        statement=_statement(value.get("statement")),
        condition_key=value.get("condition_key"),
        policy=value.get("policy"),
    )


def _kind(value: str | None) -> Any:
    return str(value) if value else None


def _statement(value: str | None) -> str | int | None:
    # AWS allows a Sid of digits alone, but whoever writes 0 means the first statement.
    return int(value) if value is not None and value.isdigit() and len(value) < 6 else value


def _day(value: Text, where: str, problems: Problems) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        problems.add(place_of(value), f'{where}: "{value}" is not a day: {error}')
        return None
