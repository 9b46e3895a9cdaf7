"""A suite cut over machines: every promise runs on exactly one, and the parts make the same report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pytest_plugin.conftest import ROOT, Suite
from tests.pytest_plugin.test_runs import verdicts

NAMES = ("alpha", "beta", "delta")


@pytest.fixture
def large(suite: Suite, second_chain: Callable[[str], None]) -> Suite:
    """Four chains, one of them in an account and a region of its own."""
    for name in NAMES:
        second_chain(name)
    for file in (suite.folder / "policies" / "beta").iterdir():
        file.write_text(file.read_text().replace("278805249149", "111122223333"))
    manifest = suite.folder / "policies" / "beta" / "chain.yaml"
    manifest.write_text(manifest.read_text().replace("ap-northeast-2", "eu-west-1"))
    return suite


def items(suite: Suite, *words: str) -> set[str]:
    run = suite.run("--collect-only", *words)
    return {line for line in run.out.splitlines() if "::" in line}


def merge(suite: Suite, *parts: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rolecall", "report", "merge", *parts, "--out", "merged"],
        cwd=suite.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_shards_share_out_the_items_chain_by_chain(large: Suite) -> None:
    whole = items(large)
    assert len(whole) > 4 * len(NAMES)
    parts = [items(large, f"--shard={number}/3") for number in (1, 2, 3)]
    assert sum(map(len, parts)) == len(whole)
    assert set().union(*parts) == whole
    homes = [{item.partition("[")[2].partition("/")[0] for item in part} for part in parts]
    assert sum(map(len, homes)) == len(set().union(*homes)), "no chain is in two shards"
    assert sum(bool(part) for part in parts) > 1


def test_a_chain_stays_in_its_shard_when_others_come_and_go(large: Suite) -> None:
    before = items(large, "--shard=1/2"), items(large, "--shard=2/2")
    assert any("[alpha/" in item for part in before for item in part)
    (large.folder / "policies" / "alpha").rename(large.folder / "elsewhere")
    after = items(large, "--shard=1/2"), items(large, "--shard=2/2")
    assert after == tuple({item for item in part if "[alpha/" not in item} for part in before)


def test_merged_shards_give_the_verdicts_of_one_run(large: Suite) -> None:
    large.edit('allow: "ec2:DescribeInstances"', 'allow: "iam:ListUsers"')
    whole = large.run("--report-dir=whole")
    assert whole.code == 1, whole.out
    parts = [large.run(f"--shard={number}/3", f"--report-dir=part-{number}") for number in (1, 2, 3)]
    assert sorted(part.code for part in parts) == [0, 0, 1], "\n".join(part.out for part in parts)
    merged = merge(large, *(f"part-{number}/evidence.json" for number in (3, 1, 2)))
    assert merged.returncode == 0, merged.stderr
    assert verdicts(large, "merged") == verdicts(large, "whole")
    one, other = (
        json.loads((large.folder / folder / "evidence.json").read_text()) for folder in ("whole", "merged")
    )
    assert other["run"]["shards"] == 3
    for name in ("account", "region"):
        assert set(one["run"][name].split(", ")) == set(other["run"][name].split(", ")), name
    assert {d["id"]: d["sha256"] for d in one["documents"]} == {
        d["id"]: d["sha256"] for d in other["documents"]
    }


def test_a_shard_under_xdist_runs_the_same_items(large: Suite) -> None:
    serial = large.run("--shard=1/2", "--report-dir=serial")
    spread = large.run("--shard=1/2", "--report-dir=spread", "-n2")
    assert (serial.code, spread.code) == (0, 0), spread.out
    assert verdicts(large, "serial") == verdicts(large, "spread")


@pytest.mark.parametrize("words", [(), ("-n2",)] if os.environ.get("ROLECALL_THOROUGH") else [()])
def test_a_shard_without_items_passes_and_can_be_merged(suite: Suite, words: tuple[str, ...]) -> None:
    parts = [suite.run(f"--shard={number}/2", f"--report-dir=part-{number}", *words) for number in (1, 2)]
    assert [part.code for part in parts] == [0, 0], "\n".join(part.out for part in parts)
    assert any("Nothing is in shard" in part.out for part in parts)
    merged = merge(suite, "part-1/evidence.json", "part-2/evidence.json")
    assert merged.returncode == 0, merged.stderr
    assert len(verdicts(suite, "merged")) > 4


def test_shards_that_overlap_or_saw_other_documents_are_not_merged(suite: Suite) -> None:
    assert suite.run("--report-dir=one").code == 0
    again = merge(suite, "one/evidence.json", "one/evidence.json")
    assert again.returncode == 2
    assert "is in more than one of the shards" in again.stderr
    assert "Traceback" not in again.stderr
    assert not (suite.folder / "merged").exists()


@pytest.mark.parametrize("shard", ["0/5", "6/5", "x", "2", "1/2/3", "٢/٥"])
def test_a_shard_that_cannot_be_is_a_usage_error(suite: Suite, shard: str) -> None:
    run = suite.run(f"--shard={shard}")
    assert run.code == 4
    assert "--shard is like 2/5, the second of five" in run.out
    assert "Traceback" not in run.out
    assert not Path(suite.folder / "reports").exists()


def test_a_shard_of_nothing_at_all_does_not_pass(suite: Suite) -> None:
    assert suite.run("--shard=1/2", "-k", "no-such-promise").code == 5
