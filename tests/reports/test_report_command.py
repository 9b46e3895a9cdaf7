"""``rolecall report``, as a process: every verb and flag, and every mistake in words with its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rolecall.cli import main
from rolecall.reports import Evidence
from tests.reports.hostile import hostile
from tests.reports.sample import earlier_sample, sample

ROOT = Path(__file__).parents[2]
FILES = ["evidence.json", "index.html", "junit.xml", "rolecall.sarif", "summary.md"]


def report(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rolecall", "report", *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment},
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "now.json").write_text(sample().to_json(), encoding="utf-8")
    (tmp_path / "before.json").write_text(earlier_sample().to_json(), encoding="utf-8")
    (tmp_path / "past").mkdir()
    (tmp_path / "past" / "1.json").write_text(earlier_sample().to_json(), encoding="utf-8")
    return tmp_path


def test_build_takes_a_baseline_a_history_a_chain_and_a_folder(folder: Path) -> None:
    done = report(folder, "build", "now.json", "--out", "plain")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [str(Path("plain", name)) for name in FILES]
    plain = (folder / "plain" / "index.html").read_text("utf-8")
    assert "Compared with the run of" not in plain
    assert 'id="history"' not in plain
    words = ["--baseline", "before.json", "--history", "past", "--chain", "three-hops", "--out", "full"]
    assert report(folder, "build", "now.json", *words).returncode == 0
    full = (folder / "full" / "index.html").read_text("utf-8")
    assert "Compared with the run of 2026-11-20 09:30:00 UTC" in full
    assert 'id="history"' in full
    assert 'id="assume-role/"' not in full
    assert "assume-role/role-cannot-terminate" not in full, "nor does the comparison speak of other chains"
    evidence = Evidence.from_json((folder / "full" / "evidence.json").read_bytes())
    assert [chain.name for chain in evidence.chains] == ["three-hops"]


def test_chain_may_be_repeated_and_an_unknown_one_is_answered_with_those_there_are(folder: Path) -> None:
    both = report(folder, "build", "now.json", "--chain", "three-hops", "--chain", "assume-role")
    assert both.returncode == 0
    assert Evidence.from_json((folder / "reports" / "evidence.json").read_bytes()) == sample()
    done = report(folder, "build", "now.json", "--chain", "thre-hops")
    assert done.returncode == 2
    assert done.stderr == 'rolecall: there is no chain "thre-hops" (there are assume-role, three-hops)\n'


def test_merge_joins_shards_and_refuses_an_overlap(folder: Path) -> None:
    whole = sample()
    for number, chain in enumerate(whole.chains):
        part = replace(whole, chains=(chain,), run=replace(whole.run, id=f"w{number}"))
        (folder / f"shard-{number}.json").write_text(part.to_json(), encoding="utf-8")
    done = report(folder, "merge", "shard-1.json", "shard-0.json", "--out", "all")
    assert done.returncode == 0
    merged = Evidence.from_json((folder / "all" / "evidence.json").read_bytes())
    assert merged.counts() == whole.counts()
    assert merged.run.shards == 2
    twice = report(folder, "merge", "now.json", "now.json")
    assert twice.returncode == 2
    assert "is in more than one of the shards" in twice.stderr
    assert not (folder / "reports").exists()


def test_diff_is_one_where_something_fails_anew_and_zero_otherwise(folder: Path) -> None:
    worse = report(folder, "diff", "before.json", "now.json")
    assert worse.returncode == 1
    assert "new: assume-role/role-cannot-terminate: promised denied" in worse.stdout
    assert "document changed: AmazonEC2FullAccess" in worse.stdout
    assert report(folder, "diff", "now.json", "before.json").returncode == 0
    (folder / "empty.json").write_text(replace(sample(), chains=()).to_json(), encoding="utf-8")
    (folder / "last").mkdir()
    (folder / "empty.json").rename(folder / "last" / "evidence.json")
    same = report(folder, "diff", "last", "last")  # the folder of a report will do
    assert (same.returncode, same.stdout) == (0, "nothing changed\n")


def test_diff_of_hostile_evidence_sends_no_control_character_to_the_terminal(folder: Path) -> None:
    (folder / "hostile.json").write_text(hostile().to_json(), encoding="utf-8")
    done = report(folder, "diff", "now.json", "hostile.json", PYTHONIOENCODING="utf-8")
    assert done.returncode == 1
    assert "<U+001B>[31m" in done.stdout
    assert not {character for character in done.stdout if ord(character) < 32} - {"\n", "\t"}


def test_open_hands_the_page_to_the_browser_or_says_that_there_is_none(folder: Path) -> None:
    report(folder, "build", "now.json")
    seen = folder / "seen"
    browser = folder / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > "{seen}"\n')
    browser.chmod(0o755)
    done = report(folder, "open", BROWSER=f"{browser} %s")
    assert (done.returncode, done.stdout) == (0, f"{Path('reports', 'index.html')}\n")
    assert seen.read_text() == (folder / "reports" / "index.html").resolve().as_uri()
    none = report(folder, "open", "reports", BROWSER="/bin/false %s", PATH="/nowhere", DISPLAY="")
    assert none.returncode == 2
    assert "no browser could be started" in none.stderr
    missing = report(folder, "open", "elsewhere")
    assert missing.returncode == 2
    assert "index.html: is not there" in missing.stderr


BROKEN = {
    "absent.json": (None, "absent.json: cannot be read: No such file or directory"),
    "empty.json": (b"", "empty.json:1:1: is not valid JSON"),
    "cut.json": (sample().to_json().encode()[:5000], "is not valid JSON"),
    "latin.json": (b'{"run": "\xff"}', "latin.json: is not valid JSON"),
    "other.json": (b'{"Version": "2012-10-17", "Statement": []}', "other.json: is not evidence of a run"),
    "deep.json": (b"[" * 100_000, "deep.json"),
    "newer.json": (b'{"format": 2, "run": {}}', "format 2, this version reads 1"),
    "fields.json": (b'{"format": 1, "run": {}, "chains": []}', "evidence.run.id is missing"),
    "digits.json": (b'{"format": ' + b"9" * 5000 + b', "run": {}}', "digits.json: is not valid JSON"),
    "twice.json": (
        replace(sample(), chains=sample().chains[:1] * 2).to_json().encode(),
        "twice.json: has assume-role twice (it is not of one run)",
    ),
    "escape.json": (b'{"format": 1, "run": {"\\u001b[31mred": 1}}', 'no field "<U+001B>[31mred"'),
}


SHORT = ("absent.json", "cut.json", "newer.json")


@pytest.mark.parametrize(
    ("place", "name"),
    [("build", name) for name in BROKEN]
    + [(place, name) for place in ("baseline", "history", "merge", "diff") for name in SHORT],
)
def test_evidence_that_cannot_be_used_is_named_and_nothing_is_written(
    folder: Path, place: str, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content, words = BROKEN[name]
    if content is not None:
        (folder / name).write_bytes(content)
    history = folder / "history"
    if place == "history":
        history.mkdir()
        if content is None:
            history, words = folder / "absent", "is not a folder"
        else:
            (history / name).write_bytes(content)
    arguments = {
        "build": ["build", name],
        "baseline": ["build", "now.json", "--baseline", name],
        "history": ["build", "now.json", "--history", str(history)],
        "merge": ["merge", "now.json", name],
        "diff": ["diff", "now.json", name],
    }[place]
    monkeypatch.chdir(folder)
    assert main(["report", *arguments]) == 2
    assert words in capsys.readouterr().err
    assert not (folder / "reports").exists()


def test_truncated_evidence_is_answered_with_line_and_column(folder: Path) -> None:
    lines = sample().to_json().splitlines()[:40]
    (folder / "cut.json").write_text("\n".join(lines) + '\n   "', encoding="utf-8")
    done = report(folder, "build", "cut.json")
    assert done.stderr.startswith("rolecall: cut.json:41:4: is not valid JSON: ")


def test_folder_that_cannot_be_made_is_said(folder: Path) -> None:
    done = report(folder, "build", "now.json", "--out", "now.json")
    assert done.returncode == 2
    assert "the report cannot be written to now.json" in done.stderr


def test_wrong_usage_is_four(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = report(folder, "build")
    assert (done.returncode, done.stderr[:15]) == (4, "usage: rolecall")
    for words in ([], ["merge"], ["diff", "now.json"], ["build", "now.json", "--frobnicate"]):
        with pytest.raises(SystemExit) as ended:
            main(["report", *words])
        assert ended.value.code == 4, words
        assert capsys.readouterr().err.startswith("usage: rolecall")
