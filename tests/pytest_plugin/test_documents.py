"""The documents of a suite: what AWS refuses fails, what is unwise is told, what is suppressed is quiet."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.pytest_plugin.conftest import ROOT, Suite

ADMIN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ITEM = "checks/test_policy_documents.py::test_document_is_valid[assume-role/assume-role-policy-identity]"


@pytest.fixture
def with_documents(suite: Suite) -> Suite:
    """The suite with the check of documents as well, and full power for the base user."""
    shutil.copy(ROOT / "checks" / "test_policy_documents.py", suite.folder / "checks")
    suite.manifest.with_name("assume-role-policy.json").write_text(json.dumps(ADMIN))
    return suite


def findings(suite: Suite) -> dict[str, list[dict[str, object]]]:
    evidence = json.loads((suite.folder / "reports" / "evidence.json").read_text())
    return {document["name"]: document.get("findings", []) for document in evidence["documents"]}


def suppress(suite: Suite, text: str) -> None:
    suite.manifest.write_text(f"{suite.manifest.read_text().rstrip()}\nsuppressions:\n  - {text}\n")


def test_security_finding_passes_and_is_told_with_place_and_advice(with_documents: Suite) -> None:
    run = with_documents.run(ITEM)
    assert run.code == 0, run.out
    assert "policies/assume-role/assume-role-policy.json:1:71 security" in run.out
    assert "[full-admin]" in run.out


def test_report_has_the_finding_with_severity_place_and_advice(with_documents: Suite) -> None:
    with_documents.run()
    (found,) = findings(with_documents)["assume-role-policy"]
    assert (found["rule"], found["level"], found["line"], found["column"]) == (
        "full-admin",
        "security",
        1,
        71,
    )
    assert found["advice"]
    page = (with_documents.folder / "reports" / "index.html").read_text()
    assert "full-admin" in page
    assert str(found["advice"])[:30] in page


def test_warnings_can_be_made_to_fail(with_documents: Suite) -> None:
    run = with_documents.run(ITEM, "-W", "error::rolecall.runs.PolicyWarning")
    assert run.code == 1
    assert "[full-admin]" in run.out


def test_what_aws_refuses_fails_with_its_place(with_documents: Suite) -> None:
    broken = {**ADMIN, "Statement": [{**ADMIN["Statement"][0], "Resource": "arn:aws:iam::1:role/x"}]}  # type: ignore[index]
    with_documents.manifest.with_name("assume-role-policy.json").write_text(json.dumps(broken))
    run = with_documents.run(ITEM)
    assert run.code == 1
    assert "policies/assume-role/assume-role-policy.json:1:" in run.out
    assert " error " in run.out


@pytest.mark.parametrize("place", ["", "file: assume-role-policy.json,", "statement: 0,"])
def test_suppressed_finding_is_gone_everywhere(with_documents: Suite, place: str) -> None:
    suppress(with_documents, f"{{rule: full-admin, {place} reason: Shown on purpose}}")
    run = with_documents.run()
    assert run.code == 1, run.out  # the promises about the base user no longer hold
    assert "full-admin" not in run.out
    assert findings(with_documents)["assume-role-policy"] == []


def test_unused_suppression_is_told_where_it_stands(with_documents: Suite) -> None:
    suppress(with_documents, "{rule: full-admin, file: assume-role-trust-relationship.json, reason: Old}")
    run = with_documents.run("checks/test_policy_documents.py")
    assert run.code == 0, run.out
    assert "policies/assume-role/chain.yaml:" in run.out
    assert "[unused-suppression]" in run.out


def test_suppression_whose_day_has_passed_fails_and_hides_nothing(with_documents: Suite) -> None:
    suppress(with_documents, "{rule: full-admin, reason: For the move, until: 2024-01-31}")
    run = with_documents.run("checks/test_policy_documents.py")
    assert run.code == 1
    assert "ended on 2024-01-31" in run.out
    assert "[full-admin]" in run.out


def test_what_a_seeded_secret_holds_is_in_no_file_of_the_report(suite: Suite) -> None:
    line = "resources:\n  - {secret: {name: app/database, value: correct-horse-battery}}\n"
    text = suite.manifest.read_text()
    kept = [one for one in text.split("resources:\n") if one]
    suite.manifest.write_text(line.join(kept) if len(kept) > 1 else f"{text.rstrip()}\n{line}")
    run = suite.run()
    assert run.code == 0, run.out
    reports = [path for path in (suite.folder / "reports").iterdir() if path.suffix]
    assert len(reports) >= 4
    assert "app/database" in (suite.folder / "reports" / "evidence.json").read_text()
    assert [path.name for path in reports if "correct-horse" in path.read_text()] == []
