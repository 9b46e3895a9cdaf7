"""An operator that does not fit the type of its key."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["operator_type"]

_FITTING = {
    "String": {"String", "ARN", "Binary"},
    "Numeric": {"Numeric"},
    "Date": {"Date"},
    "Bool": {"Bool"},
    "Binary": {"Binary"},
    "Ip": {"IPAddress"},
    "Arn": {"ARN", "String"},
}
_WANTED = {
    "String": "String...",
    "Numeric": "Numeric...",
    "Date": "Date...",
    "Bool": "Bool",
    "IPAddress": "IpAddress",
    "ARN": "Arn... or String...",
    "Binary": "BinaryEquals",
}


@rule("operator-type")
def operator_type(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """An operator that does not fit the type of its key."""
    for statement in document.statements:
        for condition in statement.conditions:
            key = knowledge.key(condition.key)
            if key is None or condition.operator.family == "Null":
                continue
            types = {one.removeprefix("ArrayOf") for one in (key.type, *key.other_types)}
            if not types <= set(_WANTED) or types & _FITTING[condition.operator.family]:
                continue
            wanted = " or ".join(sorted(_WANTED[one] for one in types))
            message = (
                f"{condition.where} compares {condition.key}, whose values are of type "
                f"{'/'.join(sorted(types))}; use {wanted}"
            )
            yield Remark("operator-type", condition.path, message, of_key=True)
