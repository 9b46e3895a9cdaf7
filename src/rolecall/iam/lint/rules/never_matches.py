"""Conditions that cannot be true together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import ConditionSubject, PolicySubject
from rolecall.iam.values import read_date, read_number
from rolecall.iam.wildcards import compile_glob

__all__ = ["never_matches"]


@rule("never-matches")
def never_matches(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """Conditions that cannot be true together."""
    for statement in document.statements:
        by_key: dict[str, list[ConditionSubject]] = {}
        for condition in statement.conditions:
            by_key.setdefault(condition.key.lower(), []).append(condition)
        for conditions in by_key.values():
            reason = next((why for one in conditions if (why := _alone(one))), None) or _together(conditions)
            if reason:
                path = conditions[-1].path
                message = f"{statement.where} never matches: {conditions[-1].key} {reason}"
                yield Remark("never-matches", path, message, of_key=True)


def _alone(one: ConditionSubject) -> str | None:
    operator = one.operator
    if operator.family == "Null" and operator.quantifier == "ForAnyValue":
        return "under ForAnyValue:Null is always false"
    if (
        not one.values
        and not operator.negated
        and not operator.if_exists
        and operator.quantifier != "ForAllValues"
    ):
        return "has no values to compare with"
    return None


def _needs_key(one: ConditionSubject) -> bool:
    operator = one.operator
    if operator.family == "Null" or operator.if_exists or operator.quantifier == "ForAllValues":
        return False
    return not operator.negated


def _together(conditions: list[ConditionSubject]) -> str | None:
    absent = any(
        one.operator.family == "Null" and one.values and one.values[0].text.lower() == "true"
        for one in conditions
    )
    if absent and any(_needs_key(one) for one in conditions):
        return "must be absent and is compared"
    single = [one for one in conditions if one.operator.quantifier is None and not one.operator.if_exists]
    for one in single:
        if one.operator.name != "StringEquals" or any("${" in value.text for value in one.values):
            continue
        left = [value.text for value in one.values if all(_passes(other, value.text) for other in single)]
        if one.values and not left:
            return "has no value that passes all of its operators"
    return _empty_range(single)


def _passes(other: ConditionSubject, text: str) -> bool:
    operator = other.operator
    if operator.family != "String" or any("${" in value.text for value in other.values):
        return True
    fold = str.casefold if operator.comparison == "equals_ignore_case" else str
    found = any(
        compile_glob(value.text)(text) if operator.comparison == "like" else fold(value.text) == fold(text)
        for value in other.values
    )
    return found != operator.negated


def _empty_range(conditions: list[ConditionSubject]) -> str | None:
    for family, read in (("Numeric", read_number), ("Date", read_date)):
        lows = [
            _bound(one, read) for one in conditions if one.operator.name.startswith(f"{family}GreaterThan")
        ]
        highs = [_bound(one, read) for one in conditions if one.operator.name.startswith(f"{family}LessThan")]
        if any(low is not None and high is not None and low > high for low in lows for high in highs):
            return "must be above and below at once"
    return None


def _bound(one: ConditionSubject, read: Callable[[str], Decimal | None]) -> Decimal | None:
    """The bound that counts: of several values one is enough, so a single value only."""
    return read(one.values[0].text) if len(one.values) == 1 else None
