"""The resources that a promise about an action stands for.

An ARN stands for itself, a pattern for everything that it covers, and a denial without ``on`` for every
resource there is. Policies are decided one resource at a time, so patterns are sampled: one resource for
every pattern that the policies hold, for every overlap of two, and where a pattern of each stage meets, of
the types that the action takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rolecall.chains import resource_arn, resource_of
from rolecall.iam import Effect
from rolecall.iam.compiled import compiled
from rolecall.iam.request_context import principal_context
from rolecall.iam.requests import normalize_context
from rolecall.iam.wildcards import compile_glob, has_wildcard
from rolecall.iam.witnesses import meetings, witnesses
from rolecall.verdicts.assumed_policies import left_to_account
from rolecall.verdicts.only import allowed_somewhere

if TYPE_CHECKING:
    from rolecall.chains import ActionExpectation
    from rolecall.iam import Decision, Policy, Statement
    from rolecall.iam.catalog import Catalog
    from rolecall.verdicts.callers import ChainCaller
    from rolecall.verdicts.world import World

__all__ = ["Promised", "PromisedResources"]

_MOST_WITNESSES = 60
_UNDECLARED = "a policy that leaves it to the account"


@dataclass(frozen=True, slots=True)
class Promised:
    """``named`` as the promise says them, as far as AWS decides the action on them; ``sampled`` beyond."""

    named: tuple[str, ...]
    sampled: tuple[str, ...] = ()


class PromisedResources:
    """In: a promise, who it is about, and every action that it names."""

    def __init__(
        self,
        world: World,
        caller: ChainCaller,
        expectation: ActionExpectation,
        actions: Sequence[str],
        catalog: Catalog,
    ) -> None:
        self._world = world
        self._caller = caller
        self._expectation = expectation
        self._catalog = catalog
        everywhere = not expectation.allowed and not expectation.on
        self._patterns = ("*",) if everywhere else tuple(filter(has_wildcard, expectation.on))
        self._possible: frozenset[str] = frozenset()
        if self._patterns and not expectation.allowed:
            self._possible = allowed_somewhere(world, caller, actions, expectation.when)
        context = normalize_context(principal_context(caller.facts, world.now))
        self._context = context

    def of(self, action: str) -> Promised:
        """The resources on which an action must be as promised. Nothing where no ARN fits the action."""
        chain, catalog = self._world.chain, self._catalog
        named = catalog.asked_on(action, self._expectation.on or ("*",), chain.partition)
        known = catalog.action(action)
        patterns = [p for p in self._patterns if p in named]
        if not patterns or known is None or not known.resources:
            return Promised(named)
        if not self._expectation.allowed and known.name not in self._possible:
            return Promised(named)
        covers = [compile_glob(pattern) for pattern in patterns]
        sampled = {
            arn: None
            for arn in self._candidates(action, patterns)
            if arn not in named and any(matches(arn) for matches in covers)
        }
        return Promised(named, tuple(sampled)[:_MOST_WITNESSES])

    def ask(self, action: str, resource: str) -> Decision:
        """Decide an action on a sampled resource.

        What the chain does not declare may trust whomever it likes: a role or a key that nobody knows is
        taken to leave the matter to the policies of its account.
        """
        world, caller = self._world, self._caller
        when = self._expectation.when
        declared = resource_of(world.chain, resource) is not None or any(
            world.chain.arn_of(role.name) == resource for role in world.chain.roles.values()
        )
        if declared or not action.lower().startswith(("kms:", "sts:")):
            return world.ask(caller, action, resource, when)
        return world.ask(
            caller, action, resource, when, resource_policy=left_to_account(caller.account, _UNDECLARED)
        )

    def _candidates(self, action: str, patterns: Sequence[str]) -> Iterator[str]:
        chain, catalog = self._world.chain, self._catalog
        declared = [resource_arn(chain, item) for item in chain.resources]
        declared += [chain.arn_of(role.name) for role in chain.roles.values()]
        yield from catalog.asked_on(action, declared, chain.partition)
        shapes = catalog.arn_patterns(action, chain.partition, chain.region, self._caller.account)
        layers = self._layers(action)
        given = self._stated(action, [(item.policy.policy,) for item in chain.resources if item.policy])
        statements = [statement for layer in (*layers, *given) for statement in layer]
        samples = witnesses(statements, self._context, (*patterns, *shapes))
        yield from catalog.asked_on(action, samples, chain.partition)
        allows = [[s for s in layer if s.effect is Effect.ALLOW] for layer in layers]
        met = tuple(meetings(allows, self._context, patterns))
        yield from catalog.asked_on(action, met, chain.partition)

    def _layers(self, action: str) -> list[list[Statement]]:
        """The statements about an action on the caller's side, by the stages that must all allow it."""
        held = self._caller.policies
        layers: list[tuple[Policy, ...]] = [
            held.identity,
            *((held.boundary,) if held.boundary else ()),
            *((held.session,) if held.session else ()),
            *held.scps,
        ]
        return self._stated(action, layers)

    def _stated(self, action: str, layers: Sequence[Sequence[Policy]]) -> list[list[Statement]]:
        return [
            [
                form.statement
                for policy in layer
                for form in compiled(policy, self._world.switches).statements
                if form.matches_action(action.lower())
            ]
            for layer in layers
        ]
