"""Decisions in words, the same for the command line, pytest's failure text and the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.iam.decisions import Decision
from rolecall.iam.denials import denial
from rolecall.iam.explanations import Explanation, explain, gates
from rolecall.iam.outcomes import Match, NearestMiss, Outcome
from rolecall.iam.policy_sets import Stage

if TYPE_CHECKING:
    from rolecall.iam.documents import Policy, Statement

__all__ = ["STAGE_NAMES", "describe", "headline", "miss_text", "stage_name", "statement_place"]

STAGE_NAMES = {
    Stage.IDENTITY: "identity-based policies",
    Stage.RESOURCE: "resource-based policy",
    Stage.BOUNDARY: "permissions boundary",
    Stage.SESSION: "session policies",
    Stage.SCP: "service control policies",
    Stage.RCP: "resource control policies",
    Stage.CALL: "call itself",
}


def headline(decision: Decision, why: Explanation | None = None) -> str:
    """One sentence: the verdict and what decided it. ``why``: its explanation, where it is at hand."""
    why = why or explain(decision)
    request = decision.request
    stage = stage_name(why.stage, decision)
    if decision.verdict is Outcome.ALLOWED:
        granting = [match for match in why.statements if match.stage in (Stage.IDENTITY, Stage.RESOURCE)]
        if not granting:
            return f"allowed: {request.action} needs no permission" if why.stage is Stage.CALL else "allowed"
        return "allowed by " + " and ".join(_match_text(match) for match in granting[:3])
    if decision.verdict is Outcome.EXPLICIT_DENY:
        deciding = [match for match in why.statements if match.stage is why.stage]
        return f"explicitly denied in the {stage} by {_match_text(deciding[0])}"
    if why.stage is Stage.CALL:
        return f"denied: {request.action} refuses this kind of caller, whatever policies say"
    return f"implicitly denied: no statement of the {stage} allows {request.action}"


def describe(decision: Decision) -> str:
    """The whole story over several lines, without a line feed at the end."""
    request = decision.request
    why = explain(decision)
    lines = [
        f"{decision.verdict.value}: {headline(decision)}",
        f"  principal  {request.principal.arn}",
        f"  action     {request.action}",
        f"  resource   {request.resource}",
    ]
    shown = {stage: outcome for stage, outcome in gates(decision).items() if outcome is not None}
    for number, (stage, outcome) in enumerate(shown.items()):
        decided = "   <- decided" if stage is why.stage else ""
        word = {Outcome.ALLOWED: "allows", Outcome.EXPLICIT_DENY: "denies"}.get(outcome, "says nothing")
        if stage is Stage.RCP and outcome is Outcome.ALLOWED:
            word = "lets pass"
        lead = "gates" if number == 0 else ""
        lines.append(f"  {lead:<10} {stage_name(stage, decision)}: {word}{decided}")
    for number, match in enumerate(why.statements):
        lead = "statements" if number == 0 else ""
        lines.append(f"  {lead:<10} {match.statement.effect.value} in {_match_text(match)}")
    if why.nearest_miss is not None:
        lines.append(f"  nearest    {miss_text(why.nearest_miss)}")
    if why.missing_context:
        lines.append(f"  missing    {', '.join(why.missing_context)}")
    if why.contested:
        lines.append(f"  contested  AWS's pages leave this open; see the switch {', '.join(why.contested)}")
    if not decision.allowed:
        answer = denial(decision)
        lines.append(f"  answer     {answer.code} (HTTP {answer.status}): {answer.message}")
    return "\n".join(lines)


def miss_text(miss: NearestMiss) -> str:
    """The nearest miss in a sentence, with both values."""
    place = _match_text(miss.match)
    wanted = ", ".join(miss.wanted[:4]) + (f" … ({len(miss.wanted)} in all)" if len(miss.wanted) > 4 else "")
    if miss.element == "Condition":
        found = "is absent" if miss.found is None else f"is {_found(miss.found)}"
        return f"{place} would allow, but {miss.key} {found}; {miss.operator} wants {wanted}"
    element = miss.operator or miss.element
    return f"{place} would allow, but its {element} is {wanted}, not {_found(miss.found)}"


def statement_place(policy: Policy, statement: Statement) -> str:
    """``file:line`` of a statement where known, else an empty string."""
    place = policy.place_of(statement)
    if policy.file and place:
        return f"{policy.file}:{place.line}"
    return policy.file or ""


def _found(value: str | tuple[str, ...] | None) -> str:
    if value is None:
        return "present"
    return value if isinstance(value, str) else ", ".join(value) or "an empty list"


def _match_text(match: Match) -> str:
    statement = match.statement
    name = match.policy.name or match.label
    said = f"{name} statement {statement.index}" + (f' "{statement.sid}"' if statement.sid else "")
    place = statement_place(match.policy, statement)
    return f"{said} ({place})" if place else said


def stage_name(stage: Stage, decision: Decision) -> str:
    """The stage in words; the policy on a role is its trust policy."""
    if stage is Stage.RESOURCE and ":role/" in decision.request.resource:
        return "role trust policy"
    return STAGE_NAMES[stage]
