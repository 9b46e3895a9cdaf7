"""iam:PassRole for every role to every service."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject
from rolecall.iam.wildcards import compile_glob

__all__ = ["pass_role"]


@rule("pass-role")
def pass_role(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """iam:PassRole for every role to every service."""
    if document.kind != "identity":
        return
    for statement in document.statements:
        if not statement.allows or not statement.on_everything or statement.not_action:
            continue
        if statement.keys() & {"iam:passedtoservice", "iam:associatedresourcearn", "aws:resourcetag"}:
            continue
        for action in statement.actions:
            text = action.text.lower()
            if text.startswith("iam:") and compile_glob(text)("iam:passrole"):
                message = f'{action.where} "{action.text}" passes every role of the account to every service'
                hint = "name the roles, or require iam:PassedToService"
                yield Remark("pass-role", action.path, message, suggestion=hint)
