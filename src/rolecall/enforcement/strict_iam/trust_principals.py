"""The principals of trust policies: refused when they do not exist, and bound to the unique id.

IAM saves the unique id of a user or role that a trust policy names, shows the ARN as long as it
exists, and the id afterwards; a user created again under that name is somebody else (IAM User Guide,
"AWS JSON policy elements: Principal"). Principals of accounts that the environment does not hold cannot
be checked and are accepted as they stand.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.strict_iam.accounts import is_known_account, known_accounts
from rolecall.enforcement.strict_iam.documents import malformed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.environment import Environment
    from rolecall.iam import Policy

__all__ = ["bind_trust", "check_trust_principals", "refresh_trust", "refresh_trusts"]

_ENTITY = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):(user|role)/(.+)")
_SESSION = re.compile(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/[^/]+")
_FEDERATED_USER = re.compile(r"arn:aws[a-z-]*:sts::\d{12}:federated-user/[^/]+")
_ROOT = re.compile(r"arn:(aws[a-z-]*):iam::\d{12}:root")
_UNIQUE_ID = re.compile(r"A(?:IDA|ROA)[A-Z0-9]+")
_SERVICE = re.compile(r"[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|aws\.internal|api\.aws)")
_PROVIDER = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(oidc|saml)-provider/.+|[a-z0-9-]+(\.[a-z0-9-]+)+")


def check_trust_principals(policy: Policy, environment: Environment) -> None:
    """Raise MalformedPolicyDocument for a principal that is none, or does not exist."""
    for statement in policy.statements:
        for kind, value in statement.principal.entries if statement.principal else ():
            if not _is_principal(kind, value, environment):
                shown = kind if kind == "AWS" else kind.upper()
                raise malformed(f'Invalid principal in policy: "{shown}":"{value}"')


def bind_trust(environment: Environment, role: Any) -> None:
    """Note the unique ids of the users and roles that a role's trust policy names, as IAM does on save.

    Ids that the document gives itself become the ARNs that they belong to. The ids are kept with
    moto's role.
    """
    data = _load(role)
    if data is None:
        role.trusted_ids = {}
        return
    ids = {value for value in _principals(data) if _UNIQUE_ID.fullmatch(value)}
    if ids:
        arns = {entity.id: entity.arn for entity in _all_entities(environment) if entity.id in ids}
        _rewrite(role, data, arns)
    found = {arn: _entity(environment, arn) for arn in _principals(data)}
    role.trusted_ids = {arn: entity.id for arn, entity in found.items() if entity is not None}


def refresh_trust(environment: Environment, role: Any) -> None:
    """Bring a role's trust policy up to date with what became of the principals that it names.

    An ARN whose user or role is gone becomes the unique id, which matches nobody; a renamed user's
    becomes the new ARN.
    """
    bound: dict[str, str] | None = getattr(role, "trusted_ids", None)
    if bound is None:
        # Saved by something else than an API call, by CloudFormation for instance.
        bind_trust(environment, role)
        return
    changed = {}
    for arn, unique_id in bound.items():
        current = _current_arn(environment, arn, unique_id)
        if current != arn:
            changed[arn] = current or unique_id
    if changed:
        data = _load(role)
        if data is not None:
            _rewrite(role, data, changed)
        role.trusted_ids = {
            changed.get(arn, arn): unique_id
            for arn, unique_id in bound.items()
            if changed.get(arn) != unique_id
        }


def refresh_trusts(environment: Environment) -> None:
    """``refresh_trust`` for every role of the environment."""
    for account in known_accounts(environment):
        for role in tuple(environment.iam(account).roles.values()):
            refresh_trust(environment, role)


def _is_principal(kind: str, value: str, environment: Environment) -> bool:
    if kind == "Service":
        return _SERVICE.fullmatch(value) is not None
    if kind == "Federated":
        return _PROVIDER.fullmatch(value) is not None
    if kind != "AWS":
        return False
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
    roles = backend.roles.values()
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
        return role.arn if role is not None else None
    user = backend.users.get(rest.rpartition("/")[2])
    if user is not None and user.id == unique_id:
        return str(user.arn)
    return next((user.arn for user in backend.users.values() if user.id == unique_id), None)


def _load(role: Any) -> dict[str, Any] | None:
    try:
        data = json.loads(role.assume_role_policy_document)
    except (TypeError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def _statements(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    raw = data.get("Statement")
    items = raw if isinstance(raw, list) else [raw]
    return [item for item in items if isinstance(item, dict)]


def _principals(data: Mapping[str, Any]) -> list[str]:
    """The values of ``"AWS"`` in the Principal elements."""
    found: list[str] = []
    for statement in _statements(data):
        principal = statement.get("Principal")
        values = principal.get("AWS", []) if isinstance(principal, dict) else []
        found.extend([values] if isinstance(values, str) else values)
    return found


def _rewrite(role: Any, data: dict[str, Any], changed: Mapping[str, str]) -> None:
    if not changed:
        return
    for statement in _statements(data):
        principal = statement.get("Principal")
        if not isinstance(principal, dict) or "AWS" not in principal:
            continue
        values = principal["AWS"]
        principal["AWS"] = (
            changed.get(values, values)
            if isinstance(values, str)
            else [changed.get(value, value) for value in values]
        )
    role.assume_role_policy_document = json.dumps(data)
