"""The other commands: what they print, and their exit codes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.cli.init import SUITE
from rolecall.cli.main import COMMANDS

Runner = Callable[..., "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches(rolecall: Runner, command: str) -> None:
    done = rolecall(command, "--help")
    assert done.returncode == 0
    assert "examples:" in done.stdout


def test_wrong_usage_is_four(rolecall: Runner) -> None:
    assert rolecall().returncode == 4
    assert rolecall("frobnicate").returncode == 4
    assert rolecall("simulate", "--frobnicate").returncode == 4


def test_explain_says_why_and_where(rolecall: Runner) -> None:
    done = rolecall(
        "explain", "--chain", "policies/assume-role", "--as", "assume-role-user", "ec2:DescribeInstances"
    )
    assert done.returncode == 1
    assert done.stdout.startswith(
        "implicitDeny: implicitly denied: no statement of the identity-based policies"
    )
    assert "policies/assume-role/assume-role-policy.json:4" in done.stdout
    assert "UnauthorizedOperation (HTTP 403)" in done.stdout


def test_explain_of_an_allow_is_zero(rolecall: Runner) -> None:
    done = rolecall(
        "explain", "--chain", "policies/assume-role", "--as", "assume-role-role", "ec2:DescribeInstances"
    )
    assert done.returncode == 0
    assert "AmazonEC2FullAccess statement 0" in done.stdout


def test_explain_reads_a_case(rolecall: Runner) -> None:
    case = {"principal": "arn:aws:iam::111111111111:root", "action": "s3:ListAllMyBuckets"}
    done = rolecall("explain", "-", stdin=json.dumps(case))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("allowed")


def test_explain_of_a_stranger_names_the_chain(rolecall: Runner) -> None:
    done = rolecall("explain", "--chain", "policies/assume-role", "--as", "nobody", "s3:GetObject")
    assert done.returncode == 2
    assert 'no user, role, hop or provider "nobody" is declared in chain assume-role' in done.stderr
    assert "Traceback" not in done.stderr


def test_explain_takes_a_named_hop_and_refuses_a_session_that_none_starts(
    rolecall: Runner, tmp_path: Path
) -> None:
    where = ("explain", "--chain", "policies/session-policy", "s3:ListAllMyBuckets", "--as")
    narrowed, whole = rolecall(*where, "reports-only"), rolecall(*where, "storage")
    assert (narrowed.returncode, whole.returncode) == (1, 0), narrowed.stderr
    assert "no statement of the session policies allows" in narrowed.stdout
    shutil.copytree(ROOT / "policies" / "session-policy", tmp_path / "chain")
    manifest = tmp_path / "chain" / "chain.yaml"
    more = "roles:\n  idle: {trust: storage-trust.json}\n"
    manifest.write_text(manifest.read_text().replace("roles:\n", more, 1))
    idle = rolecall("explain", "--chain", str(manifest), "s3:ListAllMyBuckets", "--as", "idle")
    assert idle.returncode == 2
    assert 'no hop leads to "idle"' in idle.stderr
    assert "Traceback" not in idle.stderr


def test_validate_tells_what_is_well_formed(rolecall: Runner) -> None:
    done = rolecall("validate", "policies/assume-role")
    assert done.returncode == 0
    assert "assume-role is well formed" in done.stdout


def test_validate_of_a_broken_manifest_is_two_and_tells_the_place(rolecall: Runner, tmp_path: Path) -> None:
    (tmp_path / "chain.yaml").write_text("version: 1\nchain: x\nusers: {a: {polices: []}}\n")
    done = rolecall("validate", str(tmp_path))
    assert done.returncode == 2
    assert "chain.yaml:3:" in done.stderr
    assert "policies" in done.stderr


def test_init_lays_down_a_suite_that_validates(rolecall: Runner, tmp_path: Path) -> None:
    folder = tmp_path / "new suite"
    assert rolecall("init", str(folder)).returncode == 0
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} >= set(SUITE)
    assert rolecall("validate", cwd=folder).returncode == 0


def test_init_overwrites_nothing(rolecall: Runner, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("# mine\n")
    done = rolecall("init", str(tmp_path))
    assert done.returncode == 2
    assert (tmp_path / "conftest.py").read_text() == "# mine\n"
    assert list(tmp_path.iterdir()) == [tmp_path / "conftest.py"]


def test_report_commands_work_on_evidence(rolecall: Runner, tmp_path: Path) -> None:
    from tests.reports.sample import sample

    evidence = tmp_path / "evidence.json"
    evidence.write_text(sample().to_json())
    built = rolecall("report", "build", str(evidence), "--out", str(tmp_path / "out"))
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "out" / "index.html").is_file()
    same = rolecall("report", "diff", str(evidence), str(evidence))
    assert (same.returncode, same.stdout) == (0, same.stdout)
    overlap = rolecall("report", "merge", str(evidence), str(evidence), "--out", str(tmp_path / "merged"))
    assert overlap.returncode == 2
    assert "Traceback" not in overlap.stderr


def test_the_package_imports_nothing_heavy_for_help() -> None:
    script = (
        "import atexit, sys\n"
        "atexit.register(lambda: print([m for m in ('boto3', 'moto') if m in sys.modules]))\n"
        "from rolecall.cli import main\n"
        "main(['--help'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""},
    )
    assert done.stdout.strip().endswith("[]")
