"""From an API call to the actions that it needs, each with its resources and its context."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rolecall.enforcement.checks import Check
from rolecall.enforcement.resources import Ask, ServiceRules, fill, rules_of
from rolecall.enforcement.resources.keys_behind import key_checks
from rolecall.enforcement.resources.passing import passed_roles
from rolecall.enforcement.resources.tags_on_create import tagging_checks
from rolecall.enforcement.tagging import request_tags, tag_context
from rolecall.iam.catalog import ResourceType, load_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rolecall.enforcement.calls import ApiCall, Caller
    from rolecall.enforcement.environment import Environment
    from rolecall.iam.requests import ContextValue

__all__ = ["checks_for", "plan_of"]


@dataclass(frozen=True, slots=True)
class ActionPlan:
    """One action of an operation and the resource types it takes."""

    action: str
    required: tuple[ResourceType, ...]
    optional: tuple[ResourceType, ...]


@lru_cache(maxsize=8192)
def plan_of(service: str, operation: str) -> tuple[ActionPlan, ...]:
    """The actions of an operation of a boto3 service, as the catalog has them."""
    catalog = load_catalog()
    plans = []
    for name in catalog.operation_actions(service, operation):
        action = catalog.action(name)
        required: list[ResourceType] = []
        optional: list[ResourceType] = []
        for use in action.resources if action is not None else ():
            kind = catalog.resource_type(name.partition(":")[0], use.type)
            if kind is not None:
                (required if use.required else optional).append(kind)
        plans.append(ActionPlan(name, tuple(required), tuple(optional)))
    return tuple(plans)


def checks_for(call: ApiCall, caller: Caller, environment: Environment) -> tuple[Check, ...]:
    """Every action that a call needs, in the order of their decision. Empty where AWS asks for none."""
    plans = plan_of(call.service, call.operation)
    ask = Ask(call, caller, environment, tuple(plan.action for plan in plans))
    rules = rules_of(call.service)
    own = rules.operations.get(call.operation)
    found = (
        list(own(ask))
        if own is not None
        else [check for plan in plans for check in _planned(ask, rules, plan)]
    )
    extra = rules.extra.get(call.operation)
    if extra is not None:
        found.extend(extra(ask))
    elif call.service != "iam":
        found.extend(passed_roles(ask))
    if own is None and rules.on_create is not None:
        found.extend(rules.on_create(ask))
    found.extend(tagging_checks(ask, found))
    if rules.behind is not None:
        found = [one for check in found for one in rules.behind(ask, check)]
    made = [_in_context(ask, rules, check) for check in found]
    return (*made, *key_checks(ask))


def _planned(ask: Ask, rules: ServiceRules, plan: ActionPlan) -> Iterator[Check]:
    if not plan.required and not plan.optional:
        yield Check(plan.action)
        return
    arns: list[str] = []
    named_types: set[str] = set()
    missing: set[str] = set()
    for kind in plan.required:
        named = _resolved(ask, rules, kind)
        if not named and rules.created is not None:
            named = rules.created(ask, kind.name)
        (named_types if named else missing).add(kind.name.lower())
        arns.extend(named)
    for kind in plan.optional:
        own = rules.resolve is not None or kind.name.lower() in rules.types
        if own or not plan.required:
            named = _resolved(ask, rules, kind)
            if named:
                named_types.add(kind.name.lower())
            arns.extend(named)
    # A type in whose place the call names another one is not missing.
    groups = [group for group in rules.alternatives if group & named_types]
    missing = {kind for kind in missing if not any(kind in group for group in groups)}
    for arn in dict.fromkeys(arns):
        yield Check(plan.action, arn)
    if missing or not arns:
        # With optional types only, "*" is what AWS decides on where none is named.
        yield Check(plan.action, derived=not plan.required and not _names_something(ask))


def _resolved(ask: Ask, rules: ServiceRules, kind: ResourceType) -> Sequence[str]:
    resolver = rules.types.get(kind.name.lower())
    if resolver is not None:
        return resolver(ask) or ()
    return (rules.resolve(ask, kind) if rules.resolve is not None else fill(ask, kind)) or ()


def _names_something(ask: Ask) -> bool:
    """Whether a parameter looks like the name of a resource."""
    return any(
        isinstance(value, str) and name.lower().endswith(("arn", "id", "name", "identifier"))
        for name, value in ask.call.params.items()
    )


def _in_context(ask: Ask, rules: ServiceRules, check: Check) -> Check:
    passing = check.action == "iam:PassRole"
    context: dict[str, ContextValue] = {}
    if not passing:
        context.update(rules.brought(ask, check.resource) if rules.brought else request_tags(ask.call))
        if rules.context is not None:
            context.update(rules.context(ask, check.action, check.resource))
        if rules.tags is not None and check.resource != "*":
            context.update(tag_context(rules.tags(ask, check.resource)))
    context.update(check.context)
    unknown = check.unknown_keys
    if rules.unknown is not None and not passing:
        unknown |= rules.unknown(ask, check.resource)
    if not context and unknown == check.unknown_keys:
        return check
    return replace(check, context=context, unknown_keys=unknown)
