"""``rolecall simulate``: contract 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rolecall.iam.simulation import decide_case

ROOT = Path(__file__).parents[2]
USER = "arn:aws:iam::111111111111:user/a"
ROLE = "arn:aws:iam::111111111111:role/r"
Runner = Callable[..., "subprocess.CompletedProcess[str]"]


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


TRUST = policy(
    {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": "111111111111"},
        "Condition": {"StringEquals": {"sts:ExternalId": "x"}},
    }
)
CASE = {
    "id": "c1",
    "principal": USER,
    "action": "sts:AssumeRole",
    "resource": ROLE,
    "context": {"STS:externalid": "x"},
    "identity_policies": [policy(allow("sts:AssumeRole"))],
    "resource_policy": TRUST,
}


def answers(rolecall: Runner, *cases: Any, options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    lines = "".join((case if isinstance(case, str) else json.dumps(case)) + "\n" for case in cases)
    done = rolecall("simulate", *options, stdin=lines)
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_allowed_case_shows_the_deciding_statements(rolecall: Runner) -> None:
    (answer,) = answers(rolecall, CASE)
    assert answer == {
        "id": "c1",
        "decision": "allowed",
        "blocked_by": [],
        "statements": [
            {"policy": "identity_policies[0]", "sid": None, "index": 0, "effect": "Allow"},
            {"policy": "resource_policy", "sid": None, "index": 0, "effect": "Allow"},
        ],
        "missing_context": [],
    }


def test_a_missing_key_is_named(rolecall: Runner) -> None:
    (answer,) = answers(rolecall, {**CASE, "context": {}})
    assert answer["decision"] == "implicitDeny"
    assert answer["blocked_by"] == ["resource_policy"]
    assert answer["missing_context"] == ["sts:ExternalId"]


def test_the_boundary_is_named_when_it_blocks(rolecall: Runner) -> None:
    case = {**CASE, "action": "ec2:RunInstances", "resource": "*", "resource_policy": None}
    case["identity_policies"] = [policy(allow("ec2:*"))]
    case["permissions_boundary"] = policy(allow("s3:*"))
    (answer,) = answers(rolecall, case)
    assert (answer["decision"], answer["blocked_by"]) == ("implicitDeny", ["permissions_boundary"])
    assert answer["statements"][0]["policy"] == "identity_policies[0]"


def test_trust_policy_is_another_name_of_resource_policy(rolecall: Runner) -> None:
    case = {name: value for name, value in CASE.items() if name != "resource_policy"}
    (answer,) = answers(rolecall, {**case, "trust_policy": TRUST})
    assert answer["decision"] == "allowed"


def test_no_detail_prints_id_and_decision_alone(rolecall: Runner) -> None:
    assert answers(rolecall, CASE, options=("--no-detail",)) == [{"id": "c1", "decision": "allowed"}]


def test_a_bad_line_never_stops_the_ones_after_it(rolecall: Runner) -> None:
    broken = {**CASE, "id": "c2", "identity_policies": [{"Statement": [{"Effect": "allow"}]}]}
    found = answers(rolecall, CASE, broken, "{nonsense", "[]", {**CASE, "id": "c3"})
    assert [answer.get("decision") for answer in found] == ["allowed", None, None, None, "allowed"]
    assert found[1]["id"] == "c2"
    assert found[1]["error"]["code"] == "MalformedPolicyDocument"
    assert 'Effect must be "Allow" or "Deny", not "allow"' in found[1]["error"]["message"]


def test_a_misspelt_field_is_refused_and_a_note_is_not(rolecall: Runner) -> None:
    notes = [{**CASE, name: "from the handbook"} for name in ("note", "source", "section")]
    refused, *found = answers(rolecall, {**CASE, "identity_policy": []}, *notes)
    assert 'did you mean "identity_policies"' in refused["error"]["message"]
    assert [answer.get("decision") for answer in found] == ["allowed"] * 3


def test_context_keys_that_differ_in_case_only_are_refused(rolecall: Runner) -> None:
    (answer,) = answers(rolecall, {**CASE, "context": {"sts:ExternalId": "x", "STS:EXTERNALID": "y"}})
    assert answer["error"]["code"] == "InvalidInput"


def test_a_field_of_the_wrong_kind_is_refused_even_when_it_is_empty(rolecall: Runner) -> None:
    fields = ("scps", "rcps", "context", "identity_policies", "resource", "resource_account")
    right = {"scps": [], "rcps": [], "identity_policies": [], "context": {}}
    wrong = [{**CASE, "id": name, name: value} for name in fields for value in ("", 0, False)]
    wrong += [{**CASE, "id": "scps", "scps": {}}, {**CASE, "id": "context", "context": []}]
    found = answers(rolecall, *wrong, {**CASE, **right}, {**CASE, **dict.fromkeys(fields)})
    assert {answer.get("error", {}).get("code") for answer in found[:-2]} == {"InvalidInput"}
    assert all(f'"{answer["id"]}"' in answer["error"]["message"] for answer in found[:-2])
    assert [answer["decision"] for answer in found[-2:]] == ["implicitDeny", "implicitDeny"]


def test_the_two_names_of_the_resource_policy_exclude_each_other(rolecall: Runner) -> None:
    both, either = answers(rolecall, {**CASE, "trust_policy": TRUST}, {**CASE, "trust_policy": None})
    assert both["error"]["code"] == "InvalidInput"
    assert either["decision"] == "allowed"


def test_a_number_of_any_size_is_compared_or_refused_but_never_overlooked(rolecall: Runner) -> None:
    limit = {**allow("sts:*"), "Effect": "Deny", "Condition": {"NumericGreaterThan": {"a:size": "5"}}}
    case = {**CASE, "identity_policies": [policy(allow("sts:*"), limit)]}
    line = json.dumps({**case, "context": {"sts:ExternalId": "x", "a:size": 0}})
    sizes = ("4", "6", "1" + "0" * 450, "1e999", "9" * 5000)
    found = answers(rolecall, *(line.replace('"a:size": 0', f'"a:size": {size}') for size in sizes))
    assert [answer.get("decision") for answer in found] == [
        "allowed",
        "explicitDeny",
        "explicitDeny",
        None,
        None,
    ]
    assert "too large" in found[3]["error"]["message"]
    assert "more than 4300 digits" in found[4]["error"]["message"]
    assert "sys." not in found[4]["error"]["message"]


def test_an_answer_is_json_whatever_the_id_is(rolecall: Runner) -> None:
    done = rolecall("simulate", stdin=json.dumps(CASE).replace('"c1"', "[1e999]") + "\n")
    assert "Infinity" not in done.stdout
    assert json.loads(done.stdout)["decision"] == "allowed"


def test_what_the_kind_of_policy_may_not_hold_is_malformed(rolecall: Runner) -> None:
    """UG: reference_policies_elements_sid, reference-arns (session policies), id_roles (trust policies)."""
    trust = TRUST["Statement"][0]
    twice = policy({**allow("sts:*"), "Sid": "a"}, {**allow("s3:*"), "Sid": "a"})
    short = policy(allow("sts:*", "arn:aws:iam"))
    session = "arn:aws:sts::111111111111:assumed-role/r/s"
    federated = {"principal": "arn:aws:sts::111111111111:federated-user/f", "action": "s3:GetObject"}
    bare = {name: value for name, value in CASE.items() if name != "resource_policy"}
    refused = {
        "must not have a Resource": {**bare, "trust_policy": policy({**trust, "Resource": "*"})},
        "must not have a NotResource": {**bare, "trust_policy": policy({**trust, "NotResource": "*"})},
        "must not have a NotPrincipal": {
            **bare,
            "trust_policy": policy({"Effect": "Deny", "NotPrincipal": {"AWS": USER}, "Action": "sts:*"}),
        },
        'identity_policies[0]: Statement[1] repeats the Sid "a"': {**CASE, "identity_policies": [twice]},
        'permissions_boundary: Statement[1] repeats the Sid "a"': {**CASE, "permissions_boundary": twice},
        'incomplete ARN "arn:aws:iam"': {**CASE, "principal": session, "session_policies": [short]},
    }
    taken = (
        {**CASE, "resource_policy": policy({**trust, "Sid": "a"}, {**trust, "Sid": "a"})},
        {**CASE, "identity_policies": [short]},
        {**CASE, **federated, "session_policies": [short]},
    )
    found = answers(rolecall, *refused.values(), *taken)
    for said, answer in zip(refused, found, strict=False):
        assert answer["error"]["code"] == "MalformedPolicyDocument", said
        assert said in answer["error"]["message"]
    assert all("decision" in answer for answer in found[len(refused) :])


def test_a_limit_too_large_to_be_compared_is_malformed(rolecall: Runner) -> None:
    limit = {**allow("sts:*"), "Condition": {"NumericLessThan": {"a:size": 5}}}
    line = json.dumps({**CASE, "identity_policies": [policy(limit)]}) + "\n"
    answer = json.loads(rolecall("simulate", stdin=line.replace('"a:size": 5', '"a:size": 1e999')).stdout)
    assert answer["error"]["code"] == "MalformedPolicyDocument"
    assert "too large" in answer["error"]["message"]


def test_exit_code_is_two_when_any_case_was_refused(rolecall: Runner) -> None:
    line = json.dumps(CASE) + "\n"
    assert rolecall("simulate", stdin=line).returncode == 0
    assert rolecall("simulate", stdin=line + "nonsense\n" + line).returncode == 2


def test_repeated_keys_are_refused_and_not_decided_by_the_last(rolecall: Runner) -> None:
    line = json.dumps({**CASE, "identity_policies": [policy(allow("s3:*"))]})
    line = line.replace('"Effect": "Allow"', '"Effect": "Deny", "Effect": "Allow"', 1)
    (answer,) = answers(rolecall, line)
    assert answer["id"] == "c1"
    assert answer["error"]["code"] == "MalformedPolicyDocument"


def test_files_are_read_in_order(rolecall: Runner, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text(json.dumps({**CASE, "id": name}) + "\n")
    done = rolecall("simulate", "--no-detail", str(tmp_path / "one"), str(tmp_path / "two"))
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["one", "two"]


def test_a_file_that_is_not_there_is_one_line_and_two(rolecall: Runner) -> None:
    done = rolecall("simulate", "nowhere.jsonl")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == ["rolecall: nowhere.jsonl: cannot be read: No such file or directory"]


def test_answers_stream_before_the_input_ends() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "rolecall", "simulate"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(CASE) + "\n")
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["decision"] == "allowed"
    process.stdin.close()
    assert process.wait(20) == 0
    process.stdout.close()


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    cases = tmp_path / "cases"
    cases.write_text((json.dumps(CASE) + "\n") * 5000)
    process = subprocess.Popen(
        [sys.executable, "-m", "rolecall", "simulate", str(cases)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(20) == 0
    process.stderr.close()


def test_missing_context_is_spelled_as_the_policy_spells_it() -> None:
    statement = {
        "Effect": "Allow",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/Team}/*",
        "Condition": {"StringEquals": {"aws:RequestTag/Foo": "${aws:PrincipalTag/Site}"}},
    }
    answer = decide_case(
        {
            "principal": "arn:aws:iam::111111111111:user/a",
            "action": "s3:GetObject",
            "resource": "arn:aws:s3:::b/red/x",
            "identity_policies": [{"Version": "2012-10-17", "Statement": statement}],
        }
    )
    assert answer["missing_context"] == [
        "aws:PrincipalTag/Site",
        "aws:PrincipalTag/Team",
        "aws:RequestTag/Foo",
    ]
