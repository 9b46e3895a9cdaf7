"""The engine asked what a settled chain would answer, and which answers show that it is settled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rolecall.chains import ActionExpectation
from rolecall.errors import RolecallError
from rolecall.iam import Decision, Outcome, Policy, explain
from rolecall.iam.call_rules import ALWAYS_PERMITTED

if TYPE_CHECKING:
    from rolecall.chains import Hop
    from rolecall.iam.catalog import Catalog
    from rolecall.verdicts.callers import ChainCaller
    from rolecall.verdicts.world import World

__all__ = ["EngineForesight"]

# Calls without parameters that change nothing, one for each of the services that policies mostly speak of.
_HARMLESS = (
    "ec2:DescribeInstances", "s3:ListAllMyBuckets", "iam:ListUsers", "sqs:ListQueues", "sns:ListTopics",
    "kms:ListKeys", "dynamodb:ListTables", "lambda:ListFunctions", "logs:DescribeLogGroups",
    "ssm:DescribeParameters", "secretsmanager:ListSecrets", "iam:ListRoles", "iam:ListAccountAliases",
    "cloudwatch:ListMetrics", "cloudformation:ListStacks", "rds:DescribeDBInstances", "ecs:ListClusters",
    "ecr:DescribeRepositories", "cloudtrail:DescribeTrails", "ec2:DescribeVpcs",
)  # fmt: skip

_ENOUGH = 8


class EngineForesight:
    """What the engine says of the chain of a world."""

    def __init__(self, world: World, catalog: Catalog) -> None:
        self._world = world
        self._catalog = catalog

    def allows(self, name: str, frm: str | None, action: str, resource: str) -> bool | None:
        """Whether a principal may do something; None where the engine cannot say."""
        caller = self._caller(name, frm)
        return None if caller is None else self._world.ask(caller, action, resource).allowed

    def hop_allowed(self, hop: Hop) -> bool | None:
        """Whether a hop works; None where the engine cannot say."""
        caller = self._caller(hop.frm, None)
        return None if caller is None else self._world.hop(hop, caller).allowed

    def explicit(self, name: str, frm: str | None, action: str, resource: str) -> bool:
        """Whether an explicit deny keeps a principal from something; not where the engine cannot say."""
        caller = self._caller(name, frm)
        return caller is not None and _is_explicit(self._world.ask(caller, action, resource))

    def hop_explicit(self, hop: Hop) -> bool:
        """Whether an explicit deny stands in the way of a hop; not where the engine cannot say."""
        caller = self._caller(hop.frm, None)
        return caller is not None and _is_explicit(self._world.hop(hop, caller).deciding)

    def controls(self, name: str, frm: str | None) -> tuple[tuple[str, ...], tuple[Hop, ...], bool]:
        """Actions and hops that are allowed to a principal, few, and whether they take all of its policies.

        A policy is taken when one of its statements is among those that allow. One that only denies counts
        as taken: nothing it does can make a denial come too early.
        """
        caller = self._caller(name, frm)
        if caller is None:
            return (), (), False
        lacking = [policy for policy in caller.policies.identity if _grants(policy)]
        hops: list[Hop] = []
        for hop in self._world.chain.hops:
            if hop.frm != name:
                continue
            decided = self._world.hop(hop, caller)
            if decided.allowed and (_take(lacking, decided.decisions) or not hops):
                hops.append(hop)
        actions: list[str] = []
        for action in self._candidates(name, frm):
            if not lacking:
                break
            decision = self._world.ask(caller, action)
            if decision.allowed and _take(lacking, (decision,)):
                actions.append(action)
        return tuple(actions), tuple(hops), not lacking

    def denied(self, name: str) -> tuple[str, ...]:
        """Harmless calls, one for each of a few services, that nothing allows a principal."""
        caller = self._caller(name, None)
        if caller is None:
            return ()
        asked = ((action, self._world.ask(caller, action)) for action in _HARMLESS[:_ENOUGH])
        return tuple(action for action, decision in asked if decision.verdict is Outcome.IMPLICIT_DENY)

    def _candidates(self, name: str, frm: str | None) -> Iterable[str]:
        for expectation in self._world.chain.expectations:
            if (
                isinstance(expectation, ActionExpectation)
                and (expectation.as_, expectation.frm) == (name, frm)
                and expectation.allowed
                and not (expectation.on or expectation.when or expectation.unsafe)
            ):
                known = (self._catalog.action(action) for action in expectation.actions)
                yield from (a.name for a in known if a is not None and a.access_level in ("List", "Read"))
        yield from (action for action in _HARMLESS if action.lower() not in ALWAYS_PERMITTED)

    def _caller(self, name: str, frm: str | None) -> ChainCaller | None:
        try:
            return self._world.caller(name, frm)
        except (RolecallError, StopIteration):
            return None


def _is_explicit(decision: Decision) -> bool:
    return decision.verdict is Outcome.EXPLICIT_DENY


def _grants(policy: Policy) -> bool:
    return any(statement.effect.value == "Allow" for statement in policy.statements)


def _take(lacking: list[Policy], decisions: Iterable[Decision]) -> bool:
    """Strike the policies that allowed these; whether any was struck."""
    taken = [match.policy for decision in decisions for match in explain(decision).statements]
    before = len(lacking)
    lacking[:] = [policy for policy in lacking if not any(policy is other for other in taken)]
    return len(lacking) < before
