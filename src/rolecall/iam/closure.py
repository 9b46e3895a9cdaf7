"""Everything a principal may do: over every known action, and every resource its policies speak of.

A closure errs to the side of access. A condition whose key is not settled counts as satisfiable in an Allow
and as not yet satisfied in a Deny, and each result says whether it hangs on such a condition. Resources
are sampled: one witness for every pattern that the policies hold, for every overlap of two such
patterns, one where each stage that must allow has a pattern, and the resources that the caller names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from rolecall.iam.action_sets import ActionUniverse
from rolecall.iam.call_rules import ALWAYS_PERMITTED, call_rule
from rolecall.iam.compiled import CompiledStatement, compiled
from rolecall.iam.documents import Effect, Policy
from rolecall.iam.policy_sets import Stage
from rolecall.iam.principals import Principal, PrincipalType
from rolecall.iam.requests import ContextValue, NormalValue, normalize_context
from rolecall.iam.switches import Switches
from rolecall.iam.witnesses import meetings, witnesses

if TYPE_CHECKING:
    from rolecall.iam.documents import Statement
    from rolecall.iam.policy_sets import Policies

__all__ = ["Reach", "closure"]

_DEFAULT = Switches()


@dataclass(frozen=True, slots=True)
class Reach:
    """An action that is allowed on at least one resource.

    ``resource`` is a witness, ``conditional`` whether it hangs on conditions whose keys are not settled,
    ``policy`` and ``index`` the Allow statement that grants it.
    """

    action: str
    resource: str
    conditional: bool
    policy: str
    index: int


@dataclass(frozen=True, slots=True)
class _Part:
    stage: Stage
    level: int
    policy: Policy
    form: CompiledStatement
    mask: int

    @property
    def allows(self) -> bool:
        return self.form.statement.effect is Effect.ALLOW


def closure(
    principal: Principal,
    policies: Policies,
    actions: Sequence[str] | ActionUniverse,
    *,
    context: Mapping[str, ContextValue] | None = None,
    settled: Sequence[str] = (),
    resources: Sequence[str] = (),
    switches: Switches = _DEFAULT,
) -> tuple[Reach, ...]:
    """Every action that the principal's own policies allow on some resource, sorted.

    In: the policies on the caller's side (identity, boundary, session, SCPs; a resource-based policy is not
    looked at), the actions to ask for, the context that is known, condition keys that are settled though
    absent (a name ending in ``/`` settles all keys that start so), and further resources to try. Calls that
    need no permission (GetCallerIdentity, GetSessionToken) are left out.
    """
    universe = actions if isinstance(actions, ActionUniverse) else ActionUniverse(actions)
    known = normalize_context(context or {})
    knows = _Knowledge(known, tuple(key.lower() for key in settled))
    parts = list(_parts(principal, policies, universe, switches))
    start = universe.everything
    if principal.type is not PrincipalType.ROOT:
        start = 0
        for part in parts:
            if part.stage is Stage.IDENTITY and part.allows:
                start |= part.mask
    found: list[Reach] = []
    for group, members in _groups(start, parts):
        answer = _ask(principal, policies, members, knows, resources)
        if answer is None:
            continue
        resource, conditional, by = answer
        label, index = (by.policy.name, by.form.statement.index) if by else ("root", 0)
        for number in universe.members(group):
            name = universe.names[number]
            lowered = name.lower()
            if lowered in ALWAYS_PERMITTED or call_rule(principal, lowered, known) is False:
                continue
            found.append(Reach(name, resource, conditional, label, index))
    return tuple(sorted(found, key=lambda reach: reach.action.lower()))


class _Knowledge:
    """Which condition keys are settled, and what that makes of a statement's conditions."""

    def __init__(self, context: Mapping[str, NormalValue], settled: tuple[str, ...]) -> None:
        self.context = context
        self._exact = frozenset(key for key in settled if not key.endswith("/"))
        self._prefixes = tuple(key for key in settled if key.endswith("/"))

    def settles(self, key: str) -> bool:
        return key in self.context or key in self._exact or key.startswith(self._prefixes or "\0")

    def holds(self, form: CompiledStatement) -> bool | None:
        """True or False where that is certain, None where it hangs on keys that are not settled."""
        answer: bool | None = True
        for condition in form.conditions:
            if not all(self.settles(key) for key in condition.reads):
                answer = None
            elif not condition.test(self.context):
                return False
        return answer


