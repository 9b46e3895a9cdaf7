"""Why a decision fell as it did: every stage looked at in full, which the plain verdict never needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from rolecall.iam.call_rules import request_rule
from rolecall.iam.compiled import CompiledStatement, compiled
from rolecall.iam.documents import Effect
from rolecall.iam.formula import (
    decide,
    in_one_account,
    names_caller,
    needs_resource_grant,
    organization_applies,
)
from rolecall.iam.grants import Grant
from rolecall.iam.nearest import nearest_miss
from rolecall.iam.outcomes import Match, NearestMiss, Outcome
from rolecall.iam.policy_sets import Stage
from rolecall.iam.principals import PrincipalType
from rolecall.iam.variables import spellings

if TYPE_CHECKING:
    from rolecall.iam.decisions import Decision
    from rolecall.iam.documents import Policy, Statement

__all__ = ["Explanation", "explain", "gates"]

_ORDER = (Stage.CALL, Stage.RCP, Stage.SCP, Stage.RESOURCE, Stage.IDENTITY, Stage.BOUNDARY, Stage.SESSION)
_UNOWNED = (PrincipalType.SERVICE, PrincipalType.FEDERATED_PROVIDER, PrincipalType.ANONYMOUS)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that can be said about a decision; see the properties of Decision of the same names."""

    stage: Stage
    blocked_by: tuple[Stage, ...]
    statements: tuple[Match, ...]
    nearest_miss: NearestMiss | None
    missing_context: tuple[str, ...]
    contested: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Scanned:
    """A statement of an applicable policy, and what of it matched."""

    match: Match
    form: CompiledStatement
    level: int
    principal: bool
    action: bool
    resource: bool
    conditions: bool

    @property
    def whole(self) -> bool:
        return self.principal and self.action and self.resource and self.conditions


def explain(decision: Decision, *, near: bool = True) -> Explanation:
    """Explain a decision. Looks at every statement of every policy that applied.

    ``near``: look for the nearest miss too, which costs most where many statements come close.
    """
    request = decision.request
    rule = request_rule(request)
    if rule is not None:
        blocked: tuple[Stage, ...] = () if rule else (Stage.CALL,)
        return Explanation(Stage.CALL, blocked, (), None, (), ())
    scanned = list(_scan(decision))
    denies = [s for s in scanned if s.whole and s.match.statement.effect is Effect.DENY]
    allows = [s for s in scanned if s.whole and s.match.statement.effect is Effect.ALLOW]
    if decision.verdict is Outcome.EXPLICIT_DENY:
        stages = _in_order({s.match.stage for s in denies})
        deciding = denies
    elif decision.verdict is Outcome.IMPLICIT_DENY:
        stages = _in_order(_lacking(decision, allows))
        deciding = allows
    else:
        stages = ()
        deciding = allows
    stage = stages[0] if stages else _allowing_stage(allows)
    return Explanation(
        stage=stage,
        blocked_by=stages,
        statements=tuple(s.match for s in deciding),
        nearest_miss=_miss(decision, scanned, stage)
        if near and decision.verdict is Outcome.IMPLICIT_DENY
        else None,
        missing_context=_missing_context(decision, scanned),
        contested=_contested(decision),
    )


def gates(decision: Decision) -> dict[Stage, Outcome | None]:
    """What each stage by itself says: its Deny, its Allow, nothing, or None where it does not apply."""
    request, policies = decision.request, decision.policies
    owned = request.principal.type not in _UNOWNED
    applies = {
        Stage.IDENTITY: owned and request.principal.type is not PrincipalType.ROOT,
        Stage.RESOURCE: policies.resource is not None or needs_resource_grant(request, policies),
        Stage.BOUNDARY: bool(policies.boundary),
        Stage.SESSION: bool(policies.session),
        Stage.SCP: bool(policies.scps) and organization_applies(request),
        Stage.RCP: bool(policies.rcps) and organization_applies(request),
    }
    scanned = [s for s in _scan(decision) if s.whole]
    answer: dict[Stage, Outcome | None] = {}
    for stage, does_apply in applies.items():
        if not does_apply:
            answer[stage] = None
            continue
        effects = {s.match.statement.effect for s in scanned if s.match.stage is stage}
        if Effect.DENY in effects:
            answer[stage] = Outcome.EXPLICIT_DENY
        elif (
            stage is Stage.RCP
            or (stage is Stage.SCP and _every_level_allows(decision, scanned))
            or (Effect.ALLOW in effects and stage is not Stage.SCP)
        ):
            answer[stage] = Outcome.ALLOWED
        else:
            answer[stage] = Outcome.IMPLICIT_DENY
    return answer


