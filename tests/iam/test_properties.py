"""What holds for every policy and request, not only for the documented ones (hypothesis)."""

from __future__ import annotations

import copy
import json
import os
import random
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rolecall.iam import Outcome, Switches, evaluate, parse_policy
from rolecall.iam.simulation import decide_case, read_case
from tests.iam.random_cases import Cases

# ROLECALL_THOROUGH=1 asks thirty times as much.
EXAMPLES = 10_000 if os.environ.get("ROLECALL_THOROUGH") else 300
often = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
seeds = st.integers(min_value=0, max_value=2**32)
POLICY_FIELDS = ("identity_policies", "permissions_boundary", "session_policies")


def _verdict(case: dict[str, Any]) -> str:
    answer = decide_case(case, detail=False)
    assert "error" not in answer, answer
    return str(answer["decision"])


def _documents(case: dict[str, Any]) -> list[dict[str, Any]]:
    found = [document for name in POLICY_FIELDS for document in case.get(name) or ()]
    found += [document for name in ("scps", "rcps") for level in case.get(name) or () for document in level]
    return found + ([case["resource_policy"]] if case.get("resource_policy") else [])


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


@often
@given(seeds)
def test_a_deny_never_adds_access(seed: int) -> None:
    source = Cases(seed)
    case = source.case()
    before = _verdict(case)
    statement = source.statement("identity")
    statement["Effect"] = "Deny"
    changed = copy.deepcopy(case)
    document = source.random.choice(_documents(changed) or [{"Statement": []}])
    owned = any("Principal" in item or "NotPrincipal" in item for item in document["Statement"])
    document["Statement"].append({**statement, "Principal": "*"} if owned else statement)
    assert _verdict(changed) in (before, "explicitDeny")


@often
@given(seeds)
def test_the_order_of_policies_and_statements_never_matters(seed: int) -> None:
    case = Cases(seed).case()
    shuffled = copy.deepcopy(case)
    rng = random.Random(seed)  # noqa: S311
    for document in _documents(shuffled):
        rng.shuffle(document["Statement"])
    for name in POLICY_FIELDS:
        rng.shuffle(shuffled.get(name) or [])
    for name in ("scps", "rcps"):
        for level in shuffled.get(name) or ():
            rng.shuffle(level)
        rng.shuffle(shuffled.get(name) or [])
    assert _verdict(shuffled) == _verdict(case)


@often
@given(seeds)
def test_narrowing_an_allow_never_widens(seed: int) -> None:
    source = Cases(seed)
    case = source.case()
    allows = [
        (document, statement)
        for document in _documents(case)
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
    ]
    if not allows:
        return
    before = _verdict(case)
    document, statement = source.random.choice(allows)
    if source.random.random() < 0.5 and "Action" in statement and len(_as_list(statement["Action"])) > 1:
        statement["Action"] = _as_list(statement["Action"])[1:]
    elif source.random.random() < 0.5:
        operator, key, values = source.condition()
        statement.setdefault("Condition", {}).setdefault(operator, {}).setdefault(key, values)
    else:
        document["Statement"].remove(statement)
        if not document["Statement"]:
            filler = {"Effect": "Allow", "Action": "nothing:Ever", "Resource": "*"}
            owned = "Principal" in statement
            document["Statement"].append({**filler, "Principal": "*"} if owned else filler)
    if before != "allowed":
        assert _verdict(case) != "allowed"


@often
@given(seeds)
def test_splitting_lists_into_statements_changes_nothing(seed: int) -> None:
    case = Cases(seed).case()
    split = copy.deepcopy(case)
    for document in _documents(split):
        parts = []
        for statement in document["Statement"]:
            actions = _as_list(statement["Action"]) if "Action" in statement else [None]
            resources = _as_list(statement["Resource"]) if "Resource" in statement else [None]
            for action in actions:
                for resource in resources:
                    part = dict(statement)
                    if action is not None:
                        part["Action"] = action
                    if resource is not None:
                        part["Resource"] = resource
                    parts.append(part)
        document["Statement"] = parts
    assert _verdict(split) == _verdict(case)


@often
@given(seeds)
def test_parsing_what_was_printed_gives_the_same_policy(seed: int) -> None:
    for document in _documents(Cases(seed).case()):
        policy = parse_policy(json.dumps(document))
        assert parse_policy(json.dumps(policy.to_json())) == policy
        assert parse_policy(policy.to_json()).to_json() == policy.to_json()


@often
@given(seeds)
def test_the_case_of_actions_and_condition_keys_never_matters(seed: int) -> None:
    case = Cases(seed).case()
    rng = random.Random(seed)  # noqa: S311

    def swapped(text: str) -> str:
        return "".join(letter.swapcase() if rng.random() < 0.5 else letter for letter in text)

    changed = copy.deepcopy(case)
    changed["action"] = swapped(case["action"])
    changed["context"] = {swapped(key): value for key, value in case["context"].items()}
    for document in _documents(changed):
        for statement in document["Statement"]:
            for name in ("Action", "NotAction"):
                if name in statement:
                    statement[name] = [swapped(action) for action in _as_list(statement[name])]
            for operator, keys in statement.get("Condition", {}).items():
                renamed: dict[str, Any] = {}
                for key, values in keys.items():
                    renamed[swapped(key)] = values
                statement["Condition"][operator] = renamed
    assert _verdict(changed) == _verdict(case)


