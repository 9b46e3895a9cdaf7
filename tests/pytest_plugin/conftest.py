"""A fresh suite in a folder of its own, run by a real pytest in a real process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Run:
    """How a pytest run ended."""

    code: int
    out: str

    @property
    def outcomes(self) -> str:
        """The last line: how many passed, failed …"""
        return self.out.strip().splitlines()[-1]


@dataclass(frozen=True)
class Suite:
    """A suite laid down in a folder."""

    folder: Path

    @property
    def manifest(self) -> Path:
        return self.folder / "policies" / "assume-role" / "chain.yaml"

    @property
    def trust(self) -> Path:
        return self.manifest.with_name("assume-role-trust-relationship.json")

    def edit(self, old: str, new: str) -> None:
        text = self.manifest.read_text()
        assert old in text
        self.manifest.write_text(text.replace(old, new))

    def run(self, *arguments: str, started_in: str = ".", **environ: str) -> Run:
        """Run pytest there with the promises of the manifest alone."""
        surroundings = ("GITHUB_STEP_SUMMARY", "CI", "BUILD_NUMBER")  # pytest says more in CI
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("ROLECALL_") and name not in surroundings
        }
        environment.update(environ, PYTHONPATH=str(ROOT / "src"))
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            *named_plugin(),
            *arguments,
        ]
        ended = subprocess.run(
            command,
            cwd=self.folder / started_in,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Run(ended.returncode, ended.stdout + ended.stderr)


def named_plugin() -> list[str]:
    """Name the plugin where it is not installed as a package."""
    from importlib.metadata import entry_points

    installed = any(entry.name == "rolecall" for entry in entry_points(group="pytest11"))
    return [] if installed else ["-p", "rolecall.pytest_plugin"]


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """A copy of the base chain with the one check that runs its promises."""
    folder = tmp_path / "a suite"
    shutil.copytree(ROOT / "policies" / "assume-role", folder / "policies" / "assume-role")
    (folder / "checks").mkdir()
    shutil.copy(ROOT / "checks" / "test_role_chains.py", folder / "checks")
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = checks\n")
    return Suite(folder)


@pytest.fixture
def second_chain(suite: Suite) -> Callable[[str], None]:
    """Add a chain that uses the same account and the same names as the base chain."""

    def add(name: str) -> None:
        folder = suite.folder / "policies" / name
        shutil.copytree(suite.manifest.parent, folder)
        manifest = folder / "chain.yaml"
        manifest.write_text(manifest.read_text().replace("chain: assume-role\n", f"chain: {name}\n"))

    return add
