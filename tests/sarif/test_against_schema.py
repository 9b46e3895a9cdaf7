"""Everything that is written as SARIF holds to the format's own JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from rolecall.iam.catalog import load_catalog
from rolecall.iam.lint import Linter, render
from rolecall.reports import Evidence, render_sarif
from tests.reports.hostile import hostile
from tests.reports.sample import earlier_sample, sample

SCHEMA = json.loads((Path(__file__).parent / "sarif-2.1.0.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
ADMIN = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


def complaints(text: str) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(json.loads(text))]


def test_the_schema_is_not_a_rubber_stamp() -> None:
    broken = json.loads(render_sarif(sample()))
    broken["runs"][0]["results"][0]["level"] = "terrible"
    del broken["runs"][0]["tool"]
    assert len(complaints(json.dumps(broken))) == 2


@pytest.mark.parametrize("evidence", [sample, earlier_sample, hostile])
def test_report_is_valid_and_names_the_version_of_the_tool(evidence: Callable[[], Evidence]) -> None:
    found = evidence()
    found = replace(found, run=replace(found.run, versions={**found.run.versions, "rolecall": "1.2.3"}))
    text = render_sarif(found)
    assert complaints(text) == []
    assert json.loads(text)["runs"][0]["tool"]["driver"]["version"] == "1.2.3"


@pytest.mark.parametrize(
    "file", ["policies/admin.json", "a folder/ä & b.json", "C:\\p\\admin.json", "bad\udcff.json"]
)
def test_lint_is_valid_whatever_the_file_is_called(file: str) -> None:
    linter = Linter.of(load_catalog())
    findings = [
        *linter.lint_document(ADMIN, "identity", file=file),
        *linter.lint_document("{", "auto", file=file),
        *linter.lint_document("{}", "trust", file=file),
    ]
    text = render(findings, "sarif", version="1.2.3")
    assert complaints(text) == []
    driver = json.loads(text)["runs"][0]["tool"]["driver"]
    assert (driver["version"], [rule["id"] for rule in driver["rules"]]) == (
        "1.2.3",
        ["full-admin", "json", "schema"],
    )
    (uri, *_) = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in json.loads(text)["runs"][0]["results"]
    ]
    assert not set(uri) & set(' "\\')
