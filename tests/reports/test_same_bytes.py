"""The same evidence gives the same bytes, wherever and however often a view is made of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DIGEST = """
import hashlib, sys, tempfile, pathlib
from rolecall.reports import write_reports
from tests.reports.hostile import hostile
from tests.reports.sample import earlier_sample, sample
for evidence in (sample(), hostile()):
    with tempfile.TemporaryDirectory() as folder:
        before = earlier_sample()
        for path in write_reports(evidence, folder, baseline=before, history=[before]).values():
            print(path.name, hashlib.sha256(path.read_bytes()).hexdigest())
"""
# What differs between any two runs: moments, durations, and ids that the target hands out.
OF_THE_RUN = {"id", "started", "duration", "request_id", "answer", "message", "decoded_denial", "observed"}


def _python(*words: str, **environment: str) -> str:
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, **environment},
        timeout=120,
        check=True,
    ).stdout


def test_hash_seed_locale_and_time_zone_change_no_byte() -> None:
    first = _python("-c", DIGEST, PYTHONHASHSEED="1", TZ="UTC", LC_ALL="C.UTF-8")
    assert len(first.splitlines()) == 10
    for changed in (
        {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "99", "TZ": "America/St_Johns", "PYTHONUTF8": "0", "LANG": "tr_TR.ISO-8859-9"},
    ):
        assert _python("-c", DIGEST, **changed) == first


def _plugin() -> list[str]:
    """What makes a pytest of this checkout load the plugin; nothing, where it is installed."""
    installed = any(point.name == "rolecall" for point in entry_points(group="pytest11"))
    return [] if installed else ["-p", "rolecall.pytest_plugin"]


def _facts(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        kept = {key for key in value if key not in OF_THE_RUN or (key == "id" and name != "run")}
        return {key: _facts(value[key], key) for key in value if key in kept}
    return [_facts(item, name) for item in value] if isinstance(value, list) else value


def test_evidence_has_one_order_with_and_without_workers(tmp_path: Path) -> None:
    pytest.importorskip("xdist", reason="pytest-xdist is not installed")
    chains = [f"--chain=policies/{name}" for name in ("session-policy", "assume-role")]
    found = []
    for extra in ([], ["-n", "2"]):
        folder = tmp_path / str(len(extra))
        _python(
            "-m",
            "pytest",
            "-q",
            *_plugin(),
            "checks/test_role_chains.py",
            *chains,
            f"--report-dir={folder}",
            *extra,
        )
        found.append(_facts(json.loads((folder / "evidence.json").read_text("utf-8"))))
    alone, shared = found
    assert [chain["name"] for chain in alone["chains"]] == ["session-policy", "assume-role"]
    assert all(chain["provisioning"] for chain in alone["chains"])
    assert shared == alone
