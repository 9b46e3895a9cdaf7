"""``only``: over every known action, a principal may do exactly what is listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rolecall.chains import resource_arn
from rolecall.iam import Effect, Reach, closure
from rolecall.iam.action_sets import ActionUniverse
from rolecall.iam.call_rules import ALWAYS_PERMITTED
from rolecall.iam.request_context import principal_context
from rolecall.iam.witnesses import witnesses

if TYPE_CHECKING:
    from rolecall.chains import Chain, OnlyExpectation, Resource
    from rolecall.iam.catalog import Catalog
    from rolecall.verdicts.callers import ChainCaller
    from rolecall.verdicts.world import World

__all__ = ["allowed_somewhere", "only", "reach_of"]

_SETTLED = (
    "aws:principaltag/", "aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid",
    "aws:username", "aws:principalorgid", "aws:principalorgpaths", "aws:principalisawsservice",
    "aws:viaawsservice", "aws:federatedprovider", "aws:assumedroot",
)  # fmt: skip
_SETTLED_FOR_SESSIONS = (
    "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime", "aws:sourceidentity",
)  # fmt: skip


def only(world: World, expectation: OnlyExpectation, catalog: Catalog) -> tuple[bool, str, int]:
    """Whether the promise holds, in a sentence why, and how many actions were asked about."""
    caller = world.caller(expectation.as_, expectation.frm)
    universe = catalog.universe
    reach = reach_of(world, caller, universe, expectation.when)
    listed = {universe.names[n] for n in universe.members(universe.mask(expectation.actions))}
    listed = {name for name in listed if name.lower() not in ALWAYS_PERMITTED}
    allowed = {found.action: found for found in reach}
    beyond = [found for name, found in allowed.items() if name not in listed]
    lacking = sorted(listed - allowed.keys())
    asked = len(universe.names)
    if not beyond and not lacking:
        said = ", ".join(expectation.actions) or "nothing"
        return True, f"of {asked} known actions, exactly {said} is allowed", asked
    parts: list[str] = []
    if beyond:
        parts.append(f"{_count(len(beyond))} beyond the list allowed: {_grouped(beyond, catalog)}")
    if lacking:
        parts.append(f"listed but not allowed: {_some(lacking)}")
    return False, "; ".join(parts), asked


def reach_of(
    world: World, caller: ChainCaller, universe: ActionUniverse, when: object = None
) -> tuple[Reach, ...]:
    """Everything a caller may do by its own policies, or because a role trusts it by name or a policy on a
    seeded resource gives it.
    """
    context = principal_context(caller.facts, world.now)
    context["aws:RequestedRegion"] = world.chain.region
    settled: tuple[str, ...] = _SETTLED
    if caller.facts.token_issued is not None:
        settled = (*settled, *_SETTLED_FOR_SESSIONS)
    if isinstance(when, dict):
        context.update(when)
    context.pop("aws:RequestedRegion")
    own = closure(
        caller.principal,
        caller.policies,
        universe,
        context=context,
        settled=settled,
        switches=world.switches,
    )
    found = {reach.action: reach for reach in own}
    for role in world.chain.roles.values():
        arn = world.chain.arn_of(role.name)
        if "sts:AssumeRole" in found or arn == caller.facts.principal.role_arn:
            continue
        decision = world.ask(caller, "sts:AssumeRole", arn, resource_policy=role.trust.policy)
        if decision.allowed:
            found["sts:AssumeRole"] = Reach("sts:AssumeRole", arn, False, role.trust.policy.name, 0)
    for item in world.chain.resources:
        for action, arn in _given_by(world.chain, item, universe):
            if action not in found and world.ask(caller, action, arn).allowed:
                found[action] = Reach(action, arn, False, item.policy.policy.name if item.policy else "", 0)
    return tuple(found[name] for name in sorted(found))


def _given_by(chain: Chain, item: Resource, universe: ActionUniverse) -> Iterator[tuple[str, str]]:
    """What the policy on a seeded resource may give: actions of its Allow statements, and where."""
    for statement in item.policy.policy.statements if item.policy is not None else ():
        if statement.effect is not Effect.ALLOW:
            continue
        mask = universe.mask(statement.actions, negated=statement.not_action)
        arns = (resource_arn(chain, item), *witnesses([statement], {}))
        for number in universe.members(mask):
            yield from ((universe.names[number], arn) for arn in arns)


def allowed_somewhere(
    world: World, caller: ChainCaller, actions: Sequence[str], when: object = None
) -> frozenset[str]:
    """Those of some known actions that a caller may be allowed somewhere: never too few."""
    return frozenset(reach.action for reach in reach_of(world, caller, ActionUniverse(actions), when))


def _grouped(reach: Iterable[Reach], catalog: Catalog) -> str:
    groups: dict[tuple[str, str], list[str]] = {}
    for found in reach:
        action = catalog.action(found.action)
        level = action.access_level if action is not None else "unknown level"
        service = found.action.partition(":")[0]
        name = found.action.partition(":")[2] + (" (under a condition)" if found.conditional else "")
        groups.setdefault((service, level), []).append(name)
    shown = [
        f"{service} {level}: {_some(names, 4)}" for (service, level), names in sorted(groups.items())[:12]
    ]
    if len(groups) > 12:
        shown.append(f"and {len(groups) - 12} groups more")
    return "; ".join(shown)


def _some(names: list[str], most: int = 6) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def _count(number: int) -> str:
    return "1 action" if number == 1 else f"{number} actions"
