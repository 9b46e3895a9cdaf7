"""A shared identity provider that is trusted whoever of its tenants asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rolecall.iam.findings import Remark, Severity
from rolecall.iam.lint.callers import issuer_of
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import At, PolicySubject
from rolecall.iam.wildcards import has_wildcard

__all__ = ["oidc_subject"]

_TENANT_CLAIM = {
    "token.actions.githubusercontent.com": "sub",
    "gitlab.com": "sub",
    "app.terraform.io": "sub",
    "agent.buildkite.com": "sub",
    "oidc.codefresh.io": "sub",
    "cognito-identity.amazonaws.com": "aud",
}


@rule("oidc-subject")
def oidc_subject(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A shared identity provider that is trusted whoever of its tenants asks."""
    if document.kind != "trust":
        return
    for statement in document.statements:
        if not statement.allows:
            continue
        for kind, principal in statement.principals:
            issuer = issuer_of(kind, principal.text)
            claim = _TENANT_CLAIM.get(issuer or "")
            if issuer is None or claim is None:
                continue
            key = f"{issuer}:{claim}"
            wanted = [
                one for one in statement.conditions if one.key.lower() == key and not one.operator.negated
            ]
            wanted = [one for one in wanted if one.operator.family == "String" and not one.operator.if_exists]
            if not wanted:
                message = f"{principal.where} trusts every tenant of {issuer}; IAM refuses it without {key}"
                yield Remark("oidc-subject", principal.path, message, suggestion=f"require {key}")
            for condition in wanted:
                for value in condition.values:
                    yield from _too_wide(issuer, value, condition.operator.comparison == "like")


def _too_wide(issuer: str, value: At, like: bool) -> Iterator[Remark]:
    if not like:
        return
    if value.text.strip("*?") == "":
        yield Remark(
            "oidc-subject", value.path, f'{value.where} "{value.text}" lets every tenant of {issuer} in'
        )
    elif issuer.startswith("token.actions."):
        owner = value.text.removeprefix("repo:").split("/")[0]
        if has_wildcard(owner):
            message = f'{value.where} "{value.text}" lets every repository of GitHub in'
            yield Remark("oidc-subject", value.path, message, Severity.SECURITY, "name owner and repository")
        elif re.fullmatch(r"repo:[^/]+/\*.*", value.text):
            message = f'{value.where} "{value.text}" lets every repository of {owner} in'
            yield Remark("oidc-subject", value.path, message, Severity.SUGGESTION, "name the repository")
