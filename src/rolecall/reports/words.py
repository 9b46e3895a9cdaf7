"""The words that every view uses for stages, gates, outcomes and verdicts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall.reports.limits import UNENFORCED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.reports.evidence import (
        Call,
        Chain,
        Evidence,
        Expectation,
        Gate,
        NearestMiss,
        Observation,
        Prediction,
        StatementRef,
        Step,
        Verdict,
    )

__all__ = [
    "CALLER_GATES",
    "CALLS_SHOWN",
    "GATES",
    "LIMITS",
    "MARKS",
    "NOT_COME_AS",
    "OUTCOMES",
    "STAGES",
    "WORST_FIRST",
    "accounts",
    "agreement",
    "alike",
    "apart",
    "disagreements",
    "gate_name",
    "headline",
    "in_short",
    "listed",
    "miss_in_words",
    "mood",
    "near",
    "not_checked",
    "of_all",
    "opening",
    "ordered",
    "place",
    "predicted",
    "reason_seen",
    "repeats",
    "seconds",
    "tally",
    "told",
    "unchecked",
    "unenforced",
]

STAGES = {
    "identity_policies": "identity-based policies",
    "resource_policy": "resource-based policy",
    "permissions_boundary": "permissions boundary",
    "session_policies": "session policies",
    "scps": "service control policies (SCP)",
    "rcps": "resource control policies (RCP)",
    "call": "the API call itself",
}
GATES = {
    "identity_policies": "has permission",
    "permissions_boundary": "boundary",
    "session_policies": "session policy",
    "scps": "SCP",
    "rcps": "RCP",
    "resource_policy": "is trusted",
    "call": "API rule",
}
LIMITS = "session limited by"
"""The session policies that a hop passes on. They are no gate of the hop; they limit what it leads to."""
CALLER_GATES = ("identity_policies", "permissions_boundary", "session_policies", "scps")
"""The gates on the caller's side; the others are on the side of what is called."""
_ORDER = (*CALLER_GATES, "call", "rcps", "resource_policy")
OUTCOMES = {
    "allowed": "allowed",
    "denied": "denied",
    "inconclusive": "inconclusive",
    "explicitDeny": "explicitly denied",
    "implicitDeny": "implicitly denied",
    "absent": "not set",
    "notReached": "not reached",
}
CALLS_SHOWN = 25
"""So many calls of an expectation are shown in its row."""
_ENCODED = re.compile(r"(Encoded authorization failure message: )(\S{80,})")
_STAGE = re.compile(rf"\(({'|'.join(STAGES)})\)$")
_ALIKE = 3
NOT_COME_AS = "no expectation comes as this principal"
"""Of a branch of a trust statement whose other branches are exercised."""
WORST_FIRST = ("failed", "inconclusive", "waived", "passed")
MARKS = {"passed": "✓", "failed": "✕", "inconclusive": "?", "waived": "~"}


def ordered(gates: Iterable[Gate]) -> list[Gate]:
    """Gates as AWS asks them: the caller's side, the call, the side of what is called."""
    return sorted(gates, key=lambda gate: _ORDER.index(gate.stage))


def gate_name(step: Step, gate: Gate) -> str:
    """A gate's name; a role's resource-based policy is its trust, another resource's is not."""
    trusting = step.hop is not None or step.action.startswith("sts:AssumeRole")
    return "resource policy" if gate.stage == "resource_policy" and not trusting else GATES[gate.stage]


def in_short(item: Expectation, *, with_miss: bool = True) -> str:
    """What became of an expectation that did not pass, in half a line."""
    predicted = item.predicted
    if predicted is not None and item.kind in ("only", "assumers_of") and not item.disagreement:
        # The call comes before the engine's word in the reason, and who is meant would be cut off.
        said = f"; engine: {predicted.reason}"
        if item.verdict == "failed" and item.reason.endswith(said):
            return _first_words(predicted.reason, 240)
    return _promised_and_found(item, with_miss) or _first_words(item.reason, 240)


def _promised_and_found(item: Expectation, with_miss: bool = True) -> str:
    """Empty where not the outcome is what failed, or where many requests were asked about."""
    predicted, observed = item.predicted, item.observed
    shown = observed is not None and observed.outcome != "inconclusive"
    if predicted is None or item.verdict != "failed" or item.kind in ("only", "assumers_of"):
        return ""
    found = observed.outcome if shown and observed else OUTCOMES[predicted.outcome]
    if (found == "allowed") is (item.expected.outcome == "allowed"):
        return ""
    by = f" by {place(predicted.statements[0])}" if predicted.statements else ""
    if not by and predicted.outcome != "allowed":
        by = f" by the {STAGES[predicted.stage]}"
        if predicted.nearest_miss is not None and with_miss:
            miss = predicted.nearest_miss
            by += f"; nearest miss {place(miss.statement)}, its {miss.element}"
    return f"promised {item.expected.outcome}, {'observed' if shown else 'predicted'} {found}{by}"


