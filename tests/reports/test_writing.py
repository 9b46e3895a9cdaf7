"""Reports on disk: whole files, no secret, clear words where nothing can be written."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rolecall.errors import RolecallError
from rolecall.reports import Evidence, redacted, write_reports
from tests.reports.hostile import hostile
from tests.reports.sample import earlier_sample, sample

if TYPE_CHECKING:
    from pathlib import Path

KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjE" + "Ab9+/" * 40


def leaking() -> Evidence:
    whole = sample()
    chain = whole.chains[0]
    item = chain.expectations[0]
    assert item.observed is not None
    call = replace(
        item.observed.calls[0], message=f"key {KEY} session_token={TOKEN[:30]} {TOKEN}", answer=SECRET
    )
    item = replace(item, observed=replace(item.observed, calls=(call,)))
    return replace(whole, chains=(replace(chain, expectations=(item, *chain.expectations[1:])),))


def test_every_view_is_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    paths = write_reports(sample(), tmp_path / "new" / "reports", baseline=earlier_sample())
    assert sorted(paths) == ["evidence.json", "index.html", "junit.xml", "rolecall.sarif", "summary.md"]
    assert sorted(p.name for p in (tmp_path / "new" / "reports").iterdir()) == sorted(paths)
    assert Evidence.from_json(paths["evidence.json"].read_bytes()) == sample()


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    def digests() -> list[str]:
        paths = write_reports(hostile(), tmp_path)
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths.values()]

    assert digests() == digests()


def test_folder_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    taken = tmp_path / "reports"
    taken.write_text("a file")
    with pytest.raises(RolecallError, match=r"cannot be written to .*reports: .*--report-dir"):
        write_reports(sample(), taken)


def test_no_secret_reaches_a_file(tmp_path: Path) -> None:
    for path in write_reports(leaking(), tmp_path, secrets=[SECRET]).values():
        text = path.read_text("utf-8")
        assert KEY not in text
        assert SECRET not in text
        assert TOKEN[:30] not in text


def test_redaction_leaves_evidence_without_secrets_alone() -> None:
    assert redacted(sample(), ["short"]) == sample()
