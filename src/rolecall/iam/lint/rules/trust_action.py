"""An action in a trust policy that is not about assuming a role."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark, Severity
from rolecall.iam.lint.advice import meant
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject
from rolecall.iam.schemas.sentences import nearest
from rolecall.iam.wildcards import compile_glob, has_wildcard

__all__ = ["trust_action"]

_ASSUME = (
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:SetContext",
)


@rule("trust-action")
def trust_action(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """An action in a trust policy that is not about assuming a role."""
    if document.kind != "trust":
        return
    lowered = [one.lower() for one in _ASSUME]
    for statement in document.statements:
        for action in statement.actions:
            text = action.text.lower()
            if text in lowered:
                continue
            if has_wildcard(text) and any(compile_glob(text)(one) for one in lowered):
                message = f'{action.where} "{action.text}" covers more than assuming this role'
                yield Remark(
                    "trust-action", action.path, message, Severity.WARNING, "name sts:AssumeRole itself"
                )
                continue
            close = nearest(action.text, _ASSUME)
            message = f'{action.where} "{action.text}" is no action of a trust policy'
            yield Remark("trust-action", action.path, message, suggestion=meant(close))
