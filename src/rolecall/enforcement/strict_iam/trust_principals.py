"""The principals of trust policies: refused when they do not exist, and bound to the unique id.

Sources: IAM User Guide, "AWS JSON policy elements: Principal"; the sentence about federated principals is in
terraform-aws-modules/terraform-aws-iam issue 202.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.strict_iam.accounts import known_accounts
from rolecall.enforcement.strict_iam.bound_principals import bind, exists, refresh
from rolecall.enforcement.strict_iam.documents import malformed

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment
    from rolecall.iam import Policy

__all__ = ["bind_trust", "check_trust_principals", "refresh_trust", "refresh_trusts"]

_SERVICE = re.compile(r"[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|aws\.internal|api\.aws)")
_PROVIDER = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(oidc|saml)-provider/.+|[a-z0-9-]+(\.[a-z0-9-]+)+")


def check_trust_principals(policy: Policy, environment: Environment) -> None:
    """Raise MalformedPolicyDocument for a principal that is none, or does not exist."""
    for statement in policy.statements:
        for kind, value in statement.principal.entries if statement.principal else ():
            if kind == "Federated" and _PROVIDER.fullmatch(value) is None:
                raise malformed("Federated principals must be valid domain names or SAML metadata ARNs")
            if not _is_principal(kind, value, environment):
                shown = kind if kind == "AWS" else kind.upper()
                raise malformed(f'Invalid principal in policy: "{shown}":"{value}"')


def bind_trust(environment: Environment, role: Any) -> None:
    """Note the unique ids of the users and roles that a role's trust policy names, as IAM does on save.

    The ids are kept with moto's role.
    """
    role.assume_role_policy_document, role.trusted_ids = bind(environment, role.assume_role_policy_document)


def refresh_trust(environment: Environment, role: Any) -> None:
    """Bring a role's trust policy up to date with what became of the principals that it names."""
    bound: dict[str, str] | None = getattr(role, "trusted_ids", None)
    if bound is None:
        # Saved by something else than an API call, by CloudFormation for instance.
        bind_trust(environment, role)
        return
    text = role.assume_role_policy_document
    role.assume_role_policy_document, role.trusted_ids = refresh(environment, text, bound)


def refresh_trusts(environment: Environment) -> None:
    """``refresh_trust`` for every role of the environment."""
    for account in known_accounts(environment):
        for role in tuple(environment.iam(account).roles.values()):
            refresh_trust(environment, role)


def _is_principal(kind: str, value: str, environment: Environment) -> bool:
    if kind == "Service":
        return _SERVICE.fullmatch(value) is not None
    if kind == "Federated":
        # Whether AWS looks for the provider on save is not known: the call is refused if it is not there.
        return True
    return kind == "AWS" and exists(value, environment)
