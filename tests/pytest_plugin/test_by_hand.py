"""Checks by hand: what docs/pytest.md shows of them is run."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from tests.pytest_plugin.conftest import ROOT, Suite

PAGE = (ROOT / "docs" / "pytest.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
CHECKS, OVERRIDE = (text for language, text in BLOCKS if language == "python")
FAILURE = next(text for language, text in BLOCKS if not language)


@pytest.fixture
def by_hand(suite: Suite) -> Suite:
    shutil.copytree(ROOT / "fixtures", suite.folder / "fixtures")
    shutil.copy(ROOT / "conftest.py", suite.folder)
    (suite.folder / "checks" / "test_by_hand.py").write_text(CHECKS)
    return suite


def test_the_page_s_checks_run_and_its_failure_reads_as_shown(by_hand: Suite) -> None:
    run = by_hand.run("checks/test_by_hand.py")
    assert run.code == 1
    assert run.outcomes.startswith("1 failed, 2 passed"), run.out
    for line in FAILURE.splitlines():
        pattern = ".*".join(map(re.escape, line.split("…")))
        assert re.search(f"^{pattern}$", run.out, re.MULTILINE), (line, run.out)
    assert "principals.py" not in run.out  # the check's own line is shown, and none of rolecall's
    assert "object at 0x" not in run.out


def test_the_page_s_fixture_takes_the_place_of_rolecall_s(by_hand: Suite) -> None:
    (by_hand.folder / "conftest.py").write_text(OVERRIDE)
    (by_hand.folder / "managed").mkdir()
    nothing = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}
    (by_hand.folder / "managed" / "AmazonEC2FullAccess.json").write_text(json.dumps(nothing))
    by_hand.run("checks/test_role_chains.py", "-k", "role-describes-ec2")
    evidence = json.loads((by_hand.folder / "reports" / "evidence.json").read_text())
    (item,) = evidence["chains"][0]["expectations"]
    assert item["predicted"]["outcome"] == "explicitDeny", item
