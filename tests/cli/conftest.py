"""The command line, run as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def rolecall() -> Callable[..., subprocess.CompletedProcess[str]]:
    """A function that runs ``rolecall`` in the repository's root."""

    def run(
        *words: str, stdin: str | None = None, cwd: Path = ROOT, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rolecall", *words],
            input=stdin,
            capture_output=True,
            text=True,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **environ},
            timeout=60,
            check=False,
        )

    return run