def _applicable(decision: Decision) -> Iterator[tuple[Stage, str, int, Policy]]:
    policies = decision.policies
    for number, policy in enumerate(policies.identity):
        yield Stage.IDENTITY, f"identity_policies[{number}]", 0, policy
    if policies.resource is not None:
        yield Stage.RESOURCE, "resource_policy", 0, policies.resource
    boundary = policies.boundary or ()
    for number, policy in enumerate(boundary):
        label = "permissions_boundary" if len(boundary) == 1 else f"permissions_boundary[{number}]"
        yield Stage.BOUNDARY, label, 0, policy
    for number, policy in enumerate(policies.session or ()):
        yield Stage.SESSION, f"session_policies[{number}]", 0, policy
    if not organization_applies(decision.request):
        return
    if decision.request.principal.type not in (PrincipalType.SERVICE, PrincipalType.ANONYMOUS):
        for depth, level in enumerate(policies.scps):
            for number, policy in enumerate(level):
                yield Stage.SCP, f"scps[{depth}][{number}]", depth, policy
    if decision.request.action.lower() != "kms:retiregrant":
        for depth, level in enumerate(policies.rcps):
            for number, policy in enumerate(level):
                yield Stage.RCP, f"rcps[{depth}][{number}]", depth, policy


def _scan(decision: Decision) -> Iterator[_Scanned]:
    request = decision.request
    action, resource, context = request.action.lower(), request.resource, request.context
    has_boundary = bool(decision.policies.boundary)
    for stage, label, level, policy in _applicable(decision):
        for form in compiled(policy, decision.switches).statements:
            if stage is Stage.RCP and form.statement.effect is Effect.ALLOW:
                continue
            principal = stage is not Stage.RESOURCE or names_caller(form, request, has_boundary=has_boundary)
            yield _Scanned(
                Match(stage, label, policy, form.statement),
                form,
                level,
                principal,
                form.matches_action(action),
                form.matches_resource(resource, context),
                form.matches_conditions(context),
            )


def _lacking(decision: Decision, allows: list[_Scanned]) -> set[Stage]:
    """The stages without which an implicitly denied request would have gone through."""
    request, policies = decision.request, decision.policies
    caller = request.principal
    stages = {s.match.stage for s in allows}
    lacking: set[Stage] = set()
    if policies.scps and organization_applies(request) and not _every_level_allows(decision, allows):
        lacking.add(Stage.SCP)
    grant = max(
        (
            s.form.principal.grants(caller, request.context)
            for s in allows
            if s.match.stage is Stage.RESOURCE and s.form.principal is not None
        ),
        default=Grant.NONE,
    )
    if caller.type in _UNOWNED:
        return lacking | ({Stage.RESOURCE} if grant is Grant.NONE else set())
    same = in_one_account(request)
    if (not same or needs_resource_grant(request, policies)) and grant is Grant.NONE:
        lacking.add(Stage.RESOURCE)
    if same and grant is Grant.DIRECT and not decision.switches.boundary_limits_direct_trust:
        return lacking
    if caller.type is not PrincipalType.ROOT:
        by_entity = same and grant >= Grant.ENTITY
        if Stage.IDENTITY not in stages and not by_entity:
            lacking.add(Stage.IDENTITY)
        if policies.boundary and Stage.BOUNDARY not in stages:
            lacking.add(Stage.BOUNDARY)
    no_session_policy = caller.type is PrincipalType.FEDERATED_USER and not policies.session
    if (policies.session or no_session_policy) and Stage.SESSION not in stages:
        lacking.add(Stage.SESSION)
    return lacking


