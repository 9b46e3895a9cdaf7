"""``assumers_of … exactly``: everybody who can get into a role, in one hop or many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.iam import Decision, Principal, PrincipalType, read_principal
from rolecall.verdicts.callers import ChainCaller, stranger_caller

if TYPE_CHECKING:
    from rolecall.chains import AssumersExpectation, Chain, Role
    from rolecall.verdicts.world import World

__all__ = ["assumers", "outsiders"]

_STRANGER = "999999999999"


def assumers(world: World, expectation: AssumersExpectation) -> tuple[bool, str, tuple[Decision, ...]]:
    """Whether exactly those can get in, in a sentence why, and the decisions that were made.

    Asked: every declared user, role and provider (with the hop that the manifest declares, else without
    parameters), the root user, an administrator of another account, everybody whom the trust policy
    names, an anonymous caller, AWS services and federated identities.
    """
    chain = world.chain
    role = chain.roles[expectation.role]
    entering, decisions = _direct(world, role)
    waiting = [name for name in entering if name in chain.roles]
    seen = {role.name}
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        more, further = _direct(world, chain.roles[name])
        decisions.extend(further)
        for found in more:
            if found not in entering:
                entering.append(found)
            if found in chain.roles:
                waiting.append(found)
    wanted = {_known_name(chain, entry) for entry in expectation.exactly}
    found_names = {name for name in entering if name != role.name}
    extra = sorted(found_names - wanted)
    absent = sorted(wanted - found_names)
    if not extra and not absent:
        names = ", ".join(sorted(wanted)) or "nobody"
        return True, f"of {len(decisions)} callers asked, exactly {names} can get in", tuple(decisions)
    parts = []
    if extra:
        parts.append(f"can get in as well: {', '.join(extra)}")
    if absent:
        parts.append(f"cannot get in: {', '.join(absent)}")
    return False, "; ".join(parts), tuple(decisions)


def _direct(world: World, role: Role) -> tuple[list[str], list[Decision]]:
    entering: list[str] = []
    decisions: list[Decision] = []
    for name, decision in _asked(world, role):
        decisions.append(decision)
        if decision.allowed and name not in entering:
            entering.append(name)
    return entering, sorted(decisions, key=lambda decision: not decision.allowed)


def _asked(world: World, role: Role) -> Iterator[tuple[str, Decision]]:
    chain = world.chain
    arn = chain.arn_of(role.name)
    for name in (*chain.users, *chain.roles):
        if name in chain.roles and chain.path_to(name) is None:
            continue
        caller = world.caller(name)
        declared = chain.hops_into(role.name, name)
        if declared:
            for hop in declared:
                yield name, world.hop(hop, caller).deciding
        else:
            yield name, world.ask(caller, "sts:AssumeRole", arn, resource_policy=role.trust.policy)
    for hop in chain.hops_into(role.name):
        if hop.frm in chain.providers:
            yield hop.frm, world.hop(hop, world.caller(hop.frm)).deciding
    declared_arns = {chain.arn_of(name) for name in (*chain.users, *chain.roles, *chain.providers)}
    for name, stranger in outsiders(chain, role):
        if stranger.principal.arn in declared_arns:
            continue
        action = "sts:AssumeRole"
        if stranger.principal.type is PrincipalType.FEDERATED_PROVIDER:
            saml = ":saml-provider/" in stranger.principal.arn
            action = "sts:AssumeRoleWithSAML" if saml else "sts:AssumeRoleWithWebIdentity"
        context = _best_context(role) if stranger.principal.type is PrincipalType.FEDERATED_PROVIDER else {}
        yield name, world.ask(stranger, action, arn, context, resource_policy=role.trust.policy)


def outsiders(chain: Chain, role: Role) -> tuple[tuple[str, ChainCaller], ...]:
    """Callers whom nobody declared: strangers with every permission, and whomever the trust names."""
    own = chain.accounts[role.account]
    found: dict[str, Principal] = {
        "the root user": read_principal(f"arn:aws:iam::{own}:root"),
        "anonymous": Principal(PrincipalType.ANONYMOUS, "anonymous"),
        "another account": read_principal(f"arn:aws:iam::{_STRANGER}:user/stranger"),
        "ec2.amazonaws.com": read_principal("ec2.amazonaws.com"),
        "lambda.amazonaws.com": read_principal("lambda.amazonaws.com"),
        "accounts.google.com": read_principal("accounts.google.com"),
    }
    for statement in role.trust.policy.statements:
        for kind, value in statement.principal.entries if statement.principal else ():
            for name, principal in _named(kind, value):
                if principal.account != own or kind in ("Service", "Federated"):
                    found.setdefault(name, principal)
    return tuple((name, stranger_caller(name, who)) for name, who in found.items())


def _named(kind: str, value: str) -> Iterator[tuple[str, Principal]]:
    if kind == "AWS" and value != "*":
        account = value if value.isdigit() else value.split(":")[4] if value.count(":") >= 5 else ""
        if value.isdigit() or value.endswith(":root"):
            yield account, read_principal(f"arn:aws:iam::{account}:user/stranger")
        elif value.startswith("arn:"):
            principal = read_principal(value)
            if principal.type is PrincipalType.ROLE:
                principal = replace(principal, role_arn=value)
            yield value, principal
    elif kind in ("Service", "Federated") and value != "*":
        yield value, read_principal(value)


def _best_context(role: Role) -> dict[str, str]:
    """Claims that would please a trust policy's own equality conditions."""
    context: dict[str, str] = {}
    for statement in role.trust.policy.statements:
        for condition in statement.conditions:
            if condition.values:
                context.setdefault(condition.key, condition.values[0].replace("*", "x"))
    return context


def _known_name(chain: Chain, entry: str) -> str:
    """An entry of ``exactly`` as this module calls it: an ARN of a declared principal is its name."""
    for name in (*chain.users, *chain.roles, *chain.providers):
        if entry in (name, chain.arn_of(name)):
            return name
    return entry
