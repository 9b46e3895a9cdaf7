"""A condition value that its operator cannot read."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark, Severity
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject
from rolecall.iam.values import read_bool, read_bytes, read_date, read_network, read_number

__all__ = ["malformed_value"]


@rule("malformed-value")
def malformed_value(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A condition value that its operator cannot read."""
    for statement in document.statements:
        for condition in statement.conditions:
            family = condition.operator.family
            if family in ("Bool", "Null") and len(condition.values) > 1:
                message = (
                    f"{condition.where} takes one value for {condition.key}, not {len(condition.values)}"
                )
                yield Remark("malformed-value", condition.path, message)
            for value in condition.values:
                wanted = _wanted(family, value.text)
                if wanted is not None and "${" not in value.text:
                    severity = Severity.ERROR if family in ("Date", "Ip", "Null") else Severity.WARNING
                    message = f'{value.where} must be {wanted}, not "{value.text}"'
                    yield Remark("malformed-value", value.path, message, severity)


def _wanted(family: str, text: str) -> str | None:
    match family:
        case "Date" if read_date(text) is None:
            return "a date such as 2026-01-31T00:00:00Z or seconds since 1970"
        case "Ip" if read_network(text) is None:
            return "an address or a block such as 203.0.113.0/24"
        case "Numeric" if read_number(text) is None:
            return "a number"
        case "Bool" | "Null" if read_bool(text) is None:
            return "true or false"
        case "Binary" if read_bytes(text) is None:
            return "base64"
        case "Arn" if (
            text.strip("*") and text.split(":")[0] not in ("arn", "*", "arn*") and "*" not in text[:4]
        ):
            return "an ARN"
    return None
