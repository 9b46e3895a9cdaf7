"""Runs moto's own tests of IAM, STS and authorization with enforcement installed and root's credentials.

    python scripts/run_moto_tests.py [--sdist moto-5.2.5.tar.gz] [--json FILE] [-k EXPRESSION]

Each test runs inside an ``enforcing_moto`` whose root credential is the one that ``mock_aws`` puts into the
environment variables: every call that a test makes with moto's defaults is root's. Tests that do not pass
have to be in docs/moto-test-suite.md with the reason; the exit code is 1 where that page and the run differ.
Without ``--sdist`` the source distribution of the installed moto is fetched with pip. moto's tests need
freezegun, a development dependency for that reason only.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from rolecall.enforcement.environment import RootCredential
from rolecall.targets.moto import enforcing_moto

PAGE = Path(__file__).parents[1] / "docs" / "moto-test-suite.md"
CHOSEN = (
    "tests/test_iam",
    "tests/test_sts",
    "tests/test_core/test_auth.py",
    "tests/test_core/test_auth_context_manager.py",
)
LISTED = re.compile(r"^\| `(test_\w+/test_\w+\.py::[^`]+)` \|", re.MULTILINE)


class Enforced:
    """The pytest plugin: enforcement around every test, and what became of each."""

    def __init__(self) -> None:
        self.outcomes: dict[str, str] = {}
        self.reasons: dict[str, str] = {}

    @pytest.fixture(autouse=True)
    def _enforcement(self, request: pytest.FixtureRequest) -> Iterator[None]:
        from moto.core.config import default_user_config

        config = {**default_user_config}
        # A credential is one of its partition, so the account lies where the test calls.
        region = re.search(r"\[.*?((cn|us-gov|us-iso\w*)-\w+-\d)", request.node.name)
        with enforcing_moto(region=region[1] if region else "us-east-1") as aws:
            # The credential that mock_aws puts into the environment variables.
            aws.environment.roots[aws.account_id] = RootCredential(
                aws.account_id, "FOOBARKEY", "FOOBARSECRET"
            )
            yield
        # A nested mock_aws(config=…) leaves its configuration behind.
        default_user_config.clear()
        default_user_config.update(config)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.removeprefix("tests/")
        if report.failed or (report.when == "call" and name not in self.outcomes):
            self.outcomes[name] = report.outcome
        elif report.skipped:
            self.outcomes[name] = "skipped"
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.reasons[name] = crash.message if crash else str(report.longrepr)


def unpack(sdist: Path, folder: Path) -> None:
    """The ``tests`` of a source distribution, without its ``moto``: the installed one is what is tested."""
    with tarfile.open(sdist) as archive:
        members = []
        for member in archive.getmembers():
            _, _, inner = member.name.partition("/")
            if inner.startswith("tests/"):
                member.name = inner
                members.append(member)
        archive.extractall(folder, members, filter="data")


def fetch(folder: Path) -> Path:
    """The source distribution of the installed moto, from the package index."""
    wanted = f"moto=={version('moto')}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "moto"]
    subprocess.run([*command, "--dest", str(folder), wanted], check=True)
    return next(folder.glob("moto-*.tar.gz"))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sdist", type=Path)
    parser.add_argument("--json", type=Path, help="where to write each test's outcome and message")
    parser.add_argument("-k", default="", help="only the tests that pytest's -k takes")
    options = parser.parse_args()
    plugin = Enforced()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        unpack(options.sdist.resolve() if options.sdist else fetch(folder), folder)
        before = Path.cwd()
        os.chdir(folder)
        try:
            quiet = ["-q", "--tb=no", "--no-summary", "-p", "no:cacheprovider", "-c", os.devnull]
            pytest.main([*CHOSEN, *quiet, f"--rootdir={folder}", "-k", options.k], plugins=[plugin])
        finally:
            os.chdir(before)
    if options.json:
        options.json.write_text(
            json.dumps({"outcomes": plugin.outcomes, "reasons": plugin.reasons}, indent=1)
        )
    print(dict(Counter(plugin.outcomes.values())))
    if options.k:
        return 0
    listed = set(LISTED.findall(PAGE.read_text(encoding="utf-8"))) if PAGE.exists() else set()
    failed = {test for test, outcome in plugin.outcomes.items() if outcome == "failed"}
    for test in sorted(failed - listed):
        print(f"fails and is not on the page: {test}: {plugin.reasons[test][:200]}")
    for test in sorted(listed - failed):
        print(f"is on the page and does not fail: {test}")
    return 1 if failed != listed or not plugin.outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
