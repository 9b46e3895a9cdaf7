"""What the policy simulator said, in words, beside the prediction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rolecall.chains import named_arn

if TYPE_CHECKING:
    from rolecall.probes import Simulated
    from rolecall.verdicts.predictions import Prediction

__all__ = ["simulator_remark"]

_BLIND = (
    "it knows no trust policies, no sessions and no resource policies of roles, and of the request what the "
    "engine knows of it; no verdict depends on it"
)


def simulator_remark(simulated: Sequence[Simulated], prediction: Prediction) -> str:
    """A sentence on what IAM's simulator says, and whether the prediction says the same; empty without."""
    if not simulated:
        return ""
    predicted = {
        (decision.request.action.lower(), named_arn(decision.request.resource)): decision
        for decision in prediction.decisions
    }
    parts = []
    for one in simulated:
        text = f"{one.action} on {one.resource}: {one.decision}"
        decision = predicted.get((one.action.lower(), one.resource))
        if decision is not None:
            same = decision.allowed is (one.decision == "allowed")
            text += ", as predicted" if same else f", OTHERWISE than predicted ({decision.verdict.value})"
        if one.missing:
            text += f" (not told: {', '.join(one.missing)})"
        parts.append(text)
    return f"SimulatePrincipalPolicy says {'; '.join(parts)}. Its limits: {_BLIND}"
