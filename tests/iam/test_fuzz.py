"""Hostile and broken input: never a wrong Allow, never a hang."""

from __future__ import annotations

import json
import os
import random
import time

import pytest

from rolecall.errors import MalformedPolicyDocument
from rolecall.iam import parse_policy
from rolecall.iam.simulation import decide_case
from tests.iam.plain_evaluator import verdict
from tests.iam.random_cases import Cases

ROUNDS = 400_000 if os.environ.get("ROLECALL_THOROUGH") else 5_000


def test_engine_and_plain_evaluator_agree_on_random_cases() -> None:
    source = Cases(20261123)
    for _ in range(ROUNDS):
        case = source.case()
        answer = decide_case(case, detail=False)
        assert answer.get("decision") == verdict(case), json.dumps(case)


def test_random_cases_reach_every_verdict_often_enough_to_tell_something() -> None:
    source = Cases(7)
    found = [verdict(source.case()) for _ in range(2_000)]
    assert min(found.count(word) for word in ("allowed", "implicitDeny", "explicitDeny")) > 100


def test_broken_json_is_refused_and_never_decided() -> None:
    rng = random.Random(3)  # noqa: S311
    source = Cases(3)
    refused = 0
    for _ in range(1_500):
        text = json.dumps(source.policy())
        at = rng.randrange(len(text))
        broken = text[:at] + rng.choice(["", '"', "{", "}", "\x00", ",", "\ufeff", "[" * 50]) + text[at + 1 :]
        try:
            statements = len(parse_policy(broken).statements)
        except MalformedPolicyDocument:
            refused += 1
        else:  # still a policy: then it says what its own JSON says
            assert statements == len(json.loads(broken)["Statement"])
    assert refused > 700


@pytest.mark.parametrize("depth", [500, 100_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    with pytest.raises(MalformedPolicyDocument):
        parse_policy('{"Statement":' + "[" * depth + "]" * depth + "}")


def _seconds(pattern: str, value: str, where: str) -> float:
    statement: dict[str, object] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    context = {}
    resource = "*"
    if where == "resource":
        statement["Resource"], resource = pattern, value
    elif where == "action":
        statement["Action"] = f"s3:{pattern}"
    else:
        statement["Condition"], context = {where: {"svc:key": pattern}}, {"svc:key": value}
    case = {
        "principal": "arn:aws:iam::111122223333:user/u",
        "action": f"s3:{value}" if where == "action" else "s3:GetObject",
        "resource": resource,
        "context": context,
        "identity_policies": [{"Version": "2012-10-17", "Statement": [statement]}],
    }
    start = time.process_time()
    answer = decide_case(case)
    spent = time.process_time() - start
    assert answer["decision"] == "implicitDeny"
    return spent


@pytest.mark.parametrize("where", ["resource", "action", "StringLike", "ArnLike"])
@pytest.mark.parametrize("pattern", ["*a*a*a*a*b", "*a" * 60 + "*b", "*?a*?a*?a*b", "a*" * 200 + "b"])
def test_many_stars_do_not_hang(pattern: str, where: str) -> None:
    """A backtracking matcher needs 6,144 to the power of four steps here; the bound is generous."""
    prefix = "arn:aws:svc:::" if where == "ArnLike" else ""
    assert _seconds(prefix + pattern, prefix + "a" * 6144, where) < 5


@pytest.mark.parametrize("value", ["9" * 100_000, "1e999999999", "-" * 10_000, "1" * 5_000 + ".5"])
@pytest.mark.parametrize("operator", ["NumericEquals", "NumericLessThan", "DateEquals", "DateLessThan"])
def test_huge_numbers_neither_hang_nor_match_by_accident(operator: str, value: str) -> None:
    assert _seconds("-99999999999", value, operator) < 5
