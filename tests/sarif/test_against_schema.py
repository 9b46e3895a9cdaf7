"""Everything that is written as SARIF holds to the format's own JSON Schema."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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


def results_of(text: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(text)["runs"][0]["results"]
    return found


def lint(text: str, file: str = "policies/admin.json") -> list[dict[str, object]]:
    return results_of(
        render(Linter.of(load_catalog()).lint_document(text, "identity", file=file), "sarif", version="1")
    )


def test_lint_fingerprints_stay_when_lines_move_and_tell_twins_and_files_apart() -> None:
    prints = [result["partialFingerprints"] for result in lint(ADMIN)]
    assert prints == [result["partialFingerprints"] for result in lint(f"\n\n{ADMIN}")]
    findings = Linter.of(load_catalog()).lint_document(ADMIN, "identity", file="policies/admin.json")
    twice = results_of(render([*findings, *findings], "sarif", version="1"))
    found = [json.dumps(result["partialFingerprints"]) for result in twice]
    assert len(found) == len(set(found)) == 2 * len(prints)
    assert [result["partialFingerprints"] for result in lint(ADMIN, "other.json")] != prints


def test_paths_are_relative_to_the_root_of_the_repository_and_say_so() -> None:
    evidence = sample()
    inner = replace(evidence, run=replace(evidence.run, folder="infra/iam"))
    log = json.loads(render_sarif(inner))
    assert list(log["runs"][0]["originalUriBaseIds"]) == ["%SRCROOT%"]
    places = [place for result in log["runs"][0]["results"] for place in result["locations"]]
    artifacts = [place["physicalLocation"]["artifactLocation"] for place in places]
    assert {artifact["uriBaseId"] for artifact in artifacts} == {"%SRCROOT%"}
    assert all(artifact["uri"].startswith("infra/iam/policies/") for artifact in artifacts)
    assert complaints(render_sarif(inner)) == []


def test_lint_names_files_from_the_root_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "infra" / "iam"
    folder.mkdir(parents=True)
    (folder / "admin.json").write_text(ADMIN, encoding="utf-8")
    for named in ("admin.json", str(folder / "admin.json")):
        done = subprocess.run(
            [sys.executable, "-m", "rolecall", "lint", "--format", "sarif", named],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        (result, *_) = results_of(done.stdout)
        (place,) = result["locations"]  # type: ignore[misc,attr-defined]
        assert place["physicalLocation"]["artifactLocation"] == {  # type: ignore[index]
            "uri": "infra/iam/admin.json",
            "uriBaseId": "%SRCROOT%",
        }


def test_levels_tell_failed_inconclusive_and_waived_apart_and_only_the_waived_is_suppressed() -> None:
    found = {r["properties"]["expectation"]: r for r in results_of(render_sarif(sample()))}  # type: ignore[index]
    levels = {key: (result["kind"], result["level"]) for key, result in found.items()}
    assert levels == {
        "role-cannot-terminate": ("fail", "error"),
        "role-cannot-make-keys": ("fail", "note"),
        "role-reads-prices": ("fail", "warning"),
        "runner-reaches-reader": ("fail", "error"),
    }
    assert [key for key, result in found.items() if "suppressions" in result] == ["role-cannot-make-keys"]
    (suppression,) = found["role-cannot-make-keys"]["suppressions"]  # type: ignore[misc,attr-defined]
    assert suppression["status"] == "accepted"  # type: ignore[index]


def test_thread_flow_walks_the_hops_in_order() -> None:
    found = {r["properties"]["expectation"]: r for r in results_of(render_sarif(sample()))}  # type: ignore[index]
    (flow,) = found["runner-reaches-reader"]["codeFlows"][0]["threadFlows"]  # type: ignore[index]
    texts = [step["location"]["message"]["text"] for step in flow["locations"]]
    hops = list(dict.fromkeys(text.split(": ")[0] for text in texts))
    assert hops == [f"hop {hop.id}" for hop in sample().chains[1].hops]
