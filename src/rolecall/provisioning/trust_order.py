"""In which order roles can be created: IAM refuses a trust policy that names a role it does not know.

"IAM JSON policy elements: Principal": on saving, IAM turns an ARN into the principal's unique id.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.chains import Chain, Role

__all__ = ["roles_in_order", "trusted_roles"]


def trusted_roles(chain: Chain, role: Role) -> frozenset[str]:
    """Names of the declared roles that a role's trust policy names as principals (itself perhaps)."""
    arns = {}
    for other in chain.roles.values():
        arns[chain.arn_of(other.name)] = other.name
        account = chain.accounts[other.account]
        arns[f"arn:{chain.partition}:sts::{account}:assumed-role/{other.aws_name}"] = other.name
    named: set[str] = set()
    for statement in role.trust.policy.statements:
        for kind, value in statement.principal.entries if statement.principal else ():
            if kind == "AWS":
                bare = value.rpartition("/")[0] if ":assumed-role/" in value else value
                named.update({arns[bare]} if bare in arns else ())
    return frozenset(named)


def roles_in_order(chain: Chain) -> tuple[tuple[Role, ...], frozenset[str]]:
    """The roles, each after those that it trusts where possible; and the names of those where it is not.

    The latter trust themselves or each other: they are created with a placeholder that trusts nobody
    and get their own trust policy once all roles exist.
    """
    trusts = {role.name: set(trusted_roles(chain, role)) for role in chain.roles.values()}
    late: set[str] = set()
    while True:
        try:
            order = tuple(TopologicalSorter(trusts).static_order())
            break
        except CycleError as error:
            found = error.args[1][0]
            late.add(found)
            trusts[found] = set()
    # The manifest's order wherever trust does not ask for another.
    rank: dict[str, int] = {}
    for name in order:
        rank[name] = max((rank[other] + 1 for other in trusts[name]), default=0)
    return tuple(sorted(chain.roles.values(), key=lambda role: rank[role.name])), frozenset(late)
