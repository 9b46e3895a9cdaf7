"""What the engine says of an expectation: its decisions, and whether the promise holds by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rolecall.chains import (
    ActionExpectation,
    AssumersExpectation,
    Expectation,
    HopExpectation,
    OnlyExpectation,
    ReachExpectation,
)
from rolecall.iam import Stage, explain
from rolecall.iam.wildcards import has_wildcard
from rolecall.iam.wording import STAGE_NAMES, headline
from rolecall.verdicts.assumers import assumers
from rolecall.verdicts.only import only
from rolecall.verdicts.promised_resources import PromisedResources
from rolecall.verdicts.reasons import decision_mismatch
from rolecall.verdicts.whereabouts import hanging_key

if TYPE_CHECKING:
    from rolecall.chains import Because
    from rolecall.iam import Decision
    from rolecall.iam.catalog import Catalog
    from rolecall.verdicts.world import HopDecision, World

__all__ = ["Prediction", "predict"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """The engine's side of an expectation.

    ``holds``: the promise is kept by it. ``allowed``: what the engine says of the access itself.
    ``reason`` is a sentence. ``decisions`` are those that matter, ``hops`` the way there. ``examined``
    counts requests that were decided. ``reachable`` is False where no session can be had to ask with.
    ``hanging`` is the condition key that all of it hangs on although nobody told its value: from where the
    call comes, or what it carries.
    """

    holds: bool
    allowed: bool
    reason: str
    decisions: tuple[Decision, ...] = ()
    hops: tuple[HopDecision, ...] = ()
    examined: int = 1
    reachable: bool = True
    hanging: str = ""

    @property
    def by_organization(self) -> bool:
        """Whether an SCP or an RCP stands in the way somewhere: only an organization can show that."""
        asked = (*self.decisions, *(decision for hop in self.hops for decision in hop.decisions))
        return any(
            not decision.allowed and {Stage.SCP, Stage.RCP} & {*explain(decision).blocked_by}
            for decision in asked
        )

    @property
    def deciding(self) -> Decision | None:
        """The decision that settles the matter, where there is one."""
        if self.decisions:
            return self.decisions[0]
        blocked = next((hop for hop in self.hops if not hop.allowed), None)
        if blocked is not None:
            return blocked.deciding
        return self.hops[-1].deciding if self.hops else None


def predict(world: World, expectation: Expectation, catalog: Catalog) -> Prediction:
    """Ask the engine about an expectation. Pure: the chain's own documents are all it knows."""
    match expectation:
        case ActionExpectation():
            return _action(world, expectation, catalog)
        case ReachExpectation():
            return _reach(world, expectation)
        case OnlyExpectation():
            holds, reason, examined = only(world, expectation, catalog)
            return Prediction(holds, not holds, reason, examined=examined)
        case AssumersExpectation():
            holds, reason, decisions = assumers(world, expectation)
            return Prediction(holds, not holds, reason, decisions, examined=len(decisions))
        case HopExpectation():
            return _mutation(world, expectation)


def hops_to(world: World, name: str, frm: str | None) -> tuple[HopDecision, ...]:
    """The hops to a principal, each decided for whoever stands before it."""
    way = world.chain.path_to(name, frm) or ()
    if not way:
        return ()
    return tuple(world.hop(hop, caller) for hop, caller in zip(way, world.callers_along(way), strict=False))


