"""The policies of a caller and the facts of a principal, as moto's IAM state says at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.documents import stored_policy
from rolecall.iam.principals import PrincipalType
from rolecall.iam.request_context import PrincipalFacts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rolecall.enforcement.calls import Caller
    from rolecall.enforcement.environment import Environment
    from rolecall.iam.documents import Policy

__all__ = [
    "CallerPolicies",
    "attached_policies",
    "boundary_of",
    "policies_of",
    "principal_facts",
    "tags_of",
]


@dataclass(frozen=True, slots=True)
class CallerPolicies:
    """What hangs on a caller: identity policies, boundary and session policies."""

    identity: tuple[Policy, ...] = ()
    boundary: tuple[Policy, ...] | None = None
    session: tuple[Policy, ...] | None = None
    gone: bool = False
    """Whether the user or role was deleted: policies on resources may still name its sessions."""


def policies_of(environment: Environment, caller: Caller) -> CallerPolicies:
    """The policies that apply to a caller now. A user or role that is gone has none."""
    session = caller.session
    entity = _entity(environment, caller)
    if entity is None:
        gone = caller.principal.type in (PrincipalType.USER, PrincipalType.SESSION)
        return CallerPolicies(session=session.session_policies if session else None, gone=gone)
    identity = list(attached_policies(entity))
    if hasattr(entity, "access_keys"):
        backend = environment.iam(caller.account)
        for group in tuple(backend.groups.values()):
            if entity in group.users:
                identity.extend(attached_policies(group))
    boundary = boundary_of(environment, entity, caller.account)
    return CallerPolicies(tuple(identity), boundary, session.session_policies if session else None)


def attached_policies(entity: Any) -> Iterator[Policy]:
    """The managed and inline policies of moto's user, group or role object."""
    for arn, policy in tuple(entity.managed_policies.items()):
        yield stored_policy(_default_version(policy), arn)
    for name, document in tuple(entity.policies.items()):
        yield stored_policy(document, name)


def _default_version(policy: Any) -> str:
    for version in policy.versions:
        if version.version_id == policy.default_version_id:
            return str(version.document)
    return str(policy.versions[-1].document)


def boundary_of(environment: Environment, entity: Any, account: str) -> tuple[Policy, ...] | None:
    """The permissions boundary of moto's user or role object; None where none is set."""
    arn = getattr(entity, "permissions_boundary_arn", None)
    if not arn:
        return None
    policy = environment.managed_policy(account, arn)
    # A boundary that is gone allows nothing: it still limits.
    return (stored_policy(_default_version(policy), arn),) if policy is not None else (_NOTHING,)


def _entity(environment: Environment, caller: Caller) -> Any:
    """moto's object of the user or role whose permissions a caller has; None for root or when gone."""
    principal, backend = caller.principal, environment.iam(caller.account)
    match principal.type:
        case PrincipalType.USER:
            return _if_same(backend.users.get(principal.name), principal.unique_id)
        case PrincipalType.SESSION:
            session = caller.session
            arn = session.role_arn if session else principal.role_arn
            role_id = session.role_id if session else principal.unique_id
            name = arn.rpartition("/")[2] if arn else principal.name
            return _if_same(_role(backend, name), role_id)
        case PrincipalType.FEDERATED_USER if principal.issuer is not None:
            return backend.users.get(principal.issuer.rpartition("/")[2])
        case _:
            return None


def _if_same(entity: Any, unique_id: str | None) -> Any:
    if entity is None or (unique_id is not None and entity.id != unique_id.partition(":")[0]):
        return None
    return entity


def _role(backend: Any, name: str) -> Any:
    for role in tuple(backend.roles.values()):
        if role.name == name:
            return role
    return None


def tags_of(environment: Environment, entity: Any) -> dict[str, str]:
    """The IAM tags of moto's user or role object."""
    raw = getattr(entity, "tags", None) or ()
    items = raw.values() if hasattr(raw, "values") else raw
    return {tag["Key"]: tag["Value"] for tag in items}


def principal_facts(environment: Environment, caller: Caller) -> PrincipalFacts:
    """What conditions can learn of a caller."""
    session, organization = caller.session, environment.organization
    tags: dict[str, str] = {}
    if caller.principal.type in (PrincipalType.USER, PrincipalType.SESSION):
        entity = _entity(environment, caller)
        if entity is not None:
            tags = tags_of(environment, entity)
    if session is not None and session.tags:
        tags = _overlaid(tags, session.tags)
    path = organization.paths.get(caller.account) if organization else None
    return PrincipalFacts(
        principal=caller.principal,
        tags=tags,
        token_issued=session.issued if session else None,
        mfa_at=session.mfa_at if session else None,
        source_identity=session.source_identity if session else None,
        organization_id=organization.id if organization and path is not None else None,
        organization_path=path,
        federated_provider=session.federated_provider if session else None,
        federated_context=session.federated_context if session else {},
    )


def _overlaid(tags: Mapping[str, str], over: Mapping[str, str]) -> dict[str, str]:
    named = {name.lower() for name in over}
    return {**{name: value for name, value in tags.items() if name.lower() not in named}, **over}


def _nothing() -> Policy:
    from rolecall.iam.documents import Effect, Policy, Statement

    # "iam:None" is no action of any service.
    return Policy((Statement(0, Effect.ALLOW, ("iam:None",), resources=("*",)),), name="missing boundary")


_NOTHING = _nothing()
