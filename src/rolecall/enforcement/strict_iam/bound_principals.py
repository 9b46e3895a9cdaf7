"""The users and roles that a policy names: whether they exist, and the unique ids behind their ARNs.

IAM saves the unique id of a user or role that a policy names as its principal, shows the ARN as long as
it exists, and the id afterwards; a user created again under that name is somebody else (IAM User Guide,
"AWS JSON policy elements: Principal"; re:Post, "Why is there an unknown principal format in my IAM
resource-based policy?").
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.strict_iam.accounts import is_known_account, known_accounts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rolecall.enforcement.environment import Environment

__all__ = ["bind", "exists", "refresh"]

_ENTITY = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):(user|role)/(.+)")
_SESSION = re.compile(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/[^/]+")
_FEDERATED_USER = re.compile(r"arn:aws[a-z-]*:sts::\d{12}:federated-user/[^/]+")
_ROOT = re.compile(r"arn:(aws[a-z-]*):iam::\d{12}:root")
_UNIQUE_ID = re.compile(r"A(?:IDA|ROA)[A-Z0-9]+")


def exists(value: str, environment: Environment) -> bool:
    """Whether a value of ``"AWS"`` in a Principal element is one that AWS saves.

    Principals of accounts that the environment does not hold cannot be checked and are taken as they stand.
    """
    if value == "*" or re.fullmatch(r"\d{12}", value):
        return True
    root = _ROOT.fullmatch(value)
    if root:
        return root[1] == environment.partition
    if _UNIQUE_ID.fullmatch(value):
        return any(entity.id == value for entity in _all_entities(environment))
    if "*" in value or "?" in value:
        return False
    entity = _ENTITY.fullmatch(value)
    if entity:
        partition, account, _, _ = entity.groups()
        if partition != environment.partition:
            return False
        return not is_known_account(environment, account) or _entity(environment, value) is not None
    session = _SESSION.fullmatch(value)
    if session:
        partition, account, name = session.groups()
        if partition != environment.partition:
            return False
        return not is_known_account(environment, account) or any(
            role.name == name for role in environment.iam(account).roles.values()
        )
    return _FEDERATED_USER.fullmatch(value) is not None


def bind(environment: Environment, text: str) -> tuple[str, dict[str, str]]:
    """A document as it is saved, and the unique ids of the users and roles that it names, by ARN.

    Ids that the document gives itself become the ARNs that they belong to.
    """
    data = _load(text)
    if data is None:
        return text, {}
    ids = {value for value in _principals(data) if _UNIQUE_ID.fullmatch(value)}
    if ids:
        arns = {entity.id: str(entity.arn) for entity in _all_entities(environment) if entity.id in ids}
        text = _rewritten(text, data, arns)
    found = {arn: _entity(environment, arn) for arn in _principals(data)}
    return text, {arn: str(entity.id) for arn, entity in found.items() if entity is not None}


def refresh(environment: Environment, text: str, bound: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """A document and its ids, brought up to date with what became of the principals.

    An ARN whose user or role is gone becomes the unique id, which matches nobody; a renamed user's
    becomes the new ARN.
    """
    changed = {}
    for arn, unique_id in bound.items():
        current = _current_arn(environment, arn, unique_id)
        if current != arn:
            changed[arn] = current or unique_id
    if not changed:
        return text, dict(bound)
    data = _load(text)
    if data is not None:
        text = _rewritten(text, data, changed)
    return text, {
        changed.get(arn, arn): unique_id for arn, unique_id in bound.items() if changed.get(arn) != unique_id
    }


def _entity(environment: Environment, arn: str) -> Any:
    match = _ENTITY.fullmatch(arn)
    if match is None:
        return None
    _, account, kind, rest = match.groups()
    if not is_known_account(environment, account):
        return None
    name = rest.rpartition("/")[2]
    backend = environment.iam(account)
    if kind == "user":
        user = backend.users.get(name)
        return user if user is not None and user.arn == arn else None
    roles = tuple(backend.roles.values())
    return next((role for role in roles if role.name == name and role.arn == arn), None)


def _all_entities(environment: Environment) -> list[Any]:
    return [
        entity
        for account in known_accounts(environment)
        for backend in (environment.iam(account),)
        for entity in (*backend.users.values(), *backend.roles.values())
    ]


def _current_arn(environment: Environment, arn: str, unique_id: str) -> str | None:
    match = _ENTITY.fullmatch(arn)
    if match is None:
        return arn
    _, account, kind, rest = match.groups()
    backend = environment.iam(account)
    if kind == "role":
        role = backend.roles.get(unique_id)
        return str(role.arn) if role is not None else None
    user = backend.users.get(rest.rpartition("/")[2])
    if user is not None and user.id == unique_id:
        return str(user.arn)
    users = tuple(backend.users.values())
    return next((str(user.arn) for user in users if user.id == unique_id), None)


def _load(text: str) -> dict[str, Any] | None:
    try:
        data = json.loads(text)
    except (TypeError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def _elements(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The Principal and NotPrincipal elements that name principals of AWS accounts."""
    raw = data.get("Statement")
    for statement in raw if isinstance(raw, list) else [raw]:
        if not isinstance(statement, dict):
            continue
        for name in ("Principal", "NotPrincipal"):
            element = statement.get(name)
            if isinstance(element, dict) and "AWS" in element:
                yield element


def _principals(data: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for element in _elements(data):
        values = element["AWS"]
        found.extend([values] if isinstance(values, str) else values)
    return [value for value in found if isinstance(value, str)]


def _rewritten(text: str, data: dict[str, Any], changed: Mapping[str, str]) -> str:
    if not changed:
        return text
    for element in _elements(data):
        values = element["AWS"]
        element["AWS"] = (
            changed.get(values, values)
            if isinstance(values, str)
            else [changed.get(value, value) for value in values]
        )
    return json.dumps(data)
