"""``rolecall lint`` and ``rolecall schema`` as people and pipelines use them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest
from jsonschema import Draft202012Validator

from rolecall.cli import main

GOOD = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
ADMIN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
BROKEN = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "allow", "Action": "s3:GetObject", "Resource": "*"}],
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "good.json").write_text(json.dumps(GOOD))
    (tmp_path / "admin.json").write_text(json.dumps(ADMIN))
    (tmp_path / "tsconfig.json").write_text('{"compilerOptions": {}, // comments\n}')
    (tmp_path / "compose.yaml").write_text("services: {}\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "bad.json").write_text("{")
    return tmp_path


def run(capsys, *arguments):
    code = main(["lint", *map(str, arguments)])
    return code, capsys.readouterr().out


def test_no_errors_is_exit_0_and_other_findings_are_shown(capsys, folder):
    code, out = run(capsys, folder)
    assert code == 0
    assert out.startswith(f"{folder / 'admin.json'}:1:")
    assert "[full-admin]" in out
    assert len(out.splitlines()) == 1


def test_severity_decides_what_is_shown_and_what_fails(capsys, folder):
    assert run(capsys, "--severity", "security", folder)[0] == 1
    code, out = run(capsys, "--severity", "error", folder)
    assert (code, out) == (0, "")


def test_errors_are_exit_1_and_json_lines_have_the_promised_members(capsys, folder):
    (folder / "broken.json").write_text(json.dumps(BROKEN, indent=2))
    code, out = run(capsys, "--format", "json", "--severity", "error", folder)
    assert code == 1
    (line,) = [json.loads(one) for one in out.splitlines()]
    assert line == {
        "file": str(folder / "broken.json"),
        "line": 5,
        "column": 17,
        "rule": "schema",
        "severity": "error",
        "message": 'Statement[0].Effect must be "Allow" or "Deny", not "allow" (did you mean "Allow"?)',
        "kind": "identity",
    }


@pytest.mark.parametrize("content", ["{", None, "\ufeff{}"])
def test_what_cannot_be_read_is_exit_2_and_a_finding(capsys, folder, content):
    path = folder / "named.json"
    if content is not None:
        path.write_text(content)
    (folder / "broken.json").write_text(json.dumps(BROKEN))
    code, out = run(capsys, "--format", "json", path, folder / "broken.json")
    assert code == 2
    assert [json.loads(one)["rule"] for one in out.splitlines()] == ["json", "schema"]


TEMPLATE = """
Resources:
  Group:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: p
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: allow, Action: "s3:*", Resource: "*"}]
"""


@pytest.mark.parametrize(
    ("given", "code", "rules"),
    [
        (json.dumps(GOOD), 0, []),
        (json.dumps(BROKEN), 1, ["schema"]),
        (TEMPLATE, 1, ["schema"]),
        ("{", 2, ["json"]),
        ("", 2, ["json"]),
    ],
)
def test_a_dash_is_standard_input(capsys, monkeypatch, given, code, rules):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
    found, out = run(capsys, "--format", "json", "--severity", "error", "-")
    assert found == code
    assert [(told["file"], told["rule"]) for told in map(json.loads, out.splitlines())] == [
        ("-", rule) for rule in rules
    ]


def test_named_file_is_taken_for_a_policy_and_a_kind_is_taken_at_its_word(capsys, folder):
    (folder / "other.json").write_text('{"Rules": []}')
    code, out = run(capsys, folder / "other.json")
    assert code == 1
    assert "has no Statement" in out
    code, out = run(capsys, "--kind", "trust", folder / "good.json")
    assert code == 1
    assert "Resource does not belong in a role trust policy" in out


def test_sarif_is_one_document_with_rules_and_places(capsys, folder):
    code, out = run(capsys, "--format", "sarif", folder)
    assert code == 0
    sarif = json.loads(out)
    (result,) = sarif["runs"][0]["results"]
    assert sarif["version"] == "2.1.0"
    assert sarif["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "full-admin"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 1


def test_github_annotations_escape_what_would_end_them(capsys, folder):
    (folder / "a,b:c.json").write_text(json.dumps(ADMIN))
    _, out = run(capsys, "--format", "github", folder / "a,b:c.json")
    assert out.startswith(f"::warning file={folder!s}/a%2Cb%3Ac.json,line=1,col=")
    assert out.count("\n") == 1


def test_a_finding_stays_on_one_line_whatever_the_document_holds(capsys, folder):
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:s3:::a\nb\x9b31m"}
    (folder / "lines.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}))
    _, out = run(capsys, folder / "lines.json")
    assert len(out.splitlines()) == out.count("warning Statement.") == 2
    assert "a\\u000ab\\u009b31m" in out


def test_file_name_that_is_no_text_is_shown(tmp_path):
    name = os.fsencode(tmp_path) + b"/\xff.json"
    with open(name, "w") as file:
        file.write(json.dumps(BROKEN))
    command = [sys.executable, "-m", "rolecall", "lint", "--format", "json", name]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stderr == b""
    assert json.loads(done.stdout)["rule"] == "schema"


def test_wrong_kind_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["lint", "--kind", "idendity", "x"])
    assert stop.value.code == 4


def test_schema_prints_one_self_contained_schema(capsys):
    assert main(["schema", "trust"]) == 0
    schema = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(schema)
    assert not Draft202012Validator(schema).is_valid(GOOD)
    assert Draft202012Validator(schema).is_valid(schema["examples"][0])
