"""The ledger on disk: written before the call, readable after a kill, refused when damaged."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from rolecall.errors import InputError, TargetError
from rolecall.provisioning import FileLedger, State, Thing, read_ledger

if TYPE_CHECKING:
    from pathlib import Path

USER = Thing(
    "user", "123456789012", "us-east-1", {"UserName": "alice"}, "/rolecall/r1/", {"rolecall:run": "r1"}
)
ROLE = Thing(
    "role", "123456789012", "us-east-1", {"RoleName": "deploy"}, "/rolecall/r1/", {"rolecall:run": "r1"}
)


def written(path: Path) -> FileLedger:
    ledger = FileLedger(path, run="r1")
    ledger.note(ledger.intend(USER), State.DONE, {"UserId": "AIDAX"})
    ledger.intend(ROLE)
    return ledger


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    ledger = written(tmp_path / "new" / "ledger.jsonl")
    entries = read_ledger(ledger.path)
    assert entries == ledger.entries()
    assert [(e.thing, e.state, dict(e.learned)) for e in entries] == [
        (USER, State.DONE, {"UserId": "AIDAX"}),
        (ROLE, State.INTENDED, {}),
    ]
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_torn_last_line_is_left_out_and_the_ledger_can_be_gone_on_with(tmp_path: Path, cut: int) -> None:
    ledger = written(tmp_path / "ledger.jsonl")
    ledger.close()
    data = ledger.path.read_bytes()
    ledger.path.write_bytes(data[:-cut])
    assert [e.thing for e in read_ledger(ledger.path)] == [USER]
    again = FileLedger(ledger.path, run="r1")
    again.intend(ROLE)
    assert [e.thing for e in read_ledger(ledger.path)] == [USER, ROLE]


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (lambda text: text.replace('"rolecall_ledger": 1', '"rolecall_ledger": 2'), 1, "version 2"),
        (lambda text: "hello\n" + text, 1, "not a line of a ledger"),
        (lambda _: '{"a": 1}\n', 1, "not a ledger"),
        (lambda _: "", 1, "not a ledger"),
        (lambda text: text.replace('"done"', '"perhaps"'), 3, "perhaps"),
        (lambda text: text.replace('"n": 1, "state": "intent"', '"n": 7, "state": "intent"'), 2, "missing"),
        (lambda text: text.replace('"kind": "user"', '"kind": 5'), 2, "must be text"),
        (lambda text: text.replace('"identity": {"UserName": "alice"}', '"identity": 3'), 2, "not a line"),
        (lambda text: text.replace('{"UserName": "alice"}', '{"UserName": ["alice"]}'), 2, "must be text"),
        (lambda text: text.replace('{"UserName": "alice"}', "{}"), 2, "must be text"),
        (lambda text: text.replace('{"rolecall:run": "r1"}', '{"rolecall:run": 1}'), 2, "must be text"),
    ],
)
def test_a_damaged_ledger_is_refused_with_its_line(
    tmp_path: Path, change: object, line: int, words: str
) -> None:
    path = written(tmp_path / "ledger.jsonl").path
    path.write_text(change(path.read_text()))  # type: ignore[operator]
    with pytest.raises(InputError, match=words) as caught:
        read_ledger(path)
    assert (caught.value.file, caught.value.line) == (str(path), line)


def test_what_would_never_end_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ledger.jsonl")
    for path in (tmp_path / "pipe.ledger.jsonl", tmp_path):
        with pytest.raises(InputError, match="not a regular file"):
            read_ledger(path)


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TargetError, match="cannot be written"):
        FileLedger(tmp_path / "file" / "ledger.jsonl", run="r1")


def test_a_full_disk_is_a_clear_error_before_anything_is_created(tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    ledger = written(tmp_path / "ledger.jsonl")
    os.dup2(os.open("/dev/full", os.O_WRONLY), ledger._file)
    with pytest.raises(TargetError, match="No space left"):
        ledger.intend(ROLE)
    assert len(ledger.entries()) == 2


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (tmp_path / "ledger.jsonl").symlink_to(target)
    with pytest.raises(TargetError, match="cannot be written"):
        FileLedger(tmp_path / "ledger.jsonl", run="r1")
    assert not target.exists()


def test_the_intent_is_on_the_disk_before_the_call(tmp_path: Path) -> None:
    ledger = written(tmp_path / "ledger.jsonl")
    number = ledger.intend(USER)
    assert read_ledger(ledger.path)[-1].number == number
