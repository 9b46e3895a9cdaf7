"""From verdicts to evidence: everything said in plain words and numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.chains import (
    ActionExpectation,
    AssumersExpectation,
    HopExpectation,
    OnlyExpectation,
    ReachExpectation,
    named_arn,
)
from rolecall.iam import Decision, Explanation, Match, Outcome, Stage, explain
from rolecall.iam import NearestMiss as Miss
from rolecall.iam.denial_messages import read_reason
from rolecall.iam.explanations import gates
from rolecall.iam.wording import headline
from rolecall.probes import Answer, Observation, Seen, promised_access
from rolecall.reports import evidence as ev
from rolecall.reports.documents_of import DocumentIndex
from rolecall.verdicts import promised_reason

if TYPE_CHECKING:
    from rolecall.chains import Chain, Expectation, Hop
    from rolecall.verdicts import Prediction, Verdict, World

__all__ = ["record_chain", "record_expectation", "record_failure"]

_GATES = (Stage.IDENTITY, Stage.RESOURCE, Stage.BOUNDARY, Stage.SESSION, Stage.SCP, Stage.RCP)
_KINDS: Mapping[type, ev.Kind] = {
    ReachExpectation: "reach",
    OnlyExpectation: "only",
    AssumersExpectation: "assumers_of",
    HopExpectation: "mutation",
}


def record_expectation(verdict: Verdict, chain: Chain, documents: DocumentIndex) -> ev.Expectation:
    """One verdict as evidence."""
    expectation = verdict.expectation
    promised = promised_access(expectation)
    return ev.Expectation(
        id=expectation.id,
        kind=_kind(expectation),
        title=expectation.title or _title(expectation),
        principal=_principal(expectation),
        verdict=verdict.status.value,
        reason=documents.relative_text(verdict.reason),
        expected=ev.Expected("allowed" if promised else "denied", promised_reason(expectation)),
        actions=_actions(expectation),
        resources=getattr(expectation, "on", ()),
        predicted=_prediction(verdict.prediction, documents),
        observed=_observation(verdict.observation),
        duration=round(verdict.duration, 6),
        controls=expectation.controls or chain.controls,
        hop=_hop_id(expectation, chain),
        file=documents.relative(chain.file),
        line=expectation.place.line if expectation.place else None,
        disagreement=verdict.disagreement,
        simulated=verdict.simulated,
        not_called=verdict.observation.note,
        when=_when(expectation),
    )


def record_failure(
    expectation: Expectation, chain: Chain, documents: DocumentIndex, why: str
) -> ev.Expectation:
    """An expectation that could not be verified at all: inconclusive, with why."""
    promised = promised_access(expectation)
    return ev.Expectation(
        id=expectation.id,
        kind=_kind(expectation),
        title=expectation.title or _title(expectation),
        principal=_principal(expectation),
        verdict="inconclusive",
        reason=why,
        expected=ev.Expected("allowed" if promised else "denied", promised_reason(expectation)),
        actions=_actions(expectation),
        resources=getattr(expectation, "on", ()),
        controls=expectation.controls or chain.controls,
        file=documents.relative(chain.file),
        line=expectation.place.line if expectation.place else None,
        when=_when(expectation),
    )


def record_chain(
    world: World,
    documents: DocumentIndex,
    expectations: Sequence[ev.Expectation],
    *,
    accounts: Mapping[str, str],
    provisioning: Sequence[ev.ProvisioningStep] = (),
    waivers: Sequence[ev.Waiver] = (),
    coverage: ev.Coverage | None = None,
    manifest: str = "",
    teardown: ev.Teardown | None = None,
) -> ev.Chain:
    """A chain as evidence. ``accounts`` maps an alias to the account id that was used."""
    chain = world.chain
    return ev.Chain(
        name=chain.name,
        title=chain.title or chain.name,
        file=documents.relative(chain.file) or "",
        region=chain.region,
        accounts=tuple(
            ev.Account(alias, declared, accounts.get(alias, declared))
            for alias, declared in chain.accounts.items()
        ),
        principals=tuple(_principals(world, documents)),
        hops=tuple(_hop(world, hop, documents) for hop in chain.hops),
        expectations=tuple(expectations),
        provisioning=tuple(provisioning),
        waivers=tuple(waivers),
        coverage=coverage,
        manifest=manifest,
        teardown=teardown,
    )


def _kind(expectation: Expectation) -> ev.Kind:
    if isinstance(expectation, ActionExpectation):
        return "allow" if expectation.allowed else "deny"
    return _KINDS[type(expectation)]


def _title(expectation: Expectation) -> str:
    frm: str | None = getattr(expectation, "frm", None)
    come = f" from {frm}" if frm else ""
    when = "".join(f" when {key} is {value}" for key, value in _when(expectation).items())
    match expectation:
        case ActionExpectation():
            verb = "can" if expectation.allowed else "cannot"
            on = f" on {', '.join(expectation.on)}" if expectation.on else ""
            return f"{expectation.as_}{come} {verb} {', '.join(expectation.actions)}{on}{when}"
        case ReachExpectation():
            return f"{expectation.role} can be reached{come}"
        case OnlyExpectation():
            beside = f" but {', '.join(expectation.actions)}" if expectation.actions else " at all"
            return f"{expectation.as_}{come} can do nothing{beside}{when}"
        case AssumersExpectation():
            return f"only {', '.join(expectation.exactly) or 'nobody'} can get into {expectation.role}"
        case HopExpectation():
            verb = "works" if expectation.allowed else "is refused"
            changes = [f"without {name}" for name in expectation.without]
            changes.extend(
                f"{'' if name == 'from' else 'with '}{name} {_show(value)}"
                for name, value in expectation.changes.items()
            )
            return f"the hop into {expectation.role}{come} {verb} {' and '.join(changes)}"


def _when(expectation: Expectation) -> dict[str, str]:
    """The request context of a promise, several values of a key as alternatives."""
    given: Mapping[str, str | tuple[str, ...]] = getattr(expectation, "when", {})
    return {key: value if isinstance(value, str) else ", ".join(value) for key, value in given.items()}


def _show(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _principal(expectation: Expectation) -> str:
    match expectation:
        case ActionExpectation() | OnlyExpectation():
            return expectation.as_
        case _:
            return expectation.role


def _actions(expectation: Expectation) -> tuple[str, ...]:
    match expectation:
        case ActionExpectation() | OnlyExpectation():
            return expectation.actions
        case _:
            return ("sts:AssumeRole",)


def _hop_id(expectation: Expectation, chain: Chain) -> str | None:
    if isinstance(expectation, (ReachExpectation, HopExpectation)):
        hops = chain.hops_into(expectation.role, expectation.frm)
        return hops[0].label if hops else None
    return None


def _prediction(prediction: Prediction, documents: DocumentIndex) -> ev.Prediction:
    decision = prediction.deciding
    # To explain is most of the work: once for each decision, the deciding one being one of them.
    asked: list[tuple[Decision, str | None]] = [
        (found, hop.hop.label) for hop in prediction.hops for found in hop.decisions
    ]
    asked += [(found, None) for found in prediction.decisions[:8]]
    whys = {id(found): explain(found) for found, _ in asked}
    reason = documents.relative_text(prediction.reason)
    steps = [_step(found, whys[id(found)], documents, hop) for found, hop in asked]
    contested = tuple(sorted({name for why in whys.values() for name in why.contested}))
    if decision is None:
        outcome: ev.Outcome = "allowed" if prediction.allowed else "implicitDeny"
        return ev.Prediction(
            outcome,
            "identity_policies",
            reason,
            contested=contested,
            steps=tuple(steps),
            examined=prediction.examined,
        )
    if decision.allowed and not prediction.allowed and prediction.hops:
        # The policies would let it through; a rule of the call itself does not.
        return ev.Prediction(
            "implicitDeny",
            "call",
            reason,
            contested=contested,
            steps=tuple(steps),
            examined=prediction.examined,
        )
    why = whys.get(id(decision)) or explain(decision)
    return ev.Prediction(
        outcome=decision.verdict.value,
        stage=why.stage.value,
        reason=reason,
        blocked_by=tuple(stage.value for stage in why.blocked_by),
        statements=tuple(_reference(match, documents) for match in why.statements[:12]),
        nearest_miss=_miss(why.nearest_miss, documents),
        contested=contested,
        missing_context=why.missing_context,
        steps=tuple(steps),
        examined=prediction.examined,
    )


def _step(decision: Decision, why: Explanation, documents: DocumentIndex, hop: str | None = None) -> ev.Step:
    request = decision.request
    return ev.Step(
        principal=request.principal.arn,
        action=request.action,
        resource=named_arn(request.resource),
        outcome=decision.verdict.value,
        gates=_gates(decision, why, documents),
        hop=hop,
    )


def _gates(decision: Decision, why: Explanation, documents: DocumentIndex) -> tuple[ev.Gate, ...]:
    said = gates(decision)
    found: list[ev.Gate] = []
    for stage in _GATES:
        outcome = said.get(stage)
        statements = tuple(_reference(m, documents) for m in why.statements if m.stage is stage)
        state: ev.GateState = "absent" if outcome is None else outcome.value
        found.append(
            ev.Gate(
                stage.value,
                state,
                decided=stage is why.stage or (decision.allowed and bool(statements)),
                statements=statements,
                note=_gate_note(decision, why, stage, outcome),
            )
        )
    return tuple(found)


def _gate_note(decision: Decision, why: Explanation, stage: Stage, outcome: Outcome | None) -> str:
    if stage is why.stage:
        # Statements are named beside the note already, by a file that is the same on every machine.
        return "" if why.statements else headline(decision, why)
    return "says nothing, and need not" if outcome is Outcome.IMPLICIT_DENY and decision.allowed else ""


def _reference(match: Match, documents: DocumentIndex) -> ev.StatementRef:
    return documents.reference(match.policy, match.statement)


def _miss(miss: Miss | None, documents: DocumentIndex) -> ev.NearestMiss | None:
    if miss is None:
        return None
    found = miss.found
    return ev.NearestMiss(
        statement=_reference(miss.match, documents),
        element=miss.element,
        wanted=miss.wanted[:20],
        found=None if found is None else (found,) if isinstance(found, str) else found,
        operator=miss.operator,
        key=miss.key,
    )


def _observation(observation: Observation) -> ev.Observation | None:
    if not observation.calls:
        return None
    seen = {observed.answer.seen for observed in observation.calls}
    outcome: ev.Seen = "inconclusive"
    if seen == {Seen.ALLOWED}:
        outcome = "allowed"
    elif Seen.DENIED in seen and Seen.INCONCLUSIVE not in seen:
        outcome = "denied"
    first = observation.calls[0].answer
    reason = read_reason(first.message)
    text = first.answer or first.message
    if reason is not None:
        stage = f" ({reason.stage.value})" if reason.stage else ""
        text = f"{reason.kind} deny{stage}: {first.message}"
    return ev.Observation(outcome, text, tuple(_call(o.answer) for o in observation.calls))


def _call(answer: Answer) -> ev.Call:
    return ev.Call(
        principal=answer.principal,
        action=answer.action,
        resource=answer.resource,
        call=answer.call,
        outcome=answer.seen.value,
        http_status=answer.http_status,
        error_code=answer.error_code,
        request_id=answer.request_id,
        message=answer.message,
        answer=answer.answer,
        decoded_denial=answer.decoded_denial,
        attempts=answer.attempts,
        waits=answer.waits,
        duration=round(answer.duration, 6),
        identity=answer.identity,
    )


def _principals(world: World, documents: DocumentIndex) -> Iterable[ev.Principal]:
    chain = world.chain
    for user in chain.users.values():
        held = world.caller(user.name).policies
        used = (*held.identity, *(held.boundary or ()))
        yield ev.Principal(user.name, "user", chain.arn_of(user.name), user.account, documents.ids(used))
    for role in chain.roles.values():
        attached = [documents.id_of(role.trust.policy)]
        if chain.path_to(role.name) is not None:
            held = world.caller(role.name).policies
            attached.extend(documents.ids((*held.identity, *(held.boundary or ()))))
        yield ev.Principal(role.name, "role", chain.arn_of(role.name), role.account, tuple(attached))
    for name, provider in chain.providers.items():
        yield ev.Principal(name, "federated", chain.arn_of(name), provider.account)


def _hop(world: World, hop: Hop, documents: DocumentIndex) -> ev.Hop:
    decided = world.hop(hop, world.caller(hop.frm))
    deciding = decided.deciding
    outcome: ev.Outcome = deciding.verdict.value
    found = _gates(deciding, explain(deciding), documents)
    if decided.refusal is not None and deciding.allowed:
        outcome = "implicitDeny"
        found = (*(replace(gate, decided=False) for gate in found), _refused(decided.refusal[1]))
    limits = world.callers_along((hop,))[-1].policies.session or ()
    return ev.Hop(
        id=hop.label,
        source=hop.frm,
        role=hop.assume,
        session_name=hop.session_name,
        session_arn=world.chain.session_arn(hop),
        outcome=outcome,
        gates=found,
        settings=_settings(hop),
        action=deciding.request.action if hop.frm in world.chain.providers else "sts:AssumeRole",
        name=hop.name,
        session_policies=tuple(
            documents.reference(p, statement) for p in limits for statement in p.statements
        ),
    )


def _refused(why: str) -> ev.Gate:
    """The rule of STS itself that turns a call down which every policy would let through."""
    return ev.Gate("call", "implicitDeny", decided=True, note=why)


def _settings(hop: Hop) -> dict[str, str]:
    settings: dict[str, str] = {}
    for name in ("duration", "source_identity"):
        if getattr(hop, name) is not None:
            settings[name] = str(getattr(hop, name))
    if hop.external_id is not None:
        settings["external_id"] = "sent"
    if hop.mfa:
        settings["mfa"] = "sent"
    if hop.tags:
        settings["tags"] = ", ".join(f"{key}={value}" for key, value in hop.tags.items())
    if hop.claims:
        claims = ((k, v if isinstance(v, str) else " ".join(v)) for k, v in hop.claims.items())
        settings["claims"] = ", ".join(f"{key}={value}" for key, value in claims)
    return settings
