"""What is wrong in a manifest is told with its place, before anything is provisioned: exit code 4."""

from __future__ import annotations

import pytest

from rolecall.targets.regions import unknown_region
from tests.pytest_plugin.conftest import Suite

BAD = {  # what is replaced, by what, where the error points, what it suggests
    "unknown-field": ("title: The", "titel: The", "chain.yaml:3:1", "title"),
    "missing-document": (
        "assume-role-policy.json",
        "asume-role-policy.json",
        "chain.yaml:8:23",
        "assume-role-policy.json",
    ),
    "duplicate-key": ("version: 1\n", "version: 1\nversion: 1\n", "chain.yaml:2:1", "first at line 1"),
    "unknown-user-in-hops": (
        "{from: assume-role-user,",
        "{from: asume-role-user,",
        "chain.yaml:18:12",
        'did you mean "assume-role-user"',
    ),
    "undeclared-principal": (
        "as: assume-role-role, allow",
        "as: assume-role-rule, allow",
        "chain.yaml:22:",
        'did you mean "assume-role-role"',
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_manifest_is_a_usage_error_with_place_and_suggestion(suite: Suite, name: str) -> None:
    old, new, place, suggestion = BAD[name]
    lines = suite.manifest.read_text().splitlines(keepends=True)
    suite.manifest.write_text("".join(line for line in lines if not line.startswith("# yaml")))
    suite.edit(old, new)
    run = suite.run()
    assert run.code == 4, run.out
    assert place in run.out
    assert suggestion in run.out
    assert "Traceback" not in run.out
    assert not (suite.folder / "reports").exists()


def test_malformed_json_is_a_usage_error_that_points_into_the_document(suite: Suite) -> None:
    suite.trust.write_text(suite.trust.read_text().replace('"Effect"', "'Effect'"))
    run = suite.run()
    assert run.code == 4, run.out
    assert "assume-role-trust-relationship.json:5:7" in run.out
    assert "Traceback" not in run.out


def test_a_chain_that_is_not_there_is_a_usage_error(suite: Suite) -> None:
    run = suite.run("--chain", "policies/nothing")
    assert run.code == 4
    assert "policies/nothing" in run.out
    assert "Traceback" not in run.out


def test_an_unknown_target_is_a_usage_error(suite: Suite) -> None:
    assert suite.run("--aws-target=mars").code == 4
    run = suite.run(ROLECALL_AWS_TARGET="mars")
    assert run.code == 4
    assert "moto, server, endpoint, account" in run.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--aws-target=endpoint", "--aws-endpoint-url=nonsense"), '"nonsense" is not an address'),
        (("--aws-target=account", "--sandbox-account=12"), '"12" is not a sandbox account: twelve digits'),
        (("--aws-region=nowhere",), "--aws-region is like eu-west-1, not 'nowhere'"),
        (
            ("--aws-region=eu-wset-1",),
            '--aws-region: there is no region "eu-wset-1"; did you mean "eu-west-1"?',
        ),
    ],
)
def test_a_setting_that_cannot_be_is_a_usage_error_and_told_once(
    suite: Suite, words: tuple[str, ...], said: str
) -> None:
    run = suite.run(*words)
    assert run.code == 4, run.out
    assert run.out.count(said) == 1
    assert "Traceback" not in run.out
    assert not (suite.folder / "reports").exists()


def test_a_chain_elsewhere_that_pytest_mistook_for_tests_is_a_usage_error(suite: Suite) -> None:
    """pytest reads a folder after a plugin's option as a test path, and misses the project's settings."""
    elsewhere = suite.folder.parent / "elsewhere"
    suite.manifest.parent.rename(elsewhere)
    refused = suite.run("--chain", str(elsewhere))
    assert refused.code == 4, refused.out
    assert f"--chain={elsewhere}" in refused.out
    run = suite.run(f"--chain={elsewhere}")
    assert run.code == 0, run.out


def test_paths_told_on_the_command_line_are_relative_to_the_folder_it_was_typed_in(suite: Suite) -> None:
    below = Suite(suite.folder / "policies")
    run = below.run("../checks", "--chain=assume-role", "--report-dir=out")
    assert run.code == 0, run.out
    assert (below.folder / "out" / "index.html").exists()
    run = below.run("../checks", ROLECALL_CHAIN="assume-role", ROLECALL_REPORT_DIR="told")
    assert run.code == 0, run.out
    assert (below.folder / "told" / "index.html").exists()


def test_paths_in_the_settings_are_relative_to_the_project(suite: Suite) -> None:
    settings = suite.folder / "pytest.ini"
    settings.write_text(settings.read_text() + "chain = policies/assume-role\nreport_dir = told\n")
    below = Suite(suite.folder / "policies")
    run = below.run("../checks")
    assert run.code == 0, run.out
    assert (suite.folder / "told" / "index.html").exists()


def test_unknown_managed_policy_costs_no_report(suite: Suite) -> None:
    suite.edit("AmazonEC2FullAccess", "AmazonEC2FulAccess")
    run = suite.run()
    assert run.code == 1, run.out
    assert "AmazonEC2FulAccess does not exist" in run.out
    assert "Traceback" not in run.out
    assert (suite.folder / "reports" / "evidence.json").is_file()


def test_denial_of_an_action_that_nobody_knows_does_not_pass(suite: Suite) -> None:
    suite.edit('deny: "ec2:DescribeInstances", because: implicit', 'deny: "ec2:DescribeInstnces"')
    run = suite.run("-k", "base-user-cannot-describe-ec2")
    assert run.code == 1, run.out
    assert "did you mean ec2:DescribeInstances?" in run.out


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ROLECALL_FAIL_ON_INCONCLUSIVE", "ture", "is one of 1, true"),
        ("ROLECALL_FAIL_ON_INCONCLUSIV", "1", "did you mean ROLECALL_FAIL_ON_INCONCLUSIVE?"),
    ],
)
def test_setting_that_would_be_passed_over_is_a_usage_error(
    suite: Suite, name: str, value: str, told: str
) -> None:
    run = suite.run("--collect-only", **{name: value})
    assert run.code == 4, run.out
    assert told in run.out
    assert "Traceback" not in run.out


def test_target_that_cannot_be_used_is_told_without_a_traceback(suite: Suite) -> None:
    (suite.folder / "test_own.py").write_text(
        "def test_own(workshop, chains):\n    workshop.live(chains['assume-role'])\n"
    )
    run = suite.run("test_own.py", "--aws-target=endpoint", "--aws-endpoint-url=http://127.0.0.1:9")
    assert run.code == 1
    assert "def test_own" not in run.out, run.out


def test_a_region_that_there_is_not_is_told_before_anything_runs(suite: Suite) -> None:
    suite.edit("region: ap-northeast-2", "region: ap-nrotheast-2")
    run = suite.run()
    assert run.code == 4
    assert f'{suite.manifest}:5:9: region: there is no region "ap-nrotheast-2"; did you mean' in run.out
    assert "Traceback" not in run.out


def test_a_region_that_only_some_accounts_have_is_a_region() -> None:
    assert unknown_region("af-south-1") == ""
    assert unknown_region("us-gov-west-1") == ""
