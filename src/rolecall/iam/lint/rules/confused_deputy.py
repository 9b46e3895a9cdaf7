"""A service that acts for whichever customer asks it."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark, Severity
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["confused_deputy"]

_OWN_ONLY = ("ec2.amazonaws.com", "ec2.amazonaws.com.cn", "lambda.amazonaws.com")
_SOURCES = {
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:principalorgid",
    "aws:principalaccount",
    "sts:externalid",
}


@rule("confused-deputy")
def confused_deputy(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A service that acts for whichever customer asks it."""
    if document.kind not in ("trust", "resource"):
        return
    severity = Severity.SUGGESTION if document.kind == "trust" else Severity.SECURITY
    for statement in document.statements:
        if not statement.allows or statement.keys() & _SOURCES:
            continue
        for kind, principal in statement.principals:
            if kind == "Service" and principal.text not in _OWN_ONLY:
                message = f"{principal.where} trusts {principal.text} for whichever account it acts"
                hint = "require aws:SourceAccount or aws:SourceArn"
                yield Remark("confused-deputy", principal.path, message, severity, hint)
