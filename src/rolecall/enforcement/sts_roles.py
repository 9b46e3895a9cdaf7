"""The role that a call names: found in moto by its ARN, with its trust policy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.documents import stored_policy
from rolecall.enforcement.strict_iam.accounts import is_known_account
from rolecall.enforcement.strict_iam.constraints import validation_error
from rolecall.enforcement.strict_iam.trust_principals import refresh_trust
from rolecall.iam import Policy

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment

__all__ = ["NOBODY", "NamedRole", "named_role"]

NOBODY = Policy(())
"""A trust policy that trusts nobody. A role that does not exist answers as if it had this one."""

_ARN = re.compile(r"arn:([a-z-]+):([a-z0-9-]+):[^:]*:([^:]*):(.+)", re.DOTALL)
_ROLE = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role(/(?:.*/)?)([^/]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class NamedRole:
    """The role of an ARN. ``stored`` is moto's Role, None where there is none."""

    arn: str
    account: str
    partition: str
    name: str
    path: str
    trust: Policy
    stored: Any = None

    @property
    def id(self) -> str:
        """The role's unique id (AROA…)."""
        return str(self.stored.id)

    @property
    def max_session_duration(self) -> int:
        """The longest session of this role, in seconds."""
        return int(self.stored.max_session_duration or 3600)

    @property
    def tags(self) -> dict[str, str]:
        """The role's own tags."""
        return {tag["Key"]: tag["Value"] for tag in self.stored.tags} if self.stored else {}


def named_role(environment: Environment, arn: str) -> NamedRole:
    """The role that ``arn`` names, whether it exists or not.

    Raises ValidationError for what is not an ARN. A role of another account or partition that this
    environment does not hold is like one that does not exist.
    """
    match = _ROLE.fullmatch(arn)
    if match is None:
        shape = _ARN.fullmatch(arn)
        if shape is None or not shape[1] or not shape[4]:
            raise validation_error(f"{arn} is invalid")
        return NamedRole(arn, shape[3], shape[1], shape[4].rpartition("/")[2], "/", NOBODY)
    partition, account, path, name = match.groups()
    role = None
    if partition == environment.partition and is_known_account(environment, account):
        candidates = environment.iam(account).roles.values()
        role = next((one for one in candidates if one.name == name and one.arn == arn), None)
        if role is not None:
            refresh_trust(environment, role)
    return NamedRole(arn, account, partition, name, path, _trust(role), role)


def _trust(role: Any) -> Policy:
    if role is None:
        return NOBODY
    return stored_policy(role.assume_role_policy_document, f"trust policy of {role.name}")
