"""What an account tells beyond its answers, decoded denials and the simulator; no verdict hangs on it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.account.test_sessions import MANIFEST, run, suite  # noqa: F401
from tests.faults.proxy import Call, Forward, Reply, proxy, refusal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.account.conftest import Served


@pytest.fixture
def asking(suite: Path) -> Path:  # noqa: F811
    """The suite with one more promise: EC2 refuses somebody."""
    more = '  - {id: not-directly, as: walker, deny: "ec2:DescribeInstances"}\n'
    (suite / "policies" / "small" / "chain.yaml").write_text(MANIFEST + more)
    return suite


def expectations(folder: Path) -> dict[str, Any]:
    (chain,) = json.loads((folder / "reports" / "evidence.json").read_text())["chains"]
    return {item["id"]: item for item in chain["expectations"]}


def test_simulator_and_decoded_denial_stand_beside_the_observation(served: Served, asking: Path) -> None:
    code, output = run(served, asking)
    assert code == 0, output
    found = expectations(asking)
    assert "ec2:DescribeInstances on *: allowed, as predicted" in found["sees"]["simulated"]
    assert (
        "s3:ListAllMyBuckets on arn:aws:s3:::*: implicitDeny, as predicted" in found["not-more"]["simulated"]
    )
    assert "no trust policies, no sessions" in found["sees"]["simulated"]
    assert "simulated" not in found["reaches"]
    (call,) = found["not-directly"]["observed"]["calls"]
    assert json.loads(call["decoded_denial"])["allowed"] is False
    assert "(decoded)" in call["message"]


def test_a_runner_that_may_ask_neither_has_the_same_verdicts(served: Served, asking: Path) -> None:
    def refuse(call: Call, forward: Forward) -> Reply:
        if call.operation in ("SimulatePrincipalPolicy", "DecodeAuthorizationMessage"):
            return refusal(call, 403, "AccessDenied", "not you")
        return forward()

    with proxy(served.url, refuse) as through:
        code, output = run(served, asking, url=through.url)
        asked = [call.operation for call in through.calls if call.operation == "SimulatePrincipalPolicy"]
    assert code == 0, output
    assert len(asked) == 1, "whoever is refused once does not ask again"
    found = expectations(asking)
    assert {item["verdict"] for item in found.values()} == {"passed"}
    assert [item for item in found.values() if "simulated" in item] == []
    (call,) = found["not-directly"]["observed"]["calls"]
    assert "decoded_denial" not in call
    assert "(decoded)" not in call["message"]


def test_a_run_does_not_wait_for_a_simulator_that_is_throttled(served: Served, asking: Path) -> None:
    def throttle(call: Call, forward: Forward) -> Reply:
        if call.operation == "SimulatePrincipalPolicy":
            return refusal(call, 400, "Throttling", "Rate exceeded")
        return forward()

    with proxy(served.url, throttle) as through:
        code, output = run(served, asking, url=through.url)
        asked = [call.operation for call in through.calls if call.operation == "SimulatePrincipalPolicy"]
    assert code == 0, output
    assert len(asked) == 3, "once for each expectation about actions"


def test_a_simulator_that_says_otherwise_is_told_of_and_decides_nothing(served: Served, asking: Path) -> None:
    def lie(call: Call, forward: Forward) -> Reply:
        reply = forward()
        if call.operation != "SimulatePrincipalPolicy":
            return reply
        body = reply.body.replace(b">implicitDeny<", b">allowed<")
        kept = {name: value for name, value in reply.headers.items() if name.lower() != "content-length"}
        return Reply(reply.status, body, kept)

    with proxy(served.url, lie) as through:
        code, output = run(served, asking, url=through.url)
    assert code == 0, output
    item = expectations(asking)["not-more"]
    assert item["verdict"] == "passed"
    assert (
        "s3:ListAllMyBuckets on arn:aws:s3:::*: allowed, OTHERWISE than predicted (implicitDeny)"
        in item["simulated"]
    )


def test_an_answer_against_the_prediction_stands_at_the_top(served: Served, asking: Path) -> None:
    buckets = b"<ListAllMyBucketsResult><Owner><ID>a</ID></Owner><Buckets/></ListAllMyBucketsResult>"

    def let_through(call: Call, forward: Forward) -> Reply:
        if call.service == "s3":
            return Reply(200, buckets, {"Content-Type": "application/xml"})
        return forward()

    with proxy(served.url, let_through) as through:
        code, output = run(served, asking, url=through.url, GITHUB_STEP_SUMMARY=str(asking / "summary.md"))
    assert code == 1, output
    item = expectations(asking)["not-more"]
    assert item["verdict"] == "failed"
    assert item["disagreement"].endswith("the engine says implicitDeny, the target answered allowed")
    assert "! engine and target differ in small/not-more" in output
    page = (asking / "reports" / "index.html").read_text()
    assert page.index("Engine and target differ</h2>") < page.index("What this run does not prove")
    assert "Engine and target differ: a defect" in (asking / "summary.md").read_text()


FOUND = {
    "findings": [
        {
            "findingType": "SECURITY_WARNING",
            "issueCode": "PASS_ROLE_WITH_STAR_IN_RESOURCE",
            "findingDetails": "Using the iam:PassRole action with wildcards can be overly permissive.",
            "learnMoreLink": "https://docs.aws.amazon.com/IAM/latest/UserGuide/",
            "locations": [
                {"path": [], "span": {"start": {"line": 3, "column": 4, "offset": 40},
                                      "end": {"line": 3, "column": 9, "offset": 45}}}
            ],
        }
    ]
}  # fmt: skip


def test_findings_of_access_analyzer_stand_beside_those_of_the_linter(served: Served, asking: Path) -> None:
    def analyze(call: Call, forward: Forward) -> Reply:
        if call.service == "access-analyzer":
            return Reply(200, json.dumps(FOUND).encode(), {"Content-Type": "application/json"})
        return forward()

    with proxy(served.url, analyze) as through:
        code, output = run(served, asking, "--access-analyzer", url=through.url)
        asked = [call for call in through.calls if call.service == "access-analyzer"]
    assert code == 0, output
    documents = json.loads((asking / "reports" / "evidence.json").read_text())["documents"]
    own = [document for document in documents if "file" in document and document["kind"] != "manifest"]
    assert len(asked) == len(own) == 2
    for document in own:
        (found,) = [f for f in document["findings"] if f["rule"].startswith("access-analyzer/")]
        assert (found["level"], found["line"], found["column"]) == ("security", 3, 5)


def test_an_access_analyzer_that_is_not_there_is_a_limit_of_the_report(served: Served, asking: Path) -> None:
    code, output = run(served, asking, "--access-analyzer")
    assert code == 0, output
    limits = json.loads((asking / "reports" / "evidence.json").read_text())["limits"]
    assert any("Access Analyzer was to look at the documents and could not" in limit for limit in limits)


def test_access_analyzer_is_not_asked_of_an_embedded_target(served: Served, asking: Path) -> None:
    code, output = run(served, asking, "--access-analyzer", "--aws-target=moto")
    assert code == 4
    assert "--access-analyzer asks AWS" in output


def test_the_simulator_is_told_the_whole_context_of_the_request(served: Served, asking: Path) -> None:
    told: list[dict[str, str]] = []

    def listen(call: Call, forward: Forward) -> Reply:
        if call.operation == "SimulatePrincipalPolicy":
            told.append({call.params[name]: call.params[name.replace("KeyName", "KeyType")]
                         for name in call.params if name.endswith("ContextKeyName")})  # fmt: skip
        return forward()

    when = 'when: {"aws:RequestedRegion": "us-east-1"}'
    region = f'  - {{id: there, as: goal, allow: "ec2:DescribeInstances", {when}}}\n'
    manifest = asking / "policies" / "small" / "chain.yaml"
    manifest.write_text(manifest.read_text() + region)
    with proxy(served.url, listen) as through:
        code, output = run(served, asking, url=through.url)
    assert code == 0, output
    for context in told:
        assert {"aws:principalaccount", "aws:principalarn", "aws:requestedregion"} <= set(context), context
        assert context["aws:securetransport"] == "boolean"
        assert context["aws:currenttime"] == "date"
    assert "as predicted" in expectations(asking)["there"]["simulated"]
