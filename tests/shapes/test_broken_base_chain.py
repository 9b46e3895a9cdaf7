"""The base chain broken in five ways, each in a pytest run of its own: red, and red in the right place."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tests.shapes.conftest import POLICIES
from tests.shapes.twins import TWINS

ROOT = POLICIES.parent
CHECK = """
def test_expectation(expectation, verify):
    verify(expectation)
"""
DEACTIVATE = """
import pytest

@pytest.fixture(scope="session", autouse=True)
def deactivated(workshop, chains):
    chain = chains["assume-role"]
    key = workshop.live(chain).access.credential("assume-role-user")
    admin = workshop.target.admin(chain.accounts["home"], chain.region)
    admin.client("iam").update_access_key(
        UserName="assume-role-user", AccessKeyId=key.access_key_id, Status="Inactive"
    )
"""
ALL = {
    "base-user-cannot-describe-ec2",
    "user-reaches-role",
    "role-describes-ec2",
    "base-user-only-assumes",
    "only-that-user-assumes",
}
Run = Callable[..., tuple[int, dict[str, str]]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A function that runs pytest on a folder of policies: the exit code, and the verdict of every id."""

    def pytest_run(conftest: str = "") -> tuple[int, dict[str, str]]:
        (tmp_path / "test_chains.py").write_text(CHECK)
        (tmp_path / "conftest.py").write_text(conftest)
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        installed = entry_points(group="pytest11", name="rolecall")
        plugin = [] if installed else ["-p", "rolecall.pytest_plugin"]
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("ROLECALL_", "PYTEST_"))},
            "PYTHONPATH": str(ROOT / "src"),
        }
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                *plugin,
                "-q",
                "-p",
                "no:cacheprovider",
                "-p",
                "no:hypothesispytest",
            ],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        evidence = json.loads((tmp_path / "reports" / "evidence.json").read_text())
        (chain,) = evidence["chains"]
        return done.returncode, {item["id"]: item["verdict"] for item in chain["expectations"]}

    shutil.copytree(POLICIES / "assume-role", tmp_path / "policies" / "assume-role")
    return pytest_run


@pytest.mark.parametrize("twin", TWINS[:4], ids=[twin.what for twin in TWINS[:4]])
def test_a_broken_chain_makes_the_run_red_in_these_items_only(twin, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "policies" / twin.shape / twin.file
    file.write_text(file.read_text().replace(twin.old, twin.new))

    code, verdicts = run()

    assert code == 1
    assert {name for name, verdict in verdicts.items() if verdict != "passed"} == {*twin.broken}
    assert verdicts.keys() >= ALL


def test_with_the_access_key_deactivated_nothing_that_needs_it_passes(run: Run) -> None:
    code, verdicts = run(DEACTIVATE)

    assert code == 1
    assert {name for name, verdict in verdicts.items() if verdict == "failed"} == {
        "user-reaches-role",
        "role-describes-ec2",
    }
    assert {verdicts[name] for name in ALL} == {"failed", "inconclusive"}


def test_the_chain_as_it_is_shipped_is_green(run: Run) -> None:
    code, verdicts = run()

    assert code == 0
    assert set(verdicts.values()) == {"passed"}
    assert {name for name in verdicts if name.startswith("auto-")} == {
        "auto-assume-role-user-assume-role-role-another-account",
        "auto-assume-role-user-assume-role-role-duration-beyond-limit",
    }