def opening(item: Expectation) -> str:
    """The first line of an expectation's row: its reason without what the row tells below anyway.

    That is the call that was unlike the promise, with its message, and the engine's reason.
    """
    if item.verdict == "passed":
        return item.reason
    rest, engine = item.reason, item.predicted.reason if item.predicted is not None else ""
    rest = rest.replace(f"; engine: {engine}", "", 1) if engine else rest
    for call in item.observed.calls[:CALLS_SHOWN] if item.observed is not None else ():
        answer = re.escape(call.message or call.error_code or "no answer")
        asked = re.escape(f"{call.call} as {call.principal} was ")
        rest = re.sub(rf"{asked}(allowed|refused: {answer})|:? {answer}(?=$|; | \()", "", rest, count=1)
    if rest == item.reason:
        return told(rest)
    short = _promised_and_found(item) or (_first_words(engine, 240) if not rest.strip(" ;") else "")
    if short and rest.lstrip().startswith("("):
        return f"{short} {told(rest).strip()}"
    return "; ".join(filter(None, (told(rest).strip(" ;"), short)))


def apart(before: Expectation, after: Expectation) -> tuple[str, str]:
    """Two answers to one promise, so that they differ in words where they differ at all."""
    was, now = f"{before.verdict}: {before.reason}", f"{after.verdict}: {after.reason}"
    return (f"{was} ({_grounds(before)})", f"{now} ({_grounds(after)})") if was == now else (was, now)


def _grounds(item: Expectation) -> str:
    """What a verdict rests on: who decided in the prediction, and what was observed."""
    predicted, observed = item.predicted, item.observed
    parts = []
    if predicted is not None:
        by = ", ".join([STAGES[predicted.stage], *(place(one) for one in predicted.statements[:3])])
        parts.append(f"predicted {OUTCOMES[predicted.outcome]} by {by}")
    if observed is None:
        return "; ".join([*parts, "no call was made"])
    codes = dict.fromkeys(call.error_code or call.outcome for call in observed.calls)
    return "; ".join([*parts, f"observed {observed.outcome}{': ' if codes else ''}{', '.join(codes)}"])


def alike(
    evidence: Evidence, verdicts: tuple[Verdict, ...] = ("failed", "inconclusive")
) -> list[tuple[str, tuple[tuple[Chain, Expectation], ...]]]:
    """What did not pass, in short, with all of which that can be said; the verdicts in their order.

    Fewer than three stand alone: their own names tell more than what they have in common.
    """
    found: dict[tuple[str, str], list[tuple[Chain, Expectation]]] = {}
    for verdict in verdicts:
        for chain in evidence.chains:
            for item in chain.expectations:
                if item.verdict == verdict:
                    found.setdefault((verdict, in_short(item)), []).append((chain, item))
    groups: list[tuple[str, tuple[tuple[Chain, Expectation], ...]]] = []
    for (_, text), items in found.items():
        groups += [(text, tuple(items))] if len(items) >= _ALIKE else [(text, (one,)) for one in items]
    return groups


def _first_words(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[:room].rpartition(' ')[0] or text[:room]} …"


def agreement(evidence: Evidence) -> tuple[int, int]:
    """In how many expectations the engine's prediction and the target's answer agree, and of how many."""
    pairs = [
        (item.predicted.outcome == "allowed") == (item.observed.outcome == "allowed")
        for chain in evidence.chains
        for item in chain.expectations
        if item.kind not in ("only", "assumers_of")  # many requests: neither side is one answer
        if item.predicted is not None and item.observed is not None
        if item.observed.outcome != "inconclusive"
    ]
    return sum(pairs), len(pairs)


def predicted(prediction: Prediction, brief: bool = False) -> tuple[str, str]:
    """The outcome, and what goes on from there to the reason; the outcome is not said twice."""
    outcome = OUTCOMES[prediction.outcome]
    if prediction.reason.startswith(outcome):
        return outcome, prediction.reason.removeprefix(outcome)
    reason = prediction.reason.replace(f"{outcome}: ", "")
    return outcome, f": {reason}" if brief else f" by {STAGES[prediction.stage]}: {reason}"


def listed(text: str, what: str) -> str:
    """A list of many as their number: ``15 accounts``; a short one as it is."""
    number = text.count(", ") + 1
    return f"{number} {what}s" if number > 3 else text


def accounts(ids: str) -> str:
    """In which accounts a run was: ``account 111122223333``, ``15 accounts``, ``no account``."""
    short = listed(ids, "account")
    if short != ids or not ids:
        return short or "no account"
    return f"account{'s' if ',' in ids else ''} {ids}"


def unenforced(evidence: Evidence) -> str:
    """What is told before anything else where an endpoint does not enforce IAM; empty where none was met."""
    return UNENFORCED if UNENFORCED in evidence.limits else ""


def disagreements(evidence: Evidence) -> list[tuple[str, Expectation]]:
    """The expectations, with their chains' names, in which the target answered otherwise than predicted."""
    return [
        (chain.name, item) for chain in evidence.chains for item in chain.expectations if item.disagreement
    ]


