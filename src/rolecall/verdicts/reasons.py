"""Whether a denial came for the reason that was promised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.chains import HopExpectation
from rolecall.iam import Decision, Match, Outcome, Stage, explain
from rolecall.iam.denial_messages import ObservedReason
from rolecall.iam.wording import STAGE_NAMES, stage_name

if TYPE_CHECKING:
    from rolecall.chains import Because, Expectation

__all__ = ["decision_mismatch", "observed_mismatch", "promised_reason"]


def promised_reason(expectation: Expectation) -> str:
    """Why a denial was promised to come, in words; empty for "any reason"."""
    because: Because | None = getattr(expectation, "because", None)
    if because is None:
        return ""
    parts: list[str] = []
    if because.kind is not None:
        parts.append(f"{because.kind} deny")
    if because.stage is not None:
        trust = because.stage is Stage.RESOURCE and isinstance(expectation, HopExpectation)
        parts.append("in the role trust policy" if trust else f"in the {STAGE_NAMES[because.stage]}")
    if because.policy is not None:
        parts.append(f"by {because.policy}")
    if because.statement is not None:
        parts.append(f"statement {because.statement}")
    if because.condition_key is not None:
        parts.append(f"over {because.condition_key}")
    return " ".join(parts)


def decision_mismatch(because: Because | None, decision: Decision) -> str:
    """What of the promised reason the engine's decision does not bear out; empty when all of it does."""
    if because is None or decision.allowed:
        return ""
    why = explain(decision)
    kind = "explicit" if decision.verdict is Outcome.EXPLICIT_DENY else "implicit"
    if because.kind is not None and because.kind != kind:
        return f"promised an {because.kind} deny, found an {kind} one"
    if because.stage is not None and because.stage not in why.blocked_by:
        found = ", ".join(stage_name(stage, decision) for stage in why.blocked_by) or "none"
        return f"promised the {stage_name(because.stage, decision)}, found {found}"
    involved = list(why.statements) if kind == "explicit" else []
    if kind == "implicit" and why.nearest_miss is not None:
        involved.append(why.nearest_miss.match)
    if because.policy is not None and not any(_is_policy(match, because.policy) for match in involved):
        return f"promised {because.policy}, found {_names(involved)}"
    if because.statement is not None and not any(_is_statement(m, because.statement) for m in involved):
        return f"promised statement {because.statement}, found {_names(involved)}"
    if because.condition_key is not None:
        keys = _keys(decision, involved)
        if because.condition_key.lower() not in keys:
            return (
                f"promised a condition on {because.condition_key}, found {', '.join(sorted(keys)) or 'none'}"
            )
    return ""


def observed_mismatch(because: Because | None, reason: ObservedReason | None) -> str:
    """What of the promised reason the target's own message contradicts. No message contradicts nothing."""
    if because is None or reason is None:
        return ""
    if because.kind is not None and because.kind != reason.kind:
        return f"promised an {because.kind} deny, the target answered an {reason.kind} one"
    if because.stage is not None and reason.stage is not None and because.stage is not reason.stage:
        return f"promised the {STAGE_NAMES[because.stage]}, the target named the {STAGE_NAMES[reason.stage]}"
    return ""


def _keys(decision: Decision, involved: list[Match]) -> set[str]:
    if decision.verdict is Outcome.EXPLICIT_DENY:
        return {c.key.lower() for match in involved for c in match.statement.conditions}
    miss = explain(decision).nearest_miss
    return {miss.key.lower()} if miss is not None and miss.key is not None else set()


def _is_policy(match: Match, name: str) -> bool:
    file = match.policy.file or ""
    return name in (match.policy.name, file) or file.endswith("/" + name)


def _is_statement(match: Match, statement: str | int) -> bool:
    return statement in (match.statement.sid, match.statement.index)


def _names(involved: list[Match]) -> str:
    return ", ".join(f"{m.policy.name} statement {m.statement.index}" for m in involved) or "no statement"
