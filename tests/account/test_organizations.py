"""What an organization adds to a sandbox account is told as a limit of the run, and changes no verdict."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from rolecall.targets.organization import organization_limits
from tests.account.conftest import ACCOUNT, Served
from tests.account.test_sessions import run, suite
from tests.faults.proxy import Call, Forward, Reply, proxy

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["suite"]

JSON = {"Content-Type": "application/x-amz-json-1.1"}
MEMBER = {"Organization": {"Id": "o-exampleorgid", "MasterAccountId": "999988887777"}}
ABOVE = {ACCOUNT: "ou-ab12-11111111", "ou-ab12-11111111": "r-ab12"}


def answer(data: dict[str, Any]) -> Reply:
    return Reply(200, json.dumps(data).encode(), JSON)


def refuse(code: str) -> Reply:
    return Reply(400, json.dumps({"__type": code, "message": "no"}).encode(), JSON)


class Organization:
    """Answers of AWS Organizations; everything else goes through."""

    def __init__(self, describe: Reply, policies: dict[str, list[str]] | None) -> None:
        self.describe = describe
        self.policies = policies

    def __call__(self, call: Call, forward: Forward) -> Reply:
        if call.service != "organizations":
            return forward()
        if call.operation == "DescribeOrganization":
            return self.describe
        if self.policies is None:
            return refuse("AccessDeniedException")
        if call.operation == "ListParents":
            return answer({"Parents": [{"Id": ABOVE[call.params["ChildId"]], "Type": "ROOT"}]})
        scps = call.params["Filter"] == "SERVICE_CONTROL_POLICY"
        names = self.policies.get(call.params["TargetId"], []) if scps else ["RCPFullAWSAccess"]
        return answer({"Policies": [{"Name": name} for name in names]})


@pytest.mark.parametrize(
    ("organization", "declared", "told"),
    [
        (Organization(refuse("AWSOrganizationsNotInUseException"), None), (), ["is in no organization"]),
        (Organization(refuse("AccessDeniedException"), None), (), [r"could not be told \(AccessDenied"]),
        (Organization(refuse("UnknownOperationException"), None), (), ["could not be told"]),
        (
            Organization(answer(MEMBER), None), (),
            ["service control policies the runner may not read", "resource control policies the runner"],
        ),
        (
            Organization(answer({"Organization": {"Id": "o-e", "MasterAccountId": ACCOUNT}}), None), (),
            ["is the management account"],
        ),
        (
            Organization(answer(MEMBER), {ACCOUNT: ["FullAWSAccess"], "r-ab12": ["only-eu"]}), (),
            ["^ATTENTION: .* service control policies only-eu, and no manifest", "none but RCPFullAWSAccess"],
        ),
        (
            Organization(answer(MEMBER), {"ou-ab12-11111111": ["only-eu"]}), ("scps",),
            ["policies only-eu. Whether they say what", "none but RCPFullAWSAccess"],
        ),
    ],
)  # fmt: skip
def test_what_is_told_of_an_organization(
    served: Served, organization: Organization, declared: tuple[str, ...], told: list[str]
) -> None:
    from rolecall.targets.sessions import SessionMaker

    with proxy(served.url, organization) as through:
        session = SessionMaker(through.url).session(*served.credential, "us-east-1")
        found = organization_limits(session.client("organizations"), ACCOUNT, declared)
    assert len(found) == len(told)
    for limit, wanted in zip(found, told, strict=True):
        assert re.search(wanted, limit), limit


def test_policies_that_nobody_declared_are_a_limit_of_the_report_and_change_no_verdict(
    served: Served, suite: Path
) -> None:
    organization = Organization(answer(MEMBER), {ACCOUNT: ["deny-everything"]})
    with proxy(served.url, organization) as through:
        code, output = run(served, suite, url=through.url)
    assert code == 0, output
    evidence = json.loads((suite / "reports" / "evidence.json").read_text())
    (limit,) = (one for one in evidence["limits"] if one.startswith("ATTENTION"))
    assert "deny-everything" in limit
    assert {one["verdict"] for one in evidence["chains"][0]["expectations"]} == {"passed"}
    page = (suite / "reports" / "index.html").read_text()
    assert page.index("What this run does not prove") < page.index("deny-everything")
