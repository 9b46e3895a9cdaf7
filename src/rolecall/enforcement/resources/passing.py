"""Handing a role to a service: iam:PassRole, on the role, with the service that gets it.

Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS service" (id_roles_use_passrole).
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.checks import Check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rolecall.enforcement.resources.rules import Ask

__all__ = ["pass_role", "pass_role_of_profile", "passed_roles"]

_READING = ("Describe", "Get", "List", "Search", "BatchGet", "Simulate", "Test")
_TAKING_BACK = ("Delete", "Remove", "Disassociate", "Deregister", "Cancel", "Reject", "Untag")
_NAMED = frozenset(("role", "servicerole", "jobrole", "executionrole", "loggingrole", "noderole"))
"""Parameters beside ``…RoleArn`` that hold a role, in lower case."""
_NO_PASSING = frozenset(("sts", "iam", "ram", "sso", "sso-admin", "signin", "accessanalyzer", "ec2"))
"""Services whose roles in parameters are not handed over, or that have rules of their own (EC2)."""


def passed_roles(ask: Ask) -> Iterator[Check]:
    """iam:PassRole for every role that a parameter of the call hands over, at any depth.

    Which service gets it is known for the services of ``passed_to_service.json``; elsewhere the key is
    unknown, and a decision that hangs on it is refused rather than guessed.
    """
    service, operation = ask.call.service, ask.call.operation
    if service in _NO_PASSING or operation.startswith(_READING):
        return
    # Deleting a stack with a role hands it over as well.
    if operation.startswith(_TAKING_BACK) and service != "cloudformation":
        return
    for name, role in dict.fromkeys(_roles(ask.call.params)):
        yield pass_role(ask, role, _gets(service, operation, name))


def _roles(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in params.items():
        if isinstance(value, dict):
            yield from _roles(value)
        elif isinstance(value, str):
            lowered = name.lower()
            if ":role/" in value and value.startswith("arn:"):
                if lowered.endswith("rolearn") or lowered in _NAMED:
                    yield name, value
            elif lowered == "role" and value and not value.startswith("arn:"):
                yield name, value
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    yield from _roles(item)


def _gets(service: str, operation: str, parameter: str) -> str | None:
    table = _table()
    own = table["operations"].get(service, {})
    if operation in own:
        return own[operation]  # type: ignore[no-any-return]
    known = table["services"].get(service, {})
    return known.get(parameter, known.get("*"))  # type: ignore[no-any-return]


@cache
def _table() -> dict[str, Any]:
    text = (
        files("rolecall.enforcement.resources").joinpath("passed_to_service.json").read_text(encoding="utf-8")
    )
    return json.loads(text)  # type: ignore[no-any-return]


def pass_role(ask: Ask, role: str, service: str | None) -> Check:
    """The check for passing a role, given by ARN or name, to a service principal (None: unknown)."""
    arn = role if role.startswith("arn:") else _arn_of(ask, role)
    if service is None:
        unknown = frozenset(("iam:passedtoservice",))
        return Check("iam:PassRole", arn, {}, ask.caller.account, unknown_keys=unknown)
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