def _parts(
    principal: Principal, policies: Policies, universe: ActionUniverse, switches: Switches
) -> list[_Part]:
    layers: list[tuple[Stage, int, Sequence[Policy]]] = [(Stage.IDENTITY, 0, policies.identity)]
    layers.append((Stage.BOUNDARY, 0, policies.boundary or ()))
    layers.append((Stage.SESSION, 0, policies.session or ()))
    if not principal.is_service_linked:
        layers.extend((Stage.SCP, depth, level) for depth, level in enumerate(policies.scps))
    return [
        _Part(stage, level, policy, form, universe.mask(form.statement.actions, negated=form.not_action))
        for stage, level, layer in layers
        for policy in layer
        for form in compiled(policy, switches).statements
    ]


def _groups(start: int, parts: Sequence[_Part]) -> list[tuple[int, list[_Part]]]:
    """Actions that the same statements cover, together: each group is asked about once."""
    groups: list[tuple[int, list[_Part]]] = [(start, [])] if start else []
    for part in parts:
        split: list[tuple[int, list[_Part]]] = []
        for mask, members in groups:
            inside = mask & part.mask
            if inside == mask:
                members.append(part)
                split.append((mask, members))
            elif inside:
                split.append((inside, [*members, part]))
                split.append((mask ^ inside, members))
            else:
                split.append((mask, members))
        groups = split
    return groups


def _ask(
    principal: Principal,
    policies: Policies,
    parts: Sequence[_Part],
    knows: _Knowledge,
    resources: Sequence[str],
) -> tuple[str, bool, _Part | None] | None:
    """A resource on which the group's actions are allowed: certainly if there is one, else conditionally."""
    is_root = principal.type is PrincipalType.ROOT
    holds = {id(part): knows.holds(part.form) for part in parts}
    alive = [part for part in parts if holds[id(part)] is not False]
    conditional: tuple[str, bool, _Part | None] | None = None
    sampled = witnesses([part.form.statement for part in alive], knows.context)
    for resource in chain(("*", *resources, *sampled), meetings(_layers(alive), knows.context)):
        matching = [part for part in alive if part.form.matches_resource(resource, knows.context)]
        if any(not part.allows and holds[id(part)] is True for part in matching):
            continue
        allowing = [part for part in matching if part.allows]
        certain = [part for part in allowing if holds[id(part)] is True]
        doubtful_deny = any(not part.allows for part in matching)
        if not doubtful_deny and _passes(certain, policies, principal, is_root):
            return resource, False, _granting(certain)
        if conditional is None and _passes(allowing, policies, principal, is_root):
            conditional = resource, True, _granting(allowing)
    return conditional


def _layers(parts: Sequence[_Part]) -> list[list[Statement]]:
    """The Allow statements by stage and level: one of each has to match."""
    layers: dict[tuple[Stage, int], list[Statement]] = {}
    for part in parts:
        if part.allows:
            layers.setdefault((part.stage, part.level), []).append(part.form.statement)
    return list(layers.values())


def _granting(parts: Sequence[_Part]) -> _Part | None:
    return next((part for part in parts if part.stage is Stage.IDENTITY), None)


def _passes(parts: Sequence[_Part], policies: Policies, principal: Principal, is_root: bool) -> bool:
    stages = {part.stage for part in parts}
    if not is_root:
        if Stage.IDENTITY not in stages:
            return False
        if policies.boundary and Stage.BOUNDARY not in stages:
            return False
        if policies.session and Stage.SESSION not in stages:
            return False
        if principal.type is PrincipalType.FEDERATED_USER and not policies.session:
            return False
    if policies.scps and not principal.is_service_linked:
        levels = {part.level for part in parts if part.stage is Stage.SCP}
        return levels == set(range(len(policies.scps)))
    return True
