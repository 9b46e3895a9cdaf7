"""A web identity provider trusted without its audience."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.callers import issuer_of
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["oidc_audience"]


@rule("oidc-audience")
def oidc_audience(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A web identity provider trusted without its audience."""
    if document.kind != "trust":
        return
    for statement in document.statements:
        if not statement.allows:
            continue
        for kind, principal in statement.principals:
            issuer = issuer_of(kind, principal.text)
            if issuer is None:
                continue
            names = {f"{issuer}:{claim}" for claim in _AUDIENCE.get(issuer, ("aud",))}
            if not names & statement.keys():
                message = f"{principal.where} trusts tokens of {issuer} for whatever audience"
                yield Remark(
                    "oidc-audience", principal.path, message, suggestion=f"require {sorted(names)[0]}"
                )


_AUDIENCE = {
    "graph.facebook.com": ("app_id",),
    "www.amazon.com": ("app_id",),
    "accounts.google.com": ("aud", "oaud", "azp"),
}
