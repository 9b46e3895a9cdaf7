"""The ledger as a file: JSON Lines, each line on the disk before the call that it announces.

Line 1 is ``{"rolecall_ledger": 1, "run": …}``. Then ``{"n": 1, "state": "intent", "thing": {…}}`` and
``{"n": 1, "state": "done", "learned": {…}}``. No secret is ever in it.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from typing import TYPE_CHECKING, Any

from rolecall.errors import InputError, TargetError
from rolecall.provisioning.ledger import Entry, MemoryLedger, State
from rolecall.provisioning.steps import Thing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["FileLedger", "LedgerInUse", "is_in_use", "read_ledger", "read_run"]

VERSION = 1


class LedgerInUse(TargetError):
    """Another process, the run itself, has the ledger open."""


class FileLedger:
    """Opens a ledger for writing, a new one or one to go on with.

    As long as the process lives and has it open no other can: nobody removes what a run is working with.

    In: the path (its folder must exist or be creatable) and the run's id. Raises TargetError where the
    file cannot be written: nothing may be created then; LedgerInUse where another process has it. InputError
    for a file that is no ledger.
    """

    def __init__(self, path: Path, *, run: str) -> None:
        self.path = path
        self.run = run
        self._memory = MemoryLedger()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
            self._file = os.open(path, flags, 0o600)
            if not _lock(self._file):
                os.close(self._file)
                raise LedgerInUse(
                    f"{path}: the run that writes this ledger is still going on: nothing of it is removed"
                )
            self._size = 0
            known = os.fstat(self._file).st_size > 0
            if known:
                self._memory, self._size = _replayed(_read(self._file), path)
                os.ftruncate(self._file, self._size)  # what a kill tore off in the middle of a line
            else:
                self._write({"rolecall_ledger": VERSION, "run": run})
                _sync_folder(path.parent)
        except OSError as error:
            raise _unwritable(path, error) from None

    def intend(self, thing: Thing) -> int:
        """Note what is about to be created; it is on the disk when this returns."""
        number = len(self._memory.entries()) + 1
        record = {
            "kind": thing.kind,
            "account": thing.account,
            "region": thing.region,
            "identity": dict(thing.identity),
            "path": thing.path,
            "tags": dict(thing.tags),
        }
        self._write({"n": number, "state": State.INTENDED.value, "thing": record})
        return self._memory.intend(thing)

    def note(self, number: int, state: State, learned: Mapping[str, str] | None = None) -> None:
        """Note what became of it."""
        record: dict[str, Any] = {"n": number, "state": state.value}
        if learned:
            record["learned"] = dict(learned)
        self._write(record)
        self._memory.note(number, state, learned)

    def entries(self) -> tuple[Entry, ...]:
        """All entries in the order of their intents."""
        return self._memory.entries()

    def close(self) -> None:
        """Close the file; the ledger stays readable."""
        os.close(self._file)

    def _write(self, record: Mapping[str, Any]) -> None:
        data = json.dumps(record, ensure_ascii=True).encode() + b"\n"
        try:
            written = os.write(self._file, data)
            if written != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._file)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise _unwritable(self.path, error) from None
        self._size += len(data)


def read_ledger(path: Path) -> tuple[Entry, ...]:
    """The entries of a ledger that another run left.

    A torn last line (a kill in mid-write) is left out: the call it announced was not made. Raises
    InputError, with the line, for a file that is not a ledger, of another version or damaged.
    """
    try:
        if not path.is_file() and path.exists():
            raise InputError("is not a regular file, so it is no ledger", file=str(path))
        return _replayed(path.read_bytes(), path)[0].entries()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=str(path)) from None


def read_run(path: Path) -> str:
    """The id of the run whose ledger a file is. Raises InputError as ``read_ledger`` does."""
    read_ledger(path)
    run = json.loads(path.read_bytes().partition(b"\n")[0]).get("run")
    if not isinstance(run, str) or not run:
        raise InputError("does not tell whose run it is", file=str(path), line=1, column=1)
    return run


def is_in_use(path: Path) -> bool:
    """Whether a process that lives has a ledger open, on this machine."""
    try:
        file = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        return not _lock(file)
    finally:
        os.close(file)


def _lock(file: int) -> bool:
    """Keep other processes out; they are let in again when this one ends, however it does."""
    try:
        import fcntl

        # Of the process, not of the file handle: no child that outlives it goes on holding it.
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EACCES, errno.EAGAIN)  # else this file system knows no locks
    except ImportError:
        return True
    return True


def _read(file: int) -> bytes:
    # Through the handle that holds the lock: closing any other of this file would give it up.
    return os.pread(file, os.fstat(file).st_size, 0)


def _replayed(data: bytes, path: Path) -> tuple[MemoryLedger, int]:
    """The ledger that a file holds and how many of its bytes are whole lines."""
    lines = data.split(b"\n")
    torn = lines.pop()
    memory = MemoryLedger()
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            if number == 1:
                _check_header(record, path)
                continue
            if record["state"] == State.INTENDED:
                if memory.intend(_thing(record["thing"])) != record["n"]:
                    raise ValueError("entries are missing before it")
            else:
                learned = {str(k): str(v) for k, v in record.get("learned", {}).items()}
                memory.note(record["n"], State(record["state"]), learned)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"is not a line of a ledger ({error})",
                file=str(path),
                line=number,
                column=1,
                hint="it was edited or damaged; sweep by path and tag instead",
            ) from None
    if not lines:
        raise InputError("is not a ledger: it has no first line", file=str(path), line=1, column=1)
    return memory, len(data) - len(torn)


def _check_header(record: Any, path: Path) -> None:
    version = record.get("rolecall_ledger") if isinstance(record, dict) else None
    if version != VERSION:
        said = f"a ledger of version {version}" if version is not None else "not a ledger"
        raise InputError(
            f"is {said}; this rolecall reads version {VERSION}", file=str(path), line=1, column=1
        )


def _thing(record: Mapping[str, Any]) -> Thing:
    fields = {key: record[key] for key in ("kind", "account", "region", "path")}
    if not all(isinstance(value, str) for value in fields.values()):
        raise ValueError("its fields must be text")
    identity, tags = dict(record["identity"]), dict(record["tags"])
    if not identity or not all(isinstance(text, str) for text in (*identity.values(), *tags.values())):
        raise ValueError("its identity and tags must be text")
    return Thing(fields["kind"], fields["account"], fields["region"], identity, fields["path"], tags)


def _unwritable(path: Path, error: OSError) -> TargetError:
    return TargetError(
        f"{path}: the ledger cannot be written: {error.strerror or error}; nothing is created without it"
    )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