def _action(world: World, expectation: ActionExpectation, catalog: Catalog) -> Prediction:
    hops = hops_to(world, expectation.as_, expectation.frm)
    blocked = next((hop for hop in hops if not hop.allowed), None)
    if blocked is not None:
        hanging = _hop_hanging(blocked)
        return Prediction(
            False, False, _hop_reason(blocked), (), hops, len(hops), reachable=False, hanging=hanging
        )
    caller = world.caller(expectation.as_, expectation.frm)
    patterns = expectation.actions
    names = [name for p in patterns for name in (catalog.expand(p) if has_wildcard(p) else (p,))]
    if not names:
        return Prediction(False, False, f"no known action matches {', '.join(patterns)}", (), hops)
    unknown = next((name for name in names if catalog.action_name(name) is None), None)
    if unknown is not None:
        return Prediction(False, False, _unknown(unknown, catalog), (), hops)
    promised = PromisedResources(world, caller, expectation, names, catalog)
    decisions: list[Decision] = []
    sampled: list[Decision] = []
    for name in names:
        resources = promised.of(name)
        if not resources.named and name in patterns:
            return Prediction(False, expectation.allowed, _never_asked(name, expectation, catalog), (), hops)
        decisions.extend(world.ask(caller, name, arn, expectation.when) for arn in resources.named)
        sampled.extend(promised.ask(name, arn) for arn in resources.sampled)
    examined = len(decisions) + len(sampled)
    unlike = [d for d in decisions if d.allowed is not expectation.allowed]
    beyond = [d for d in sampled if d.allowed is not expectation.allowed]
    if not decisions and not beyond:
        taken = f"none of these actions is decided on {', '.join(expectation.on)}"
        return Prediction(False, expectation.allowed, taken, (), hops)
    if unlike or beyond:
        worst = [*unlike, *beyond][0]
        reason = headline(worst) + ("" if unlike else f", on {worst.request.resource} for one")
        hanging = hanging_key((*unlike, *beyond), expectation.when, every=True)
        shown = (*unlike, *beyond)[:20]
        return Prediction(False, worst.allowed, reason, shown, hops, examined, hanging=hanging)
    for decision in decisions:
        mismatch = decision_mismatch(expectation.because, decision)
        if mismatch:
            reason = f"{mismatch}; {headline(decision)}"
            return Prediction(False, False, reason, (decision,), hops, examined)
    said = headline(decisions[0])
    carried = None if expectation.allowed else catalog
    asked = (*decisions, *sampled)
    hanging = hanging_key(asked, expectation.when, carried=carried, declared=world.declares)
    return Prediction(True, expectation.allowed, said, tuple(decisions[:20]), hops, examined, hanging=hanging)


def _unknown(name: str, catalog: Catalog) -> str:
    near = catalog.nearest_action(name)
    advice = f" (did you mean {near}?)" if near else ""
    return f"AWS is not known to have the action {name}{advice}, so this promises nothing"


def _never_asked(name: str, expectation: ActionExpectation, catalog: Catalog) -> str:
    known = catalog.action(name)
    taken = sorted({use.type for use in known.resources}) if known is not None else []
    return f"{name} is never decided on {', '.join(expectation.on)}: it takes {', '.join(taken)}"


def _reach(world: World, expectation: ReachExpectation) -> Prediction:
    hops = hops_to(world, expectation.role, expectation.frm)
    blocked = next((hop for hop in hops if not hop.allowed), None)
    if blocked is not None:
        hanging = _hop_hanging(blocked)
        return Prediction(False, False, _hop_reason(blocked), (), hops, len(hops), hanging=hanging)
    names = " → ".join((hops[0].hop.frm, *(hop.hop.assume for hop in hops)))
    return Prediction(
        True,
        True,
        f"every hop of {names} is permitted and trusted",
        (),
        hops,
        len(hops),
        hanging=next(filter(None, map(_hop_hanging, hops)), ""),
    )


def _mutation(world: World, expectation: HopExpectation) -> Prediction:
    chain = world.chain
    hop = chain.mutated(expectation)
    decided = world.hop(hop, world.caller(hop.frm))
    if decided.allowed is not expectation.allowed:
        hanging = _hop_hanging(decided)
        return Prediction(False, decided.allowed, _hop_reason(decided), (), (decided,), hanging=hanging)
    if not expectation.allowed:
        mismatch = _refusal_mismatch(expectation.because, decided)
        if mismatch:
            return Prediction(False, False, f"{mismatch}; {_hop_reason(decided)}", (), (decided,))
    return Prediction(
        True, decided.allowed, _hop_reason(decided), (), (decided,), hanging=_hop_hanging(decided)
    )


def _hop_hanging(decided: HopDecision) -> str:
    """The key that the hop hangs on: one of its actions may be refused, or all that are refused allowed."""
    if decided.refusal is not None:
        return ""
    if decided.allowed:
        return hanging_key(decided.decisions)
    return hanging_key((one for one in decided.decisions if not one.allowed), every=True)


def _refusal_mismatch(because: Because | None, decided: HopDecision) -> str:
    """As decision_mismatch; a call that STS itself turns down is refused at the stage ``call``."""
    if decided.refusal is None or not decided.deciding.allowed:
        return decision_mismatch(because, decided.deciding)
    if because is None or because.stage in (None, Stage.CALL):
        return ""
    return f"promised the {STAGE_NAMES[because.stage]}, found that STS turns the call down"


def _hop_reason(decided: HopDecision) -> str:
    if decided.allowed:
        return f"{decided.hop.frm} → {decided.hop.assume}: {headline(decided.deciding)}"
    if decided.refusal is not None and decided.deciding.allowed:
        return f"{decided.hop.frm} → {decided.hop.assume} is refused: {decided.refusal[1]}"
    return f"{decided.hop.frm} → {decided.hop.assume} is refused: {headline(decided.deciding)}"
