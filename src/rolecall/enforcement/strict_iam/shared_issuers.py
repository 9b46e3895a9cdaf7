"""OIDC issuers that many customers share: a trust policy has to say which tenant it means.

Source: IAM User Guide, "Identity-provider controls for shared OIDC providers": IAM refuses to save a trust
policy that allows such an issuer without a condition on its tenant claim, or with one that consists of
wildcards only. The wording of the refusal is not documented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.strict_iam.documents import malformed
from rolecall.iam import Effect

if TYPE_CHECKING:
    from rolecall.iam import Condition, Policy, Statement

__all__ = ["check_shared_issuers"]

_COGNITO = "cognito-identity.amazonaws.com"
_TENANT_CLAIMS = {
    _COGNITO: "aud",
    "agent.buildkite.com": "sub",
    "app.terraform.io": "sub",
    "gitlab.com": "sub",
    "oidc.codefresh.io": "sub",
    "scalr.io": "sub",
    "token.actions.githubusercontent.com": "sub",
}
_OPERATORS = ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnLike", "ArnEquals")


def check_shared_issuers(policy: Policy) -> None:
    """Raise MalformedPolicyDocument for an Allow to a shared issuer that names no tenant."""
    for statement in policy.statements:
        if statement.effect is not Effect.ALLOW or statement.principal is None:
            continue
        for kind, value in statement.principal.entries:
            issuer = value.partition(":oidc-provider/")[2] or value
            claim = _TENANT_CLAIMS.get(issuer) if kind == "Federated" else None
            if claim is None or _names_tenant(statement, f"{issuer}:{claim}"):
                continue
            if issuer == _COGNITO and not statement.conditions:
                raise malformed("A condition block must be present for the Cognito provider")
            raise malformed(
                f"The trust policy must limit {issuer}:{claim} to your own tenant: the provider {issuer} is "
                "shared, and a condition with wildcards only does not limit it."
            )


def _names_tenant(statement: Statement, key: str) -> bool:
    return any(
        condition.key.lower() == key.lower() and _limits(condition) for condition in statement.conditions
    )


def _limits(condition: Condition) -> bool:
    operator = condition.operator.rpartition(":")[2]
    if operator not in _OPERATORS:
        return False
    return bool(condition.values) and all(value.strip("*?") for value in condition.values)
