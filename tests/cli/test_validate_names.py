"""``rolecall validate`` tells names that AWS is not known to have, before a run does."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT

Runner = Callable[..., "subprocess.CompletedProcess[str]"]
MANAGED = "arn:aws:iam::aws:policy"


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return shutil.copytree(ROOT / "policies" / "assume-role", tmp_path / "chain") / "chain.yaml"


@pytest.mark.parametrize(
    ("old", "new", "advice"),
    [
        ("AmazonEC2FullAccess", "AmazonEC2FulAccess", f"{MANAGED}/AmazonEC2FullAccess"),
        (
            "AmazonEC2FullAccess",
            "AWSLambdaBasicExecutionRole",
            f"{MANAGED}/service-role/AWSLambdaBasicExecutionRole",
        ),
        ('deny: "ec2:DescribeInstances"', 'deny: "ec2:DescribeInstance"', "ec2:DescribeInstances"),
        ('["sts:AssumeRole"]', '["sts:AsumeRole"]', "sts:AssumeRole"),
        ("because: implicit", "because: {policy: assume-role-polic}", "assume-role-policy"),
    ],
)
def test_unknown_name_is_told_with_its_place_and_the_nearest(
    rolecall: Runner, manifest: Path, old: str, new: str, advice: str
) -> None:
    text = manifest.read_text()
    assert old in text
    manifest.write_text(text.replace(old, new))
    line = 1 + manifest.read_text().split(new)[0].count("\n")
    done = rolecall("validate", str(manifest))
    assert done.returncode == 1
    assert f"chain.yaml:{line}:" in done.stderr
    assert f'did you mean "{advice}"?' in done.stderr


def test_manifest_without_a_promise_says_so(rolecall: Runner, manifest: Path) -> None:
    manifest.write_text(manifest.read_text().partition("expect:")[0])
    done = rolecall("validate", str(manifest))
    assert done.returncode == 0
    assert "nothing is promised yet" in done.stdout


def test_schema_of_the_manifest_is_the_one_that_editors_are_given(rolecall: Runner) -> None:
    done = rolecall("schema", "chain")
    assert done.returncode == 0
    shipped = ROOT / "src" / "rolecall" / "chains" / "chain.schema.json"
    assert json.loads(done.stdout) == json.loads(shipped.read_text())
