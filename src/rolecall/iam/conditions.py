"""Conditions: one operator, one key, its values, against the context of a request.

Sources: IAM User Guide, "Condition operators" (missing keys, IfExists, Null), "Multivalued context keys"
(ForAllValues, ForAnyValue) and "Conditions with multiple context keys or values".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING, Any

from rolecall.iam.operators import Operator, read_operator
from rolecall.iam.values import read_address, read_bool, read_bytes, read_date, read_network, read_number
from rolecall.iam.variables import Template, read_template
from rolecall.iam.wildcards import Matcher, compile_glob, compile_tokens

if TYPE_CHECKING:
    from rolecall.iam.documents import Condition
    from rolecall.iam.requests import NormalValue
    from rolecall.iam.switches import Switches

__all__ = ["CompiledCondition", "compile_condition"]

Context = Mapping[str, "NormalValue"]
OneValue = Callable[[str, Context], bool]
"""Does one value of the request match any value of the policy?"""

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": eq,
    "LessThan": lt,
    "LessThanEquals": le,
    "GreaterThan": gt,
    "GreaterThanEquals": ge,
}


@dataclass(frozen=True, slots=True)
class CompiledCondition:
    """A condition made ready. ``key`` is in lower case, ``reads`` are all keys that it may look at."""

    condition: Condition
    key: str
    reads: tuple[str, ...]
    test: Callable[[Context], bool]
    operator: Operator


def compile_condition(condition: Condition, *, variables: bool, switches: Switches) -> CompiledCondition:
    """Make a condition ready. ``variables``: whether the policy's Version knows policy variables."""
    operator = read_operator(condition.operator)
    assert operator is not None, condition.operator  # the parser refuses unknown operators
    key = condition.key.lower()
    if operator.family == "Null":
        return CompiledCondition(
            condition, key, (key,), _null_test(key, operator, condition.values), operator
        )
    wanted: list[str | Template] = list(condition.values)
    if variables and (
        operator.family in ("String", "Arn") or (operator.family == "Bool" and switches.variables_in_bool)
    ):
        wildcards = operator.comparison == "like"
        wanted = [read_template(value, wildcards=wildcards) for value in condition.values]
    matches = _any_of(operator, wanted)
    reads = (key, *(name for value in wanted if isinstance(value, Template) for name in value.keys))
    test = _quantified(key, operator, matches, bool(condition.values), switches)
    return CompiledCondition(condition, key, reads, test, operator)


def _null_test(key: str, operator: Operator, values: tuple[str, ...]) -> Callable[[Context], bool]:
    if operator.quantifier is not None:
        always = operator.quantifier == "ForAllValues"
        return lambda context: always
    wants = {read_bool(value) for value in values}

    def test(context: Context) -> bool:
        value = context.get(key)
        return (value is None or len(value) == 0) in wants

    return test


def _quantified(
    key: str, operator: Operator, matches: OneValue, has_values: bool, switches: Switches
) -> Callable[[Context], bool]:
    negated = operator.negated
    quantifier = operator.quantifier
    if operator.if_exists:
        when_absent = True
    elif quantifier is not None:
        when_absent = quantifier == "ForAllValues"
    else:
        when_absent = negated
    if not has_values:
        present = negated and switches.negated_empty_values_match
        return lambda context: present if context.get(key) else when_absent

    if quantifier is None:
        single_only = switches.plain_operator_needs_single_value

        def plain(context: Context) -> bool:
            value = context.get(key)
            if value is None:
                return when_absent
            if value.__class__ is str:
                return matches(value, context) is not negated
            if not value:
                return when_absent
            if single_only and len(value) > 1:
                return False
            return any(matches(item, context) for item in value) is not negated

        return plain

    for_all = quantifier == "ForAllValues"

    def over_values(context: Context) -> bool:
        value = context.get(key)
        if value is None or len(value) == 0:
            return when_absent
        items = (value,) if isinstance(value, str) else value
        if for_all:
            if not any(items):
                return True
            return all(matches(item, context) is not negated for item in items)
        return any(matches(item, context) is not negated for item in items)

    return over_values


