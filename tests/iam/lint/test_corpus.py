"""Broken documents are found by the rule that they break; unusual but right ones are left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

CORPUS = Path(__file__).parent / "corpus"


def cases(name):
    return [json.loads(line) for line in (CORPUS / f"{name}.jsonl").read_text().splitlines()]


def text_of(case):
    return case["text"] if "text" in case else json.dumps(case["document"])


BROKEN, UNUSUAL = cases("broken"), cases("unusual")


def test_corpus_is_as_large_as_promised_and_gives_its_reasons():
    assert len(BROKEN) >= 150
    assert len(UNUSUAL) >= 60
    for case in (*BROKEN, *UNUSUAL):
        assert case["reason"]
        assert case["source"]
    assert len({case["id"] for case in (*BROKEN, *UNUSUAL)}) == len(BROKEN) + len(UNUSUAL)


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case["id"])
def test_broken_document_is_found(linter, case):
    findings = linter.lint_document(text_of(case), case["kind"], account=case.get("account"))
    assert case["rule"] in {finding.rule for finding in findings}, case["reason"]
    assert all("is not valid under any" not in finding.message for finding in findings)


@pytest.mark.parametrize("case", UNUSUAL, ids=lambda case: case["id"])
def test_unusual_document_is_left_alone(linter, case):
    findings = linter.lint_document(text_of(case), case["kind"], account=case.get("account"))
    assert [str(finding) for finding in findings if finding.severity != "suggestion"] == []
