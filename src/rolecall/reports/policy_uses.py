"""Every policy document of a chain, with the use that is made of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.chains import Chain
    from rolecall.iam import Policy
    from rolecall.iam.schemas import StoredAs
    from rolecall.reports.evidence import PolicyKind

__all__ = ["PolicyUse", "policy_uses"]


@dataclass(frozen=True, slots=True)
class PolicyUse:
    """A document, the kind that it is used as, how IAM stores it, and the id of the account it lives in.

    ``own_accounts`` are the declared accounts of that account's organization: only of those the manifest says
    that they have one owner.
    """

    policy: Policy
    kind: PolicyKind
    account: str
    stored_as: StoredAs | None = None
    own_accounts: frozenset[str] = frozenset()


def policy_uses(chain: Chain) -> Iterator[PolicyUse]:
    """Each use of each document, in the manifest's order; a document that is used twice comes twice."""
    users, roles, groups = chain.users.values(), chain.roles.values(), chain.groups.values()
    boundaries = {user.boundary for user in users} | {role.boundary for role in roles}
    lists = [user.policies for user in users] + [role.policies for role in roles]
    attached = {name for names in (*lists, *(group.policies for group in groups)) for name in names}
    for policy in chain.policies.values():
        account = chain.accounts[policy.account]
        if policy.name in boundaries:
            yield PolicyUse(policy.policy, "boundary", account, "managed")
        if policy.name in attached or policy.name not in boundaries:
            yield PolicyUse(policy.policy, "identity", account, "managed")
    for user in chain.users.values():
        for document in user.inline.values():
            yield PolicyUse(document.policy, "identity", chain.accounts[user.account], "user-inline")
    for group in chain.groups.values():
        for document in group.inline.values():
            yield PolicyUse(document.policy, "identity", chain.accounts[group.account], "group-inline")
    for role in chain.roles.values():
        account = chain.accounts[role.account]
        yield PolicyUse(role.trust.policy, "trust", account, own_accounts=_siblings(chain, role.account))
        for document in role.inline.values():
            yield PolicyUse(document.policy, "identity", account, "role-inline")
    for hop in chain.hops:
        if hop.session_policy is not None:
            yield PolicyUse(hop.session_policy.policy, "session", chain.account_of(hop.assume))
    for alias, levels in chain.scps.items():
        for document in (one for level in levels for one in level):
            yield PolicyUse(document.policy, "scp", chain.accounts[alias])
    for alias, levels in chain.rcps.items():
        for document in (one for level in levels for one in level):
            yield PolicyUse(document.policy, "rcp", chain.accounts[alias])
    for resource in chain.resources:
        if resource.policy is not None:
            yield PolicyUse(resource.policy.policy, "resource", chain.accounts[resource.account])


def _siblings(chain: Chain, alias: str) -> frozenset[str]:
    members = chain.organization.accounts if chain.organization is not None else ()
    return frozenset(chain.accounts[one] for one in members) if alias in members else frozenset()
