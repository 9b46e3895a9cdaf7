"""A name that is no service principal of AWS."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.advice import meant
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["service_principal"]

_ENDINGS = (
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazon.com",
    ".aws.internal",
    ".api.aws",
    ".amazonaws.eu",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
)


@rule("service-principal")
def service_principal(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A name that is no service principal of AWS."""
    for statement in document.statements:
        for kind, principal in statement.principals:
            if kind == "Service" and not principal.text.endswith(_ENDINGS):
                name = principal.text.split(".")[0]
                message = f'{principal.where} "{principal.text}" is no service principal'
                yield Remark(
                    "service-principal", principal.path, message, suggestion=meant(f"{name}.amazonaws.com")
                )