def told(text: str) -> str:
    """A message of AWS without its encoded part, which only DecodeAuthorizationMessage can read."""
    return _ENCODED.sub(lambda found: f"{found[1]}({len(found[2])} characters, in evidence.json)", text)


def reason_seen(observation: Observation) -> str:
    """The reason that was observed, without the message of a call that is shown beside it anyway."""
    reason = observation.reason
    for call in observation.calls:
        if call.message and call.message in reason:
            rest = reason.replace(call.message, "").strip(" :")
            return _STAGE.sub(lambda found: f"({STAGES[found[1]]})", rest) or told(reason)
    return told(reason)


def repeats(item: Expectation, call: Call) -> bool:
    """Whether a refusal's message says no more than the reason that is told anyway: who, what, by what."""
    observed = item.observed
    if observed is None or observed.outcome == "inconclusive":
        return False
    if item.verdict != "passed" and call.message in item.reason:
        return False  # it is why, and the row does not open with it
    return call.message in observed.reason or reason_seen(observed) in call.message


def tally(observation: Observation) -> str:
    """How many calls were made and what they answered, for promises about a set."""
    found = [call.outcome for call in observation.calls]
    if not found:
        return f"{observation.outcome}, without a call"
    parts = [f"{found.count(kind)} {kind}" for kind in ("allowed", "denied", "inconclusive") if kind in found]
    return f"{len(found)} call{'s' if len(found) > 1 else ''}: {', '.join(parts)}"


def headline(evidence: Evidence) -> str:
    """The verdict of a run in one sentence, the worst first."""
    return f"{of_all(evidence)}{', ' if evidence.run.unchecked else ''}{not_checked(evidence)}"


def not_checked(evidence: Evidence) -> str:
    """How many promises the run did not come to; empty where it came to all."""
    number = len(evidence.run.unchecked)
    return f"{number} {'were' if number > 1 else 'was'} not checked" if number else ""


def of_all(evidence: Evidence) -> str:
    """The worst verdict and how many have it. "All" is said of nothing less than all that was promised."""
    counts = evidence.counts()
    checked = sum(counts.values())
    total = checked + len(evidence.run.unchecked)
    if checked == 0:
        return "Nothing was checked"
    if counts["failed"]:
        unsure = f", {counts['inconclusive']} could not be shown" if counts["inconclusive"] else ""
        return f"{counts['failed']} of {total} expectations failed{unsure}"
    if counts["inconclusive"]:
        return f"{counts['inconclusive']} of {total} expectations could not be shown"
    kept = "passed or are waived" if counts["waived"] else "passed"
    if checked < total:
        return f"{checked} of {total} expectations {kept}"
    return "The expectation passed" if (total, kept) == (1, "passed") else f"All {total} expectations {kept}"


def mood(evidence: Evidence) -> Verdict:
    """The colour of a run: ``passed`` only where everything that was promised was checked."""
    counts = evidence.counts()
    if counts["failed"]:
        return "failed"
    shown = counts["passed"] + counts["waived"]
    return "inconclusive" if counts["inconclusive"] or evidence.run.unchecked or not shown else "passed"


def unchecked(evidence: Evidence) -> dict[str, list[str]]:
    """The ids of what was not checked, by chain."""
    found: dict[str, list[str]] = {}
    for key in evidence.run.unchecked:
        chain, _, name = key.partition("/")
        found.setdefault(chain, []).append(name)
    return found


def miss_in_words(miss: NearestMiss) -> str:
    """The nearest miss as a sentence, without the name of its statement."""
    wanted = " or ".join(f"“{value}”" for value in miss.wanted) or "nothing"
    if miss.key is not None:
        found = "the request has no such key"
        if miss.found is not None:
            found = "the request has " + ", ".join(f"“{value}”" for value in miss.found)
        return f"{miss.operator or 'its condition'} on {miss.key} wants {wanted}; {found}"
    had = ", ".join(f"“{value}”" for value in miss.found or ()) or "nothing"
    return f"its {miss.element} is {wanted}; the request has {had}"


def place(statement: StatementRef) -> str:
    """Where a statement stands: ``file:line``, else its document and number."""
    if statement.file:
        return f"{statement.file}:{statement.line}" if statement.line else statement.file
    return f"{statement.policy}, statement {statement.index}"


def near(statement: StatementRef, chain: Chain | None) -> str:
    """Like ``place``, the file as seen from the folder of the chain's manifest."""
    text = place(statement)
    folder = chain.file.rpartition("/")[0] + "/" if chain is not None else "/"
    return text.removeprefix(folder)


def seconds(duration: float) -> str:
    """A duration for people: ``18 ms``, ``3.41 s``, ``2 min 5 s``."""
    if duration < 1:
        return f"{duration * 1000:.0f} ms"
    if duration < 120:
        return f"{duration:.2f} s"
    return f"{int(duration // 60)} min {int(duration % 60)} s"
