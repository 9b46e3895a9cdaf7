"""Mistakes of whoever types a command against an account: one line, code 4, no call and no traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.account.conftest import Served
from tests.account.test_sessions import suite
from tests.pytest_plugin.conftest import named_plugin

__all__ = ["suite"]

ADDRESSES = [
    "http://127.0.0.1:99999",
    "http://127.0.0.1:abc",
    "http://[::1",
    "http://127.0.0.1:0",
    "nonsense",
]


@pytest.mark.parametrize(
    "words", [*(("--aws-endpoint-url", url) for url in ADDRESSES), ("--aws-region", "x y"),
              ("--aws-region", "nowhere"), ("--deny-alias", ""), ("--sandbox-account", "12")],
)  # fmt: skip
def test_a_sweep_that_is_asked_for_wrongly_says_so_with_code_4(
    served: Served, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    from rolecall.cli import main

    try:
        code = main(["sweep", *words])
    except SystemExit as ended:
        code = int(str(ended.code))
    assert code == 4
    told = capsys.readouterr().err.splitlines()[-1]
    assert (words[1] or words[0]) in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--aws-target=endpoint", f"--aws-endpoint-url={ADDRESSES[0]}"), "is not an address"),
        (("--aws-target=account", "--aws-endpoint-url=http://127.0.0.1:5"), "account is AWS itself"),
        (("--aws-target=account", "--deny-alias="), "--deny-alias is empty"),
    ],
)
def test_a_run_that_is_asked_for_wrongly_says_so_with_code_4(
    served: Served, suite: Path, words: tuple[str, ...], told: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *named_plugin(), *words], cwd=suite, env=served.environment,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 4, ended.stdout + ended.stderr
    assert told in ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
