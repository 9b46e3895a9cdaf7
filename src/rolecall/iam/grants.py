"""How a Principal element names a caller, and so how far its grant reaches.

Sources: IAM User Guide, "AWS JSON policy elements: Principal", "NotPrincipal", and "Determining whether a
request is allowed or denied within an account" (the table of principal forms).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING

from rolecall.iam.principals import Principal, PrincipalType

if TYPE_CHECKING:
    from rolecall.iam.documents import PrincipalElement
    from rolecall.iam.requests import NormalValue

__all__ = ["CompiledPrincipal", "Grant"]

_ROOT = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):root")
_ROLE = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/(?:.+/)?([^/]+)")
_ACCOUNT = re.compile(r"\d{12}")
_UNIQUE_ID = re.compile(r"A(?:IDA|ROA)[A-Z0-9]+")


class Grant(IntEnum):
    """How directly a principal is named; a stronger grant needs fewer other policies."""

    NONE = 0
    ACCOUNT = 1
    """By its account: a delegation, the caller's own policies must allow too."""
    ENTITY = 2
    """By the role behind its session, or the user behind its federated session."""
    DIRECT = 3
    """By itself, or as anybody."""


class CompiledPrincipal:
    """A Principal or NotPrincipal element made ready."""

    __slots__ = (
        "accounts",
        "anyone",
        "arns",
        "canonical",
        "ids",
        "negated",
        "providers",
        "roles",
        "services",
    )

    def __init__(self, element: PrincipalElement) -> None:
        self.negated = element.negated
        self.anyone = False
        self.accounts: set[str] = set()
        self.arns: set[str] = set()
        self.roles: set[tuple[str, str, str]] = set()
        self.ids: set[str] = set()
        self.services: set[str] = set()
        self.providers: set[str] = set()
        self.canonical: set[str] = set()
        for kind, value in element.entries:
            if kind == "Service":
                self.services.add(value)
            elif kind == "Federated":
                self.providers.add(value)
            elif kind == "CanonicalUser":
                self.canonical.add(value)
            elif value == "*":
                self.anyone = True
            elif _ACCOUNT.fullmatch(value):
                self.accounts.add(value)
            elif root := _ROOT.fullmatch(value):
                self.accounts.add(root[2])
            elif role := _ROLE.fullmatch(value):
                self.roles.add((role[1], role[2], role[3]))
            elif _UNIQUE_ID.fullmatch(value):
                self.ids.add(value)
            else:
                self.arns.add(value)

    def grants(self, caller: Principal, context: Mapping[str, NormalValue]) -> Grant:
        """How a Principal element names the caller."""
        if self.anyone and caller.type is not PrincipalType.FEDERATED_PROVIDER:
            return Grant.DIRECT
        named = self._named(caller, context)
        if named is not Grant.NONE:
            return named
        return Grant.ACCOUNT if caller.account in self.accounts and _has_account(caller) else Grant.NONE

    def spares(self, caller: Principal, context: Mapping[str, NormalValue], *, has_boundary: bool) -> bool:
        """Whether a NotPrincipal element leaves the caller out.

        A user is spared when the list holds the user and the account; a role session when it holds the
        session, the role and the account. A principal with a permissions boundary is never spared.
        """
        if self.anyone:
            return True
        if has_boundary:
            return False
        if caller.type is PrincipalType.ROOT:
            return caller.account in self.accounts
        if caller.type in (PrincipalType.SERVICE, PrincipalType.FEDERATED_PROVIDER, PrincipalType.ANONYMOUS):
            return self._named(caller, context) is Grant.DIRECT
        if caller.account not in self.accounts:
            return False
        if caller.type is PrincipalType.SESSION:
            return caller.arn in self.arns and self._names_role(caller, context)
        if caller.type is PrincipalType.ROLE:
            return self._names_role(caller, context)
        return self._named(caller, context) is Grant.DIRECT

    def _named(self, caller: Principal, context: Mapping[str, NormalValue]) -> Grant:
        kind = caller.type
        if kind is PrincipalType.SERVICE:
            return Grant.DIRECT if caller.name in self.services or "*" in self.services else Grant.NONE
        if kind is PrincipalType.FEDERATED_PROVIDER:
            return Grant.DIRECT if caller.arn in self.providers or "*" in self.providers else Grant.NONE
        if caller.canonical_user is not None and caller.canonical_user in self.canonical:
            return Grant.ACCOUNT
        if caller.arn in self.arns:
            return Grant.DIRECT
        if kind is PrincipalType.USER and self.ids and _unique_id(caller, context) in self.ids:
            return Grant.DIRECT
        if kind in (PrincipalType.SESSION, PrincipalType.ROLE) and self._names_role(caller, context):
            return Grant.ENTITY
        if kind is PrincipalType.FEDERATED_USER and caller.issuer is not None and caller.issuer in self.arns:
            return Grant.ENTITY
        return Grant.NONE

    def _names_role(self, caller: Principal, context: Mapping[str, NormalValue]) -> bool:
        if (caller.partition, caller.account, caller.name) in self.roles:
            return True
        return bool(self.ids) and _unique_id(caller, context) in self.ids


def _has_account(caller: Principal) -> bool:
    return caller.type not in (
        PrincipalType.SERVICE,
        PrincipalType.FEDERATED_PROVIDER,
        PrincipalType.ANONYMOUS,
    )


def _unique_id(caller: Principal, context: Mapping[str, NormalValue]) -> str | None:
    if caller.unique_id is not None:
        return caller.unique_id
    userid = context.get("aws:userid")
    return userid.partition(":")[0] if isinstance(userid, str) else None
