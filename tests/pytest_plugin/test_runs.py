"""A run: one item an expectation, evidence and report at the end, the same under xdist."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from jsonschema import Draft202012Validator

from rolecall.reports import evidence_schema
from tests.pytest_plugin.conftest import Suite

IDS = (
    "base-user-cannot-describe-ec2",
    "user-reaches-role",
    "role-describes-ec2",
    "base-user-only-assumes",
    "only-that-user-assumes",
)


def verdicts(suite: Suite, folder: str = "reports") -> dict[str, str]:
    evidence = json.loads((suite.folder / folder / "evidence.json").read_text())
    Draft202012Validator(evidence_schema()).validate(evidence)
    return {
        f"{chain['name']}/{item['id']}": item["verdict"]
        for chain in evidence["chains"]
        for item in chain["expectations"]
    }


def test_every_expectation_is_an_item_named_by_its_id(suite: Suite) -> None:
    run = suite.run("--collect-only")
    for name in IDS:
        assert f"[assume-role/{name}]" in run.out
    assert not (suite.folder / "reports").exists()


def test_a_run_leaves_evidence_and_a_page(suite: Suite) -> None:
    run = suite.run()
    assert run.code == 0, run.out
    assert {f"assume-role/{name}": "passed" for name in IDS}.items() <= verdicts(suite).items()
    page = (suite.folder / "reports" / "index.html").read_text()
    assert "Content-Security-Policy" in page
    assert "Report: reports/index.html" in run.out
    assert "assume-role-user could not ec2:DescribeInstances" in run.out


def test_provisioning_is_in_the_evidence_step_by_step(suite: Suite) -> None:
    suite.run()
    chain = json.loads((suite.folder / "reports" / "evidence.json").read_text())["chains"][0]
    assert [step["operation"].partition(":")[2] for step in chain["provisioning"]] == [
        "CreatePolicy", "CreateUser", "CreateAccessKey", "AttachUserPolicy", "CreateRole", "AttachRolePolicy",
        "RunInstances",
    ]  # fmt: skip
    assert all(step["ok"] for step in chain["provisioning"])


def test_two_chains_of_one_account_do_not_lean_on_each_other(
    suite: Suite, second_chain: Callable[[str], None]
) -> None:
    second_chain("twin")
    run = suite.run()
    assert run.code == 0, run.out
    assert {name.partition("/")[0] for name in verdicts(suite)} == {"assume-role", "twin"}


def test_one_chain_is_chosen_by_the_chain_option(suite: Suite, second_chain: Callable[[str], None]) -> None:
    second_chain("twin")
    assert suite.run("--chain", "policies/twin").code == 0
    assert {name.partition("/")[0] for name in verdicts(suite)} == {"twin"}


def test_command_line_wins_over_environment_wins_over_ini(suite: Suite) -> None:
    (suite.folder / "pytest.ini").write_text("[pytest]\ntestpaths = checks\nreport_dir = from-ini\n")
    one = ("-k", "user-reaches-role")
    assert suite.run(*one).code == 0
    assert (suite.folder / "from-ini" / "index.html").is_file()
    assert suite.run(*one, ROLECALL_REPORT_DIR="from-environment").code == 0
    assert (suite.folder / "from-environment" / "index.html").is_file()
    assert suite.run(*one, "--report-dir=from-line", ROLECALL_REPORT_DIR="not-this").code == 0
    assert (suite.folder / "from-line" / "index.html").is_file()
    assert not (suite.folder / "not-this").exists()


def test_another_region_is_used_when_asked_for(suite: Suite) -> None:
    assert suite.run("--aws-region=eu-west-1", "-k", "role-describes-ec2").code == 0
    evidence = json.loads((suite.folder / "reports" / "evidence.json").read_text())
    assert evidence["run"]["region"] == "eu-west-1"
    ran = [step for step in evidence["chains"][0]["provisioning"] if step["operation"] == "ec2:RunInstances"]
    assert len(ran) == 1


def test_a_folder_that_cannot_be_written_costs_no_verdict(suite: Suite) -> None:
    (suite.folder / "reports").write_text("a file, not a folder")
    run = suite.run()
    assert run.code == 0, run.out
    assert "expectations passed on moto" in run.out
    assert "cannot be written" in run.out
    assert "Traceback" not in run.out


def test_a_failing_promise_tells_both_sides_and_the_place(suite: Suite) -> None:
    suite.edit('allow: "ec2:DescribeInstances"', 'allow: "iam:ListUsers"')
    again = "def test_again(expectation, verify):\n    verify(expectation)\n"
    (suite.folder / "checks" / "test_again.py").write_text(again)  # a promise counts once all the same
    run = suite.run("-k", "role-describes-ec2", CI="true")  # pytest's summary cuts nothing there
    assert run.code == 1
    assert "policies/assume-role/chain.yaml:2" in run.out
    assert "expected   allowed" in run.out
    assert "AccessDenied (HTTP 403)" in run.out
    assert (
        run.out.count("because no identity-based policy allows the iam:ListUsers action") == 2
    )  # once a test
    headline = "role-describes-ec2] - failed: aws iam list-users as"
    assert [headline in line for line in run.out.splitlines()[-3:]] == [True, True, False]
    assert "Traceback" not in run.out
    assert verdicts(suite) == {"assume-role/role-describes-ec2": "failed"}
    assert "1 of 7 expectations failed on moto" in run.out
    assert "; 6 were not checked." in run.out
    unchecked = json.loads((suite.folder / "reports" / "evidence.json").read_text())["run"]["unchecked"]
    assert len(unchecked) == 6
    assert set(unchecked) > {f"assume-role/{name}" for name in IDS if name != "role-describes-ec2"}


def test_one_line_of_a_failure_points_at_the_promise_with_workers_too(suite: Suite) -> None:
    suite.edit('allow: "ec2:DescribeInstances"', 'allow: "iam:ListUsers"')
    lines = suite.manifest.read_text().splitlines()
    declared = next(number for number, line in enumerate(lines, 1) if "id: role-describes-ec2" in line)
    for arguments in ((), ("-n", "1")):
        run = suite.run("-k", "role-describes-ec2", "--tb=line", *arguments)
        assert f"{suite.manifest}:{declared}: failed: aws iam list-users as" in run.out


def test_a_denial_for_another_reason_fails_and_says_both(suite: Suite) -> None:
    suite.edit("because: implicit", "because: explicit")
    run = suite.run("-k", "base-user-cannot-describe-ec2")
    assert run.code == 1
    assert "promised an explicit deny" in run.out
    assert "implicit" in run.out


def test_a_run_without_chains_is_left_alone(suite: Suite) -> None:
    (suite.folder / "policies").rename(suite.folder / "elsewhere")
    (suite.folder / "checks" / "test_other.py").write_text("def test_other():\n    assert 1 + 1 == 2\n")
    run = suite.run("checks/test_other.py")
    assert run.code == 0
    assert "rolecall" not in run.out
    assert not (suite.folder / "reports").exists()


def test_an_encoded_denial_of_ec2_is_decoded_and_cut_out_of_its_message(suite: Suite) -> None:
    assert suite.run("-k", "base-user-cannot-describe-ec2").code == 0
    text = (suite.folder / "reports" / "evidence.json").read_text()
    (expectation,) = json.loads(text)["chains"][0]["expectations"]
    (call,) = expectation["observed"]["calls"]
    told = json.loads(call["decoded_denial"])
    assert (told["allowed"], told["context"]["action"]) == (False, "ec2:DescribeInstances")
    assert call["message"].endswith("Encoded authorization failure message: (decoded)")
    assert "no identity-based policy allows" in expectation["observed"]["reason"]


@pytest.mark.parametrize(("started_in", "workers"), [("policies", ("-n", "1")), ("checks", ())])
def test_files_are_named_from_where_pytest_was_started(
    suite: Suite, started_in: str, workers: tuple[str, ...]
) -> None:
    suite.edit('allow: "ec2:DescribeInstances"', 'allow: "iam:ListUsers"')
    checks = str(suite.folder / "checks")
    run = suite.run("-k", "role-describes-ec2", *workers, checks, started_in=started_in)
    assert run.code == 1, run.out
    manifest = re.search(r"^assume-role/role-describes-ec2 failed \((.*):\d+\)$", run.out, re.MULTILINE)
    report = re.search(r"^Report: (.*)$", run.out, re.MULTILINE)
    assert manifest is not None, run.out
    assert report is not None, run.out
    shown = {
        "policies": ("assume-role/chain.yaml", str(suite.folder / "reports" / "index.html")),
        "checks": (str(suite.manifest), str(suite.folder / "reports" / "index.html")),
    }
    assert (manifest[1], report[1]) == shown[started_in]
    evidence = json.loads((suite.folder / "reports" / "evidence.json").read_text())
    assert evidence["chains"][0]["file"] == "policies/assume-role/chain.yaml"
