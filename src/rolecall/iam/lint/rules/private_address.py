"""A private range for aws:SourceIp, which holds the public address of the caller."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from rolecall.iam.findings import Remark, Severity
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["private_address"]

_PRIVATE = [
    ipaddress.ip_network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
]


@rule("private-address")
def private_address(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A private range for aws:SourceIp, which holds the public address of the caller."""
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.key.lower() != "aws:sourceip" or condition.operator.family != "Ip":
                continue
            private = [one for one in condition.values if _is_private(one.text)]
            severity = Severity.ERROR if len(private) == len(condition.values) else Severity.SUGGESTION
            for value in private:
                message = f'{value.where} "{value.text}" is private, and aws:SourceIp is the public address'
                yield Remark(
                    "private-address", value.path, message, severity, "aws:VpcSourceIp holds private ones"
                )


def _is_private(text: str) -> bool:
    try:
        block = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return any(
        block.version == private.version and block.subnet_of(private)  # type: ignore[arg-type]
        for private in _PRIVATE
    )
