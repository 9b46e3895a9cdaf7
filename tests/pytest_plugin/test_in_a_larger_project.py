"""A suite that is part of a larger project, and a project that only has rolecall installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pytest_plugin.conftest import ROOT, Suite


@pytest.fixture
def project(tmp_path: Path) -> Suite:
    """A project with settings, a conftest.py and a test of its own, and a suite in the folder compliance."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -ra\n")
    (folder / "conftest.py").write_text("")
    (folder / "tests").mkdir()
    (folder / "tests" / "test_own.py").write_text("def test_own():\n    pass\n")
    command = [sys.executable, "-m", "rolecall", "init", "compliance"]
    subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": str(ROOT / "src")}, check=True, capture_output=True
    )
    shutil.rmtree(folder / "compliance" / "reports")
    return Suite(folder)


def test_suite_runs_with_the_project_and_reports_into_its_own_folder(project: Suite) -> None:
    run = project.run()
    assert run.code == 0, run.out
    assert "All 7 expectations passed" in run.out
    assert (project.folder / "compliance" / "reports" / "evidence.json").is_file()
    assert not (project.folder / "reports").exists()


@pytest.mark.parametrize("words", [["tests", "compliance"], ["compliance/checks/test_role_chains.py"]])
def test_suite_that_is_named_finds_its_chains(project: Suite, words: list[str]) -> None:
    run = project.run("--collect-only", *words)
    assert run.code == 0, run.out
    assert "test_expectation[assume-role/role-describes-ec2]" in run.out


def test_checks_without_any_chain_do_not_pass(project: Suite) -> None:
    shutil.rmtree(project.folder / "compliance" / "policies")
    run = project.run("compliance/checks/test_role_chains.py")
    assert run.code == 2, run.out
    assert "no chain is found" in run.out
    assert "--chain=FOLDER" in run.out


def test_own_parameters_and_fixtures_of_the_same_name_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(
        "import pytest\n\n"
        "@pytest.fixture\ndef document_use():\n    return 1\n\n"
        "@pytest.mark.parametrize('given, expectation', [(1, 1), (2, 2)])\n"
        "def test_a(given, expectation):\n    assert given == expectation\n\n"
        "@pytest.mark.parametrize(('expectation',), [(3,)])\n"
        "def test_b(expectation):\n    assert expectation == 3\n\n"
        "def test_c(document_use):\n    assert document_use == 1\n"
    )
    run = Suite(tmp_path).run()
    assert run.code == 0, run.out
    assert run.outcomes.startswith("4 passed")
