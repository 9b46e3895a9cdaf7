"""An expectation, a prediction and an observation → passed, failed or inconclusive, with why."""

from __future__ import annotations

from rolecall.verdicts.callers import ChainCaller, ManagedPolicies
from rolecall.verdicts.judging import Status, Verdict, judge, waive
from rolecall.verdicts.negatives import negatives
from rolecall.verdicts.predictions import Prediction, predict
from rolecall.verdicts.reasons import promised_reason
from rolecall.verdicts.world import HopDecision, World

__all__ = [
    "ChainCaller",
    "HopDecision",
    "ManagedPolicies",
    "Prediction",
    "Status",
    "Verdict",
    "World",
    "judge",
    "negatives",
    "predict",
    "promised_reason",
    "waive",
]