@often
@given(seeds)
def test_the_explanation_says_what_the_verdict_says(seed: int) -> None:
    request, policies = read_case(Cases(seed).case())
    decision = evaluate(request, policies)
    effects = {match.statement.effect.value for match in decision.statements}
    if decision.verdict is Outcome.ALLOWED:
        assert decision.blocked_by == ()
        assert "Deny" not in effects
        assert decision.nearest_miss is None
    elif decision.verdict is Outcome.EXPLICIT_DENY:
        assert effects == {"Deny"}
        assert {match.stage for match in decision.statements} == set(decision.blocked_by)
    else:
        assert decision.blocked_by
        assert "Deny" not in effects
        assert decision.stage in decision.blocked_by


@often
@given(seeds)
def test_lifting_every_stage_in_the_way_would_allow(seed: int) -> None:
    """``blocked_by`` is complete: when its stages allow all, nothing else denies."""
    case = Cases(seed).case()
    answer = decide_case(case)
    if answer["decision"] != "implicitDeny" or "call" in answer["blocked_by"]:
        return
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    for name in answer["blocked_by"]:
        if name == "resource_policy":
            statement = {**everything["Statement"][0], "Principal": "*"}  # type: ignore[dict-item]
            case[name] = {"Version": "2012-10-17", "Statement": [statement]}
        elif name == "scps":
            case[name] = [[everything]]
        else:
            case[name] = [everything]
    assert _verdict(case) == "allowed"


@often
@given(seeds)
def test_contested_names_every_switch_that_turns_the_verdict(seed: int) -> None:
    request, policies = read_case(Cases(seed).case())
    decision = evaluate(request, policies)
    default = Switches()
    turned = {
        item.name
        for item in fields(Switches)
        if evaluate(
            request, policies, replace(default, **{item.name: not getattr(default, item.name)})
        ).verdict
        is not decision.verdict
    }
    assert set(decision.contested) == turned


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
operators = st.sampled_from(
    [
        "StringEquals",
        "StringNotLikeIfExists",
        "ForAnyValue:ArnLike",
        "ForAllValues:NumericLessThan",
        "DateGreaterThan",
        "DateEquals",
        "NumericEquals",
        "IpAddress",
        "NotIpAddress",
        "BinaryEquals",
        "Bool",
        "Null",
        "ArnNotEquals",
    ]
)
texts = st.text(max_size=30) | st.sampled_from(
    [
        "${",
        "${}",
        "${aws:username",
        "${a, 'b'}",
        "arn:aws:",
        "::::::",
        "1e999",
        "9" * 400,
        "-",
        "2020-99-99",
        "0.0.0.0/33",
        "::/129",
        "*" * 50,
        "??",
        "${*}${?}${$}",
        "+1-01-01",
        "99999999999999999999",
        "AAA=",
    ]
)
scalars = texts | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
statements = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": st.lists(texts.map(lambda text: "s3:" + text.replace(":", "")), max_size=3) | st.just("*"),
        "Resource": texts | st.lists(texts, max_size=3),
    },
    optional={
        "Condition": st.dictionaries(
            operators, st.dictionaries(texts, scalars | st.lists(scalars, max_size=3), max_size=2), max_size=2
        )
    },
)


@often
@given(
    st.lists(statements, min_size=1, max_size=3), st.dictionaries(texts, scalars | st.lists(scalars)), texts
)
def test_evaluate_never_raises_on_what_the_parser_accepts(
    written: list[dict[str, Any]], context: dict[str, Any], resource: str
) -> None:
    parse_policy({"Version": "2012-10-17", "Statement": written})
    keys = {key for item in written for pairs in item.get("Condition", {}).values() for key in pairs}
    context = {**context, **dict.fromkeys(list(keys)[:1], "x")}
    answer = decide_case(
        {
            "principal": "arn:aws:iam::111122223333:user/u",
            "action": "s3:GetObject",
            "resource": resource or "*",
            "context": context,
            "identity_policies": [{"Version": "2012-10-17", "Statement": written}],
        }
    )
    assert answer["decision"] in {outcome.value for outcome in Outcome}


@often
@given(st.dictionaries(st.sampled_from(["principal", "action", "resource", "context", "scps"]), json_values))
def test_a_malformed_case_is_an_error_and_never_a_verdict(case: dict[str, Any]) -> None:
    answer = decide_case({**case, "identity_policies": [{"Statement": "x"}]})
    assert set(answer) == {"id", "error"}
    assert answer["error"]["message"]


@pytest.mark.parametrize(
    "field", ["identity_policies", "session_policies", "scps", "rcps", "resource_policy"]
)
@pytest.mark.parametrize(
    "junk", [5, "x", {"Statement": []}, [5], [[5]], [None], {"Version": "2012-10-17"}, True]
)
def test_a_malformed_policy_anywhere_is_an_error(field: str, junk: object) -> None:
    answer = decide_case(
        {"principal": "arn:aws:iam::111122223333:root", "action": "s3:GetObject", field: junk}
    )
    assert "error" in answer
    assert "decision" not in answer


@often
@given(seeds)
def test_every_stage_named_stands_in_the_way(seed: int) -> None:
    """``blocked_by`` is not padded: with all of its stages lifted but one, the request is still denied."""
    case = Cases(seed).case()
    answer = decide_case(case)
    blocked = answer["blocked_by"]
    if answer["decision"] != "implicitDeny" or "call" in blocked:
        return
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    for kept in blocked:
        lifted = copy.deepcopy(case)
        for name in blocked:
            if name == kept:
                continue
            if name == "resource_policy":  # a delegation: the weakest grant, which bypasses nothing
                account = case["principal"].split(":")[4]
                statement = {**everything["Statement"][0], "Principal": {"AWS": account}}  # type: ignore[dict-item]
                lifted[name] = {"Version": "2012-10-17", "Statement": [statement]}
            elif name == "scps":
                lifted[name] = [[everything]]
            else:
                lifted[name] = [everything]
        assert _verdict(lifted) == "implicitDeny", kept
