"""What a trust policy asks of its callers: the keys and values that please an Allow and escape every Deny.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rolecall.iam import Effect

if TYPE_CHECKING:
    from rolecall.iam import Policy, Statement
    from rolecall.iam.documents import Condition

__all__ = ["wishes_of"]

_POSITIVE = ("stringequals", "stringlike", "stringequalsignorecase")
_NEGATIVE = ("stringnotequals", "stringnotlike", "stringnotequalsignorecase")


def wishes_of(policy: Policy, statement: Statement) -> Mapping[str, tuple[str, str]]:
    """For one Allow statement: key in small letters → the key as it is written, and a value that will do.

    Of several values the first, with its wildcards and variables as they stand; ``*`` where any will do.
    """
    wishes: dict[str, tuple[str, str]] = {}
    for key, value in _wishes(statement.conditions, _POSITIVE, "false"):
        wishes.setdefault(key.lower(), (key, value))
    for other in policy.statements:
        if other.effect is Effect.DENY:
            for key, value in _wishes(other.conditions, _NEGATIVE, "true"):
                wishes.setdefault(key.lower(), (key, value))
    return wishes


def _wishes(
    conditions: tuple[Condition, ...], operators: tuple[str, ...], absent: str
) -> Iterator[tuple[str, str]]:
    for condition in conditions:
        operator = condition.operator.lower().rpartition(":")[2].removesuffix("ifexists")
        if operator in operators and condition.values:
            yield condition.key, condition.values[0]
        elif operator == "null" and condition.values and condition.values[0].lower() == absent:
            yield condition.key, "*"