def _every_level_allows(decision: Decision, allows: list[_Scanned]) -> bool:
    levels = {
        s.level for s in allows if s.match.stage is Stage.SCP and s.match.statement.effect is Effect.ALLOW
    }
    return levels == set(range(len(decision.policies.scps)))


def _in_order(stages: set[Stage]) -> tuple[Stage, ...]:
    return tuple(stage for stage in _ORDER if stage in stages)


def _allowing_stage(allows: list[_Scanned]) -> Stage:
    stages = {s.match.stage for s in allows}
    return (
        Stage.IDENTITY
        if Stage.IDENTITY in stages
        else Stage.RESOURCE
        if Stage.RESOURCE in stages
        else Stage.CALL
    )


def _miss(decision: Decision, scanned: list[_Scanned], stage: Stage) -> NearestMiss | None:
    candidates = [
        (s.match, s.form, s.principal)
        for s in scanned
        if s.match.stage is stage and s.match.statement.effect is Effect.ALLOW and not s.whole
    ]
    return nearest_miss(decision.request, candidates)


def _missing_context(decision: Decision, scanned: list[_Scanned]) -> tuple[str, ...]:
    """Keys that statements asked for whose principal, action and (but for variables) resource matched."""
    context = decision.request.context
    asked: dict[str, str] = {}
    for s in scanned:
        if not (s.principal and s.action):
            continue
        missing_variables = [key for key in s.form.resource_reads if key not in context]
        if not s.resource and not missing_variables:
            continue
        missing = [*missing_variables]
        for condition in s.form.conditions:
            if condition.key not in context:
                asked.setdefault(condition.key, condition.condition.key)
            missing += [key for key in condition.reads if key not in context]
        if not missing:
            continue
        written = s.match.statement
        values = (value for condition in written.conditions for value in condition.values)
        spelled = spellings((*(written.resources or ()), *values))
        for key in missing:
            asked.setdefault(key, spelled.get(key, key))
    return tuple(sorted(asked.values()))


def _contested(decision: Decision) -> tuple[str, ...]:
    """Switches that would turn this decision round."""
    found = []
    statements = [s for _, _, _, policy in _applicable(decision) for s in policy.statements]
    for switch in fields(decision.switches):
        if not _may_matter(switch.name, decision, statements):
            continue
        flipped = replace(decision.switches, **{switch.name: not getattr(decision.switches, switch.name)})
        if decide(decision.request, decision.policies, flipped) is not decision.verdict:
            found.append(switch.name)
    return tuple(found)


def _may_matter(switch: str, decision: Decision, statements: Sequence[Statement]) -> bool:
    """Whether a switch can have a say at all: cheap, and never false where it has one."""
    caller, policies = decision.request.principal, decision.policies
    if switch == "boundary_limits_direct_trust":
        asked = decision.request.action.lower()
        return bool(policies.boundary) and policies.resource is not None and asked.startswith("sts:")
    if switch == "federated_session_without_policy_allows":
        return caller.type is PrincipalType.FEDERATED_USER and not policies.session
    if switch == "plain_operator_needs_single_value":
        context = decision.request.context
        several = {key for key, value in context.items() if isinstance(value, tuple) and len(value) > 1}
        return bool(several) and any(
            ":" not in condition.operator and condition.key.lower() in several
            for s in statements
            for condition in s.conditions
        )
    if switch == "negated_empty_values_match":
        return any(not condition.values for s in statements for condition in s.conditions)
    if switch == "variables_in_bool":
        conditions = [condition for s in statements for condition in s.conditions]
        return any("Bool" in c.operator and "${" in value for c in conditions for value in c.values)
    return any(
        "${" in ":".join(resource.split(":", 5)[:5])
        for s in statements
        for resource in s.resources or ()
        if "${" in resource
    )
