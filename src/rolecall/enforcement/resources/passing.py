"""Handing a role to a service: iam:PassRole, on the role, with the service that gets it.

Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS service" (id_roles_use_passrole).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.checks import Check

if TYPE_CHECKING:
    from rolecall.enforcement.resources.rules import Ask

__all__ = ["pass_role", "pass_role_of_profile"]


def pass_role(ask: Ask, role: str, service: str) -> Check:
    """The check for passing a role, given its ARN or name, to a service principal."""
    arn = role if role.startswith("arn:") else _arn_of(ask, role)
    return Check("iam:PassRole", arn, {"iam:PassedToService": service}, ask.caller.account)


def pass_role_of_profile(ask: Ask, profile: str, service: str) -> list[Check]:
    """The checks for passing the roles of an instance profile, given its ARN or name."""
    name = profile.rpartition("/")[2]
    backend = ask.environment.iam(ask.caller.account)
    return [
        pass_role(ask, role.name, service)
        for found in backend.instance_profiles.values()
        if found.name == name
        for role in found.roles
    ]


def _arn_of(ask: Ask, name: str) -> str:
    for role in ask.environment.iam(ask.caller.account).roles.values():
        if role.name == name:
            return ask.arn("iam", f"role{role.path}{name}", region="")
    return ask.arn("iam", f"role/{name}", region="")
