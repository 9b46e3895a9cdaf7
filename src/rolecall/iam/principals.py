"""Who calls: the principal of a request, read from its ARN.

Source: IAM User Guide, "AWS JSON policy elements: Principal" (reference_policies_elements_principal)
and "Policy variables" (the principal table).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from rolecall.errors import InputError

__all__ = ["Principal", "PrincipalType", "read_principal"]

_ARN = re.compile(
    r"^arn:(?P<partition>aws[a-z-]*):(?P<service>iam|sts)::(?P<account>\d{12}):(?P<rest>.+)$", re.DOTALL
)
_SERVICE = re.compile(r"^[a-z0-9.-]+\.(amazonaws\.com|amazonaws\.com\.cn|aws\.internal|api\.aws)$")
_WEB_PROVIDERS = (
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
)


class PrincipalType(StrEnum):
    """The kinds of caller that policies can tell apart."""

    USER = "user"
    ROLE = "role"
    SESSION = "session"
    FEDERATED_USER = "federated-user"
    ROOT = "root"
    SERVICE = "service"
    FEDERATED_PROVIDER = "federated-provider"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller.

    ``arn`` is what AWS prints in messages. ``name`` is the user's, role's or federated user's name
    without path, ``session`` the session name of a role session. ``path`` is the role's or user's path
    where the ARN tells it. ``role_arn`` is the role of a session when more is known than the session ARN
    tells (its path). ``issuer`` is the ARN of the user that made a federated session.
    ``unique_id`` is AIDA… or AROA… where known, ``canonical_user`` the account's canonical id.
    """

    type: PrincipalType
    arn: str
    account: str | None = None
    partition: str = "aws"
    name: str = ""
    path: str = "/"
    session: str | None = None
    role_arn: str | None = None
    issuer: str | None = None
    unique_id: str | None = None
    canonical_user: str | None = None

    @property
    def is_service_linked(self) -> bool:
        """Whether this is a service-linked role, which SCPs and RCPs leave alone."""
        if self.type not in (PrincipalType.ROLE, PrincipalType.SESSION):
            return False
        if ":role/aws-service-role/" in (self.role_arn or self.arn):
            return True
        return self.role_arn is None and self.name.startswith("AWSServiceRoleFor")


def read_principal(text: str) -> Principal:
    """The principal that a request's ``principal`` field names.

    In: a user, role, role-session, federated-user or root ARN, a service principal, a federated
    provider, or ``"anonymous"`` (``"*"`` too). Raises InputError for anything else.
    """
    if text in ("anonymous", "*"):
        return Principal(PrincipalType.ANONYMOUS, "anonymous")
    match = _ARN.match(text)
    if match is None:
        if text in _WEB_PROVIDERS:
            return Principal(PrincipalType.FEDERATED_PROVIDER, text, name=text)
        if _SERVICE.match(text):
            return Principal(PrincipalType.SERVICE, text, name=text)
        if re.fullmatch(r"\d{12}", text):
            return Principal(PrincipalType.ROOT, f"arn:aws:iam::{text}:root", text)
        raise InputError(
            f'"{text}" is not a principal',
            hint="a user, assumed-role, federated-user or root ARN, a service principal, or anonymous",
        )
    partition, service, account, rest = match.group("partition", "service", "account", "rest")
    kind, _, tail = rest.partition("/")
    if service == "iam" and rest == "root":
        return Principal(PrincipalType.ROOT, text, account, partition)
    if service == "iam" and kind in ("user", "role") and tail:
        path, _, name = tail.rpartition("/")
        return Principal(
            PrincipalType(kind),
            text,
            account,
            partition,
            name,
            f"/{path}/" if path else "/",
            role_arn=text if kind == "role" else None,
        )
    if service == "iam" and kind in ("oidc-provider", "saml-provider") and tail:
        return Principal(PrincipalType.FEDERATED_PROVIDER, text, account, partition, tail)
    if service == "sts" and kind == "assumed-role" and "/" in tail:
        role, _, session = tail.rpartition("/")
        return Principal(
            PrincipalType.SESSION, text, account, partition, role.rpartition("/")[2], session=session
        )
    if service == "sts" and kind == "federated-user" and tail:
        return Principal(PrincipalType.FEDERATED_USER, text, account, partition, tail)
    raise InputError(
        f'"{text}" is not a principal that can make a request',
        hint="user/NAME, role/NAME, root, assumed-role/ROLE/SESSION or federated-user/NAME",
    )
