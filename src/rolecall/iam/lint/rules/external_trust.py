"""Another account that may assume the role without ExternalId, MFA or another condition."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.callers import account_of
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["external_trust"]


@rule("external-trust")
def external_trust(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """Another account that may assume the role without ExternalId, MFA or another condition."""
    if document.kind != "trust" or document.account is None:
        return
    for statement in document.statements:
        if not statement.allows or statement.conditions:
            continue
        for kind, principal in statement.principals:
            account = account_of(principal.text)
            if kind == "AWS" and account not in (None, document.account, *document.own_accounts):
                message = f"{principal.where} trusts the account {account} without a condition"
                yield Remark("external-trust", principal.path, message, suggestion="require sts:ExternalId")
