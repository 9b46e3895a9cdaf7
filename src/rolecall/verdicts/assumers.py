"""``assumers_of … exactly``: everybody who can get into a role, in one hop or many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rolecall.chains import Hop
from rolecall.iam import Decision, PrincipalType, read_principal
from rolecall.probes import chosen_hops
from rolecall.verdicts.callers import ChainCaller, session_caller, stranger_caller
from rolecall.verdicts.outsiders import outsiders
from rolecall.verdicts.whereabouts import turns_with

if TYPE_CHECKING:
    from rolecall.chains import AssumersExpectation, Chain, Role
    from rolecall.verdicts.world import HopDecision, World

__all__ = ["assumers"]

_MOST_WAYS = 5


def assumers(world: World, expectation: AssumersExpectation) -> tuple[bool, str, tuple[Decision, ...]]:
    """Whether exactly those can get in, in a sentence why, and the decisions that were made.

    Asked: every declared user, role and provider, with the hop that the manifest declares and with those
    that they would try, and the outsiders. Of a promise that is not kept, the decisions on those whom the
    sentence names come first: who gets in against it, then who does not by the hop that is declared.
    """
    chain = world.chain
    role = chain.roles[expectation.role]
    wanted = {_known_name(chain, entry) for entry in expectation.exactly}
    entering, asked = _direct(world, role, wanted)
    ways = dict(entering)
    waiting = [name for name in ways if name in chain.roles]
    seen = {role.name}
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        more, further = _direct(world, chain.roles[name], wanted)
        asked.extend(further)
        for found, way in more.items():
            ways.setdefault(found, f"over {name} {way}".rstrip())
            if found in chain.roles:
                waiting.append(found)
    found_names = {name for name in ways if name != role.name}
    extra = sorted(found_names - wanted)
    absent = sorted(wanted - found_names)
    if not extra and not absent:
        names = ", ".join(sorted(wanted)) or "nobody"
        said = f"of {len(asked)} callers asked, exactly {names} can get in"
        return True, said, tuple(one.decision for one in asked)
    parts = []
    if extra:
        parts.append(f"can get in as well: {', '.join(extra)}{_shown_ways(extra, ways)}")
    if absent:
        parts.append(f"cannot get in: {', '.join(absent)}")

    def telling(one: _Asked) -> int:
        if one.name in extra and _may_enter(one.decision):
            return 0
        return 3 if one.name not in absent else 1 if one.declared else 2

    return False, "; ".join(parts), tuple(one.decision for one in sorted(asked, key=telling))


@dataclass(frozen=True, slots=True)
class _Asked:
    """The decision on a caller. ``declared``: whether the manifest has a hop of theirs into the role."""

    name: str
    declared: bool
    decision: Decision


def _shown_ways(names: Iterable[str], ways: Mapping[str, str]) -> str:
    """How those get in who need more than to ask: a call without it is refused, and shown beside this."""
    told = [f"{name} {ways[name]}" for name in names if ways[name]]
    more = [f"{len(told) - _MOST_WAYS} more"] if len(told) > _MOST_WAYS else []
    return f" ({', '.join((*told[:_MOST_WAYS], *more))})" if told else ""


def _direct(world: World, role: Role, wanted: set[str]) -> tuple[dict[str, str], list[_Asked]]:
    """Who gets in, each with what it needs for that, and the decisions."""
    entering: dict[str, str] = {}
    asked: list[_Asked] = []
    for name, decision, way in _asked(world, role, wanted):
        asked.append(_Asked(name, bool(world.chain.hops_into(role.name, name)), decision))
        if _may_enter(decision):
            place = turns_with(decision) if not decision.allowed else ""
            needs = f"{way} with another {place}".lstrip() if place else way
            entering.setdefault(name, needs)
    return entering, sorted(asked, key=lambda one: not one.decision.allowed)


def _may_enter(decision: Decision) -> bool:
    """Whether the caller gets in, if need be from another place than this one."""
    return decision.allowed or bool(turns_with(decision))


def _asked(world: World, role: Role, wanted: set[str]) -> Iterator[tuple[str, Decision, str]]:
    chain = world.chain
    arn = chain.arn_of(role.name)
    for name in (*chain.users, *chain.roles):
        if name == role.name and chain.path_to(name) is None:
            continue
        caller = world.caller(name) if name in chain.users or chain.path_to(name) else _unreached(world, name)
        declared = chain.hops_into(role.name, name)
        tried = chosen_hops(
            role, name, username=caller.principal.name or "", insider=True, mfa=caller.has_mfa_device
        )
        # Whoever is expected comes by the declared hop; others come as they can.
        hops = declared if declared and name in wanted else (*declared, *tried)
        best = _best(world, caller, hops)
        way = _brought(best.hop) if best.hop not in declared else ""
        if name in chain.roles and not chain.path_to(name):
            way = f"in a session that no declared hop starts {way}".rstrip()
        yield name, best.deciding, way
    for hop in chain.hops_into(role.name):
        if hop.frm in chain.providers:
            yield hop.frm, world.hop(hop, world.caller(hop.frm)).deciding, ""
    declared_arns = {chain.arn_of(name) for name in (*chain.users, *chain.roles, *chain.providers)}
    # An external id is no secret ("Access to AWS accounts owned by third parties", IAM User Guide). Of an
    # account whose principals are declared, those were given it; of others, whoever comes.
    given_ids = {
        *(chain.accounts[user.account] for user in chain.users.values()),
        *(chain.accounts[declared.account] for declared in chain.roles.values()),
    }
    for name, stranger in outsiders(chain, role, world.now):
        if stranger.principal.arn in declared_arns:
            continue
        if stranger.principal.type is PrincipalType.FEDERATED_PROVIDER:
            saml = ":saml-provider/" in stranger.principal.arn
            action = "sts:AssumeRoleWithSAML" if saml else "sts:AssumeRoleWithWebIdentity"
            claims = _best_context(role)
            yield name, world.ask(stranger, action, arn, claims, resource_policy=role.trust.policy), ""
        else:
            user = stranger.principal.name if stranger.principal.type is PrincipalType.USER else ""
            has_mfa = bool(user) and stranger.has_mfa_device
            told = stranger.principal.account not in given_ids
            tried = chosen_hops(role, stranger.name, username=user, insider=told, mfa=has_mfa)
            best = _best(world, stranger, tried)
            yield name, best.deciding, _brought(best.hop)


def _best(world: World, caller: ChainCaller, hops: Iterable[Hop]) -> HopDecision:
    """The first hop that works, if need be from elsewhere, else the first of all."""
    decided = [world.hop(hop, caller) for hop in hops]
    works = next((one for one in decided if one.allowed), None)
    elsewhere = (one for one in decided if all(map(_may_enter, one.decisions)))
    return works or next(elsewhere, decided[0])


def _brought(hop: Hop) -> str:
    """What a caller chooses to please a trust policy, in words; empty for a hop without parameters."""
    parts = ["the external id"] if hop.external_id else []
    if not hop.session_name.startswith("rolecall"):
        parts.append(f"session name {hop.session_name}")
    if hop.source_identity:
        parts.append(f"source identity {hop.source_identity}")
    parts.extend(["its MFA device"] if hop.mfa else [])
    parts.extend(f"tag {key}={value}" for key, value in hop.tags.items())
    return f"with {' and '.join(parts)}" if parts else ""


def _unreached(world: World, name: str) -> ChainCaller:
    """A session of a role that no declared hop leads to: whoever starts it, a service for one."""
    role = world.chain.roles[name]
    starter = stranger_caller(name, read_principal("ec2.amazonaws.com"))
    return session_caller(world.chain, Hop(name, role.name, "rolecall"), starter, world.managed, world.now)


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
