"""An expectation, a prediction and an observation → passed, failed or inconclusive, with why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from rolecall.chains import named_arn
from rolecall.iam.denial_messages import read_reason
from rolecall.probes import UNKNOWN_CREDENTIAL, Observation, Seen, promised_access
from rolecall.verdicts.reasons import observed_mismatch

if TYPE_CHECKING:
    from rolecall.chains import Expectation, Waiver
    from rolecall.iam import Decision
    from rolecall.verdicts.predictions import Prediction

__all__ = ["Status", "Verdict", "judge", "waive"]

_UNENFORCED = "this endpoint does not enforce IAM: that it lets a call through shows nothing"


class Status(StrEnum):
    """What became of a promise."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an expectation. ``disagreement`` is set where engine and target differ,
    ``simulated`` where IAM's policy simulator was asked too.
    """

    expectation: Expectation
    status: Status
    reason: str
    prediction: Prediction
    observation: Observation
    duration: float = 0.0
    disagreement: str = ""
    simulated: str = ""


def judge(
    expectation: Expectation,
    prediction: Prediction,
    observation: Observation,
    duration: float = 0.0,
    *,
    enforced: bool = True,
) -> Verdict:
    """Judge a promise.

    What the target showed comes before what the engine says. A call that shows nothing makes the verdict
    inconclusive, never passed. Where no call is safe, the engine alone decides, and the reason says so.
    ``enforced``: whether the target enforces IAM. What one that does not allows shows nothing: nothing passes
    there but what both engine and target say, and that they differ is no news.
    """
    status, reason = _status(expectation, prediction, observation)
    if not enforced and observation.calls:
        if status is Status.PASSED and not prediction.holds:
            status = Status.FAILED
        reason = f"{reason} ({_UNENFORCED})"
    if _hangs(expectation, prediction, observation, status):
        status = Status.INCONCLUSIVE
        reason = (
            f"this hangs on {prediction.hanging}, which the promise does not tell (say it under when:, or "
            f"under because: as condition_key); {reason}"
        )
    differs = _disagreement(prediction, observation) if enforced else ""
    return Verdict(expectation, status, reason, prediction, observation, duration, differs)


def _hangs(
    expectation: Expectation, prediction: Prediction, observation: Observation, status: Status
) -> bool:
    """Whether another call could have another verdict. One that was allowed shows that it can be."""
    because = getattr(expectation, "because", None)
    named = because is not None and (because.condition_key or "").lower() == prediction.hanging.lower()
    if not prediction.hanging or named:
        return False
    if not observation.calls:
        return True
    promised = promised_access(expectation)
    return status is Status.FAILED if promised else promised is False and status is Status.PASSED


def waive(verdict: Verdict, waiver: Waiver | None, today: date) -> Verdict:
    """The verdict under a waiver. Strict: an expired waiver fails, and so does one that is not needed."""
    if waiver is None:
        return verdict
    status, reason = verdict.status, verdict.reason
    if today > waiver.until:
        status = Status.FAILED
        reason = f"the waiver by {waiver.approved_by} expired on {waiver.until.isoformat()}; {reason}"
    elif status is Status.PASSED:
        status = Status.FAILED
        reason = f"the expectation passes: remove its waiver ({waiver.reason})"
    elif status is Status.FAILED:
        status = Status.WAIVED
        reason = f"waived by {waiver.approved_by} until {waiver.until.isoformat()}: {waiver.reason}; {reason}"
    return replace(verdict, status=status, reason=reason)


def _status(expectation: Expectation, prediction: Prediction, observation: Observation) -> tuple[Status, str]:
    promised = promised_access(expectation)
    if observation.unlike:
        answer = observation.unlike[0]
        seen = (
            "was allowed"
            if answer.seen is Seen.ALLOWED
            else f"was refused: {answer.message or answer.error_code}"
        )
        return Status.FAILED, f"{answer.call} as {answer.principal} {seen}; engine: {prediction.reason}"
    if observation.unclear:
        answer = observation.unclear[0]
        if promised and answer.error_code in UNKNOWN_CREDENTIAL:
            return (
                Status.FAILED,
                f"{answer.principal} cannot call at all: {answer.error_code} {answer.message}",
            )
        return (
            Status.INCONCLUSIVE,
            f"{answer.call} shows nothing: {answer.error_code} {answer.message}".rstrip(),
        )
    if not observation.calls:
        if not prediction.reachable and promised is False:
            return Status.INCONCLUSIVE, f"nobody can become this principal: {prediction.reason}"
        alone = f" (decided by the engine alone: {observation.note})" if observation.note else ""
        return (Status.PASSED if prediction.holds else Status.FAILED), prediction.reason + alone
    because = getattr(expectation, "because", None)
    for observed in observation.calls:
        if observed.promised:
            continue
        mismatch = observed_mismatch(because, read_reason(observed.answer.message))
        if mismatch:
            return Status.FAILED, f"{mismatch}: {observed.answer.message}"
    if not prediction.holds and (promised is None or prediction.allowed is promised):
        return Status.FAILED, prediction.reason
    if not prediction.holds and len(observation.calls) < prediction.examined:
        return Status.FAILED, f"the calls that were made went as promised, but: {prediction.reason}"
    return Status.PASSED, prediction.reason


def _disagreement(prediction: Prediction, observation: Observation) -> str:
    """Where the engine said one thing and the target did another."""
    predicted: dict[tuple[str, str, str], tuple[bool, str]] = {}
    for decision in prediction.decisions:
        predicted[_asked(decision)] = decision.allowed, decision.verdict.value
    for hop in prediction.hops:
        # A hop is one call, whatever number of actions it needs.
        said = hop.refusal[0] if hop.refusal is not None else hop.deciding.verdict.value
        predicted[_asked(hop.decisions[0])] = hop.allowed, said
    for observed in observation.calls:
        answer = observed.answer
        expected = predicted.get((answer.principal, answer.action.lower(), named_arn(answer.resource)))
        if expected is None or answer.seen is Seen.INCONCLUSIVE or prediction.hanging:
            continue
        allowed, said = expected
        if allowed is not (answer.seen is Seen.ALLOWED):
            return f"{answer.call}: the engine says {said}, the target answered {answer.seen.value}"
    return ""


def _asked(decision: Decision) -> tuple[str, str, str]:
    request = decision.request
    return request.principal.arn, request.action.lower(), named_arn(request.resource)
