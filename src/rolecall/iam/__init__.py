"""The policy language, decided as AWS documents it. Pure: no I/O, no boto3, no pytest, no clock."""

from __future__ import annotations

from rolecall.iam.closure import Reach, closure
from rolecall.iam.decisions import Decision
from rolecall.iam.documents import Condition, Effect, Policy, Statement, parse_policy
from rolecall.iam.evaluation import evaluate
from rolecall.iam.explanations import Explanation, explain
from rolecall.iam.outcomes import Match, NearestMiss, Outcome
from rolecall.iam.policy_sets import Policies, Stage
from rolecall.iam.principals import Principal, PrincipalType, read_principal
from rolecall.iam.requests import Request
from rolecall.iam.switches import Switches

__all__ = [
    "Condition",
    "Decision",
    "Effect",
    "Explanation",
    "Match",
    "NearestMiss",
    "Outcome",
    "Policies",
    "Policy",
    "Principal",
    "PrincipalType",
    "Reach",
    "Request",
    "Stage",
    "Statement",
    "Switches",
    "closure",
    "evaluate",
    "explain",
    "parse_policy",
    "read_principal",
]
