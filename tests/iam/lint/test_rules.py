"""Every rule says what it is about, finds its wrong example, and leaves its right one alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from rolecall.iam.lint import RULES, rule_texts
from rolecall.iam.lint.pages import pages

TEXTS = rule_texts()
DOCS = Path(__file__).parents[3] / "docs" / "lint"


def test_every_rule_has_texts_and_every_text_a_rule():
    assert sorted(rule.id for rule in RULES) == sorted(TEXTS)


def test_one_rule_a_file_named_after_it():
    folder = Path(__file__).parents[3] / "src" / "rolecall" / "iam" / "lint" / "rules"
    assert sorted(path.stem.replace("_", "-") for path in folder.glob("[!_]*.py")) == sorted(TEXTS)


@pytest.mark.parametrize("name", TEXTS)
def test_wrong_example_is_found_with_a_place(linter, name):
    text = TEXTS[name]
    found = [
        one
        for one in linter.lint_document(text.wrong, text.kind, file="x.json", account=text.account)
        if one.rule == name
    ]
    assert found
    for finding in found:
        assert finding.file == "x.json"
        assert finding.line <= text.wrong.count("\n") + 1
        assert finding.message


@pytest.mark.parametrize("name", TEXTS)
def test_right_example_is_left_alone_by_all_rules(linter, name):
    text = TEXTS[name]
    assert linter.lint_document(text.right, text.kind, account=text.account) == ()


def test_pages_are_those_of_the_texts():
    wanted = pages(TEXTS.values())
    assert {path.name for path in DOCS.glob("*.md")} == set(wanted)
    for name, page in wanted.items():
        assert (DOCS / name).read_text(encoding="utf-8") == page, "run scripts/write_lint_pages.py"


def test_unknown_action_is_a_warning_with_the_date_of_the_data_and_the_nearest_name(linter):
    statement = '{"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}'
    text = f'{{"Version": "2012-10-17", "Statement": {statement}}}'
    (finding,) = linter.lint_document(text)
    assert (finding.rule, finding.severity, finding.column) == ("unknown-action", "warning", 70)
    assert linter.knowledge.date in finding.message
    assert finding.suggestion == 'did you mean "s3:GetObject"?'


def test_statements_beside_a_broken_one_are_linted_still(linter):
    text = """{"Version": "2012-10-17", "Statement": [
      {"Effect": "allow", "Action": "*", "Resource": "*"},
      {"Effect": "Allow", "Action": "*", "Resource": "*"}]}"""
    found = [(one.line, one.rule) for one in linter.lint_document(text)]
    assert found == [(2, "schema"), (3, "full-admin")]
