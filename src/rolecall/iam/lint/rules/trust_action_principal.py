"""An action that the principals of the statement cannot call."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["trust_action_principal"]

_FOR = {
    "sts:assumerole": ("AWS", "Service"),
    "sts:assumerolewithsaml": ("SAML",),
    "sts:assumerolewithwebidentity": ("OIDC",),
}


@rule("trust-action-principal")
def trust_action_principal(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """An action that the principals of the statement cannot call."""
    if document.kind != "trust":
        return
    for statement in document.statements:
        if not statement.allows:
            continue
        kinds = {_kind(kind, one.text) for kind, one in statement.principals}
        named = [one for one in statement.actions if one.text.lower() in _FOR]
        for action in named:
            fitting = _FOR[action.text.lower()]
            if not kinds & set(fitting):
                message = f"{action.where} {action.text} is for {_NAMES[fitting[0]]}; none is named"
                yield Remark("trust-action-principal", action.path, message)
        covered = {kind for action in named for kind in _FOR[action.text.lower()]}
        for kind, principal in statement.principals:
            wanted = _kind(kind, principal.text)
            if named and len(named) == len(statement.actions) and wanted not in covered and wanted in _ACTION:
                message = f'{principal.where} "{principal.text}" assumes roles with {_ACTION[wanted]}'
                yield Remark(
                    "trust-action-principal", principal.path, message, suggestion=f"add {_ACTION[wanted]}"
                )


_NAMES = {
    "AWS": "accounts, users, roles and services",
    "SAML": "SAML providers",
    "OIDC": "web identity providers",
}
_ACTION = {"SAML": "sts:AssumeRoleWithSAML", "OIDC": "sts:AssumeRoleWithWebIdentity"}


def _kind(kind: str, text: str) -> str:
    if kind != "Federated":
        return kind
    return "SAML" if ":saml-provider/" in text else "OIDC"
