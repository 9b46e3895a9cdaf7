"""The pre-commit hook and the GitHub action, run as their definitions say."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ADMIN = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
BROKEN = '{"Version": "2012-10-17", "Statement": [{"Effect": "allow", "Action": "*", "Resource": "*"}]}'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Policies beside files of other kinds, and a ``rolecall`` on the path."""
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "admin.json").write_text(ADMIN)
    (policies / "broken.json").write_text(BROKEN)
    (policies / "chain.yaml").write_text("version: 1\n")
    (policies / "policy-settings.json").write_text('{"rules": []} // of an editor')
    script = tmp_path / "bin" / "rolecall"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m rolecall "$@"\n')
    script.chmod(0o755)
    return tmp_path


def run(checkout: Path, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    path = f"{checkout / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PATH": path, **environ}
    return subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_hook_takes_the_files_it_is_given_and_passes_over_those_that_are_no_policies(checkout: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    files = sorted(path.relative_to(checkout).as_posix() for path in checkout.glob("policies/*"))
    files = [name for name in files if re.search(hook["files"], name)]
    assert len(files) == 4
    done = run(checkout, *shlex.split(hook["entry"]), *files)
    assert done.returncode == 1, done.stdout
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == [
        "policies/admin.json",
        "policies/broken.json",
    ]


@pytest.mark.parametrize(
    ("paths", "severity", "code"),
    [
        ("policies/admin.json", "error", 0),
        ("policies/admin.json", "security", 1),
        ("policies/admin.json policies/broken.json", "error", 1),
        ("policies/admin.json\npolicies/broken.json\n", "error", 1),
        ("policies", "error", 1),
        ("nowhere", "error", 2),
    ],
)
def test_action_lints_every_path_it_is_given(checkout: Path, paths: str, severity: str, code: int) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    (step,) = [step for step in action["runs"]["steps"] if step.get("name") == "Lint"]
    assert set(step["env"]) == {"PATHS", "KIND", "SEVERITY"}
    shell = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"])
    done = run(checkout, *shell, PATHS=paths, KIND="auto", SEVERITY=severity)
    assert done.returncode == code, done.stdout + done.stderr
    assert all(line.startswith(("::error file=", "::warning file=")) for line in done.stdout.splitlines())