def _any_of(operator: Operator, wanted: list[str | Template]) -> OneValue:
    family = operator.family
    if family == "String":
        return _string(operator.comparison, wanted)
    if family == "Arn":
        return _arn(wanted)
    texts = [value for value in wanted if isinstance(value, str)]
    if family == "Bool":
        return _bool(wanted)
    if family == "Ip":
        networks = [network for network in map(read_network, texts) if network is not None]

        def within(value: str, context: Context) -> bool:
            address = read_address(value)
            return address is not None and any(
                version == address[0] and address[1] & mask == network for version, network, mask in networks
            )

        return within
    if family == "Binary":
        wanted_bytes = {data for data in map(read_bytes, texts) if data is not None}

        def same_bytes(value: str, context: Context) -> bool:
            data = read_bytes(value)
            return (value.encode() if data is None else data) in wanted_bytes

        return same_bytes
    read: Callable[[str], Decimal | None] = read_date if family == "Date" else read_number
    limits = [limit for limit in map(read, texts) if limit is not None]
    compare = _ORDER[operator.comparison]

    def ordered(value: str, context: Context) -> bool:
        number = read(value)
        return number is not None and any(compare(number, limit) for limit in limits)

    return ordered


def _string(comparison: str, wanted: list[str | Template]) -> OneValue:
    templates = [value for value in wanted if isinstance(value, Template)]
    texts = [value for value in wanted if isinstance(value, str)]
    if comparison == "like":
        globs = [compile_glob(text) for text in texts]

        def like(value: str, context: Context) -> bool:
            return any(glob(value) for glob in globs) or any(
                template.matches(value, context) for template in templates
            )

        return like
    if comparison == "equals":
        exact = frozenset(texts)

        def equals(value: str, context: Context) -> bool:
            return value in exact or any(template.text(context) == value for template in templates)

        return equals
    lowered = frozenset(text.lower() for text in texts)

    def equals_ignoring_case(value: str, context: Context) -> bool:
        low = value.lower()
        return low in lowered or any(
            (text := template.text(context)) is not None and text.lower() == low for template in templates
        )

    return equals_ignoring_case


def _bool(wanted: list[str | Template]) -> OneValue:
    def same(value: str, context: Context) -> bool:
        found = read_bool(value)
        if found is None:
            return False
        return any(
            read_bool(want if isinstance(want, str) else want.text(context) or "") is found for want in wanted
        )

    return same


def _arn(wanted: list[str | Template]) -> OneValue:
    patterns = [fields for text in wanted if isinstance(text, str) and (fields := _arn_fields(text))]
    templates = [value for value in wanted if isinstance(value, Template)]

    def like(value: str, context: Context) -> bool:
        fields = value.split(":", 5)
        if len(fields) != 6 or fields[0] != "arn":
            return False
        if any(all(glob(field) for glob, field in zip(pattern, fields, strict=True)) for pattern in patterns):
            return True
        return any(_arn_template_matches(template, fields, context) for template in templates)

    return like


def _arn_fields(pattern: str) -> list[Matcher] | None:
    fields = pattern.split(":", 5)
    return [compile_glob(field) for field in fields] if len(fields) == 6 else None


def _arn_template_matches(template: Template, fields: list[str], context: Context) -> bool:
    """Field by field, so that a value put in for a variable cannot reach into the next field by a star."""
    tokens = template.tokens(context)
    if tokens is None:
        return False
    cut: list[list[Any]] = [[]]
    for token in tokens:
        if not isinstance(token, str):
            cut[-1].append(token)
            continue
        pieces = token.split(":", 6 - len(cut))
        for number, piece in enumerate(pieces):
            if number:
                cut.append([])
            if piece:
                cut[-1].append(piece)
    return len(cut) == 6 and all(
        compile_tokens(pattern)(field) for pattern, field in zip(cut, fields, strict=True)
    )
