"""Allow with NotPrincipal: everybody but the ones named."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["allow_not_principal"]


@rule("allow-not-principal")
def allow_not_principal(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """Allow with NotPrincipal: everybody but the ones named."""
    for statement in document.statements:
        if statement.not_principal and statement.allows:
            path = (*statement.path, "NotPrincipal")
            message = f"{statement.where} allows everybody but the principals named, also without credentials"
            yield Remark("allow-not-principal", path, message, of_key=True)
