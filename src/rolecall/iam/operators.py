"""The condition operators of the policy language and what a name says about them.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators"
(reference_policies_elements_condition_operators).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

__all__ = ["BASE_OPERATORS", "Family", "Operator", "is_operator", "read_operator"]

Family = Literal["String", "Numeric", "Date", "Bool", "Binary", "Ip", "Arn", "Null"]
Quantifier = Literal["ForAllValues", "ForAnyValue"]

_COMPARISONS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")

BASE_OPERATORS: dict[str, tuple[Family, str, bool]] = {
    # name: (family, comparison, negated)
    "StringEquals": ("String", "equals", False),
    "StringNotEquals": ("String", "equals", True),
    "StringEqualsIgnoreCase": ("String", "equals_ignore_case", False),
    "StringNotEqualsIgnoreCase": ("String", "equals_ignore_case", True),
    "StringLike": ("String", "like", False),
    "StringNotLike": ("String", "like", True),
    **{
        f"{family}{name}": (family, name.replace("NotEquals", "Equals"), name == "NotEquals")
        for family in ("Numeric", "Date")
        for name in _COMPARISONS
    },
    "Bool": ("Bool", "equals", False),
    "BinaryEquals": ("Binary", "equals", False),
    "IpAddress": ("Ip", "within", False),
    "NotIpAddress": ("Ip", "within", True),
    "ArnEquals": ("Arn", "like", False),
    "ArnLike": ("Arn", "like", False),
    "ArnNotEquals": ("Arn", "like", True),
    "ArnNotLike": ("Arn", "like", True),
    "Null": ("Null", "null", False),
}


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator's name taken apart: ``ForAnyValue:StringNotLikeIfExists``."""

    name: str
    family: Family
    comparison: str
    negated: bool
    if_exists: bool
    quantifier: Quantifier | None


@cache
def read_operator(name: str) -> Operator | None:
    """The operator of that name, or None where AWS knows none. Names are case-sensitive."""
    quantifier: Quantifier | None = None
    base = name
    if name.startswith("ForAllValues:"):
        quantifier, base = "ForAllValues", name[13:]
    elif name.startswith("ForAnyValue:"):
        quantifier, base = "ForAnyValue", name[12:]
    if_exists = base.endswith("IfExists") and base != "NullIfExists"
    if if_exists:
        base = base[:-8]
    if base not in BASE_OPERATORS:
        return None
    family, comparison, negated = BASE_OPERATORS[base]
    return Operator(name, family, comparison, negated, if_exists, quantifier)


def is_operator(name: object) -> bool:
    """Whether AWS knows an operator of that name."""
    return isinstance(name, str) and read_operator(name) is not None
