"""Who calls, as the chain declares it: a principal with every policy that applies to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from rolecall.errors import InputError
from rolecall.iam import Policies, Policy, Principal, PrincipalType, parse_policy, read_principal
from rolecall.iam.request_context import PrincipalFacts

if TYPE_CHECKING:
    from rolecall.chains import Chain, Group, Hop, Role, User

__all__ = [
    "EVERYTHING",
    "ChainCaller",
    "ManagedPolicies",
    "organization_path",
    "provider_caller",
    "session_caller",
    "stranger_caller",
    "user_caller",
]

EVERYTHING = parse_policy(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
    name="every permission (assumed for outsiders)",
)
"""What a stranger is given, so that nothing but the other side can stop them."""

ManagedPolicies = Callable[[str], Policy | None]
"""The document of an AWS managed policy by its ARN; None where it is not known."""


@dataclass(frozen=True, slots=True)
class ChainCaller:
    """A caller of a chain. ``name`` is the manifest's; ``transitive_tags`` are handed on by a next hop."""

    name: str
    principal: Principal
    account: str
    policies: Policies
    facts: PrincipalFacts
    transitive_tags: Mapping[str, str] = field(default_factory=dict)
    has_mfa_device: bool = False


def user_caller(chain: Chain, user: User, managed: ManagedPolicies) -> ChainCaller:
    """A user with its access key."""
    identity = [*_attached(chain, user, managed)]
    for name in user.groups:
        identity.extend(_attached(chain, chain.groups[name], managed))
    principal = read_principal(chain.arn_of(user.name))
    return ChainCaller(
        user.name,
        principal,
        chain.accounts[user.account],
        Policies(
            identity=tuple(identity),
            boundary=_boundary(chain, user.boundary, managed),
            scps=_levels(chain, user.account),
        ),
        PrincipalFacts(
            principal,
            tags=user.tags,
            organization_id=_organization_id(chain, user.account),
            organization_path=organization_path(chain, chain.accounts[user.account]),
        ),
        has_mfa_device=user.mfa,
    )


def session_caller(
    chain: Chain, hop: Hop, before: ChainCaller, managed: ManagedPolicies, now: datetime
) -> ChainCaller:
    """The session that a hop makes: the role's policies, the hop's session policies and tags."""
    role = chain.roles[hop.assume]
    inherited = before.transitive_tags
    session_tags = {**inherited, **hop.tags}
    named = {key.lower() for key in session_tags}
    tags = {**{k: v for k, v in role.tags.items() if k.lower() not in named}, **session_tags}
    session_arn = read_principal(chain.session_arn(hop))
    principal = Principal(
        PrincipalType.SESSION,
        session_arn.arn,
        session_arn.account,
        session_arn.partition,
        session_arn.name,
        session=hop.session_name,
        role_arn=chain.arn_of(role.name),
    )
    session: list[Policy] = [hop.session_policy.policy] if hop.session_policy is not None else []
    session.extend(_managed(chain, ref, managed) for ref in hop.session_policy_arns)
    return ChainCaller(
        role.name,
        principal,
        chain.accounts[role.account],
        Policies(
            identity=tuple(_attached(chain, role, managed)),
            boundary=_boundary(chain, role.boundary, managed),
            session=tuple(session) or None,
            scps=_levels(chain, role.account),
        ),
        PrincipalFacts(
            principal,
            tags=tags,
            token_issued=now,
            source_identity=before.facts.source_identity or hop.source_identity,
            federated_provider=chain.arn_of(hop.frm) if hop.frm in chain.providers else None,
            organization_id=_organization_id(chain, role.account),
            organization_path=organization_path(chain, chain.accounts[role.account]),
        ),
        transitive_tags={
            **inherited,
            **{key: value for key, value in hop.tags.items() if key in hop.transitive_tags},
        },
    )


def provider_caller(chain: Chain, hop: Hop) -> ChainCaller:
    """Whoever holds a token of a federated provider: no policies of its own."""
    principal = read_principal(chain.arn_of(hop.frm))
    return ChainCaller(hop.frm, principal, chain.account_of(hop.frm), Policies(), PrincipalFacts(principal))


def stranger_caller(name: str, principal: Principal) -> ChainCaller:
    """Somebody whom the chain does not declare, with everything that their own side can give."""
    everything = Policies(identity=(EVERYTHING,))
    facts = PrincipalFacts(principal)
    return ChainCaller(name, principal, principal.account or "", everything, facts, has_mfa_device=True)


def organization_path(chain: Chain, account: str) -> str | None:
    """The path of an account id in the chain's organization; None for an outsider."""
    if chain.organization is None:
        return None
    paths = (chain.organization.path_of(alias) for alias, own in chain.accounts.items() if own == account)
    return next((path for path in paths if path is not None), None)


def _organization_id(chain: Chain, alias: str) -> str | None:
    organization = chain.organization
    return organization.id if organization is not None and alias in organization.accounts else None


def _attached(chain: Chain, holder: User | Group | Role, managed: ManagedPolicies) -> list[Policy]:
    attached = [_managed(chain, ref, managed) for ref in holder.policies]
    attached.extend(document.policy for document in holder.inline.values())
    return attached


def _boundary(chain: Chain, ref: str | None, managed: ManagedPolicies) -> tuple[Policy, ...] | None:
    return None if ref is None else (_managed(chain, ref, managed),)


def _managed(chain: Chain, ref: str, managed: ManagedPolicies) -> Policy:
    if ref in chain.policies:
        return chain.policies[ref].policy
    own = next((p for p in chain.policies.values() if chain.policy_arn(p.name) == ref), None)
    if own is not None:
        return own.policy
    found = managed(ref)
    if found is None:
        raise InputError(
            f'the policy "{ref}" is neither declared nor a known AWS managed policy',
            file=chain.file,
            hint="declare it under policies:, or check its ARN",
        )
    return found


def _levels(chain: Chain, account: str) -> tuple[tuple[Policy, ...], ...]:
    return tuple(tuple(document.policy for document in level) for level in chain.scps.get(account, ()))
