"""Where ledgers lie: one file for each chain of each worker of a run, gone when nothing is left."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from rolecall.provisioning import FileLedger, is_in_use
from rolecall.targets.namespace import Namespace

__all__ = ["find_ledgers", "find_orphans", "open_ledger", "remove_ledger"]

_SUFFIX = ".ledger.jsonl"


def open_ledger(folder: Path, namespace: Namespace, chain: str) -> FileLedger:
    """A ledger for a chain. Raises TargetError where it cannot be written: nothing may be created then."""
    name = re.sub(r"[^A-Za-z0-9._-]", "-", chain)
    worker = f".{namespace.worker}" if namespace.worker else ""
    return FileLedger(folder / f"{namespace.run}{worker}.{name}{_SUFFIX}", run=namespace.run)


def remove_ledger(ledger: FileLedger) -> None:
    """Close a ledger that names nothing any more, and remove its file."""
    with contextlib.suppress(OSError):
        ledger.close()
    with contextlib.suppress(OSError):
        ledger.path.unlink()


def find_ledgers(folder: Path, run: str | None = None, worker: str | None = None) -> tuple[Path, ...]:
    """The ledgers of a folder, by name; those of one run, or of one worker of it."""
    start = "" if run is None else f"{run}." if worker is None else f"{run}.{worker}."
    if not folder.is_dir():
        return ()
    return tuple(sorted(p for p in folder.iterdir() if p.name.endswith(_SUFFIX) and p.name.startswith(start)))


def find_orphans(folder: Path, run: str) -> tuple[Path, ...]:
    """The ledgers of a folder that other runs left and that no process of this machine writes any more."""
    others = [path for path in find_ledgers(folder) if not path.name.startswith(f"{run}.")]
    return tuple(path for path in others if not is_in_use(path))
