"""Removing what a ledger names: in the right order, past failures, and nothing that is not ours."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from rolecall.errors import TargetError
from rolecall.provisioning.ledger import Entry, Ledger, State
from rolecall.provisioning.ownership import owned
from rolecall.provisioning.removal import ORDER, remove

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rolecall.provisioning.connections import Connections
    from rolecall.provisioning.planning import Marks
    from rolecall.provisioning.steps import Thing

__all__ = ["Left", "TearDownResult", "tear_down"]

_ATTEMPTS = 7
_PIECE = 0.25
_NOT_SEEN_YET = (0.5, 1.0)
_ON_ITS_WAY = (0.5, 1.0, 2.0)
_UNDER_A_PATH = frozenset({"user", "role", "group", "policy", "mfa_device"})
_UNTAGGED = frozenset({"group"})
_RETRIED = frozenset({"DeleteConflict", "ConcurrentModification", "EntityTemporarilyUnmodifiable"})


@dataclass(frozen=True, slots=True)
class Left:
    """What still exists, and why."""

    entry: Entry
    reason: str

    def __str__(self) -> str:
        return f"{self.entry.thing.label} in account {self.entry.thing.account}: {self.reason}"


@dataclass(frozen=True, slots=True)
class TearDownResult:
    """``removed``: gone now (or already). ``left``: ours, and still there. ``foreign``: not ours, untouched.

    ``ledger_error``: what could not be written down; a later teardown will find those things gone.
    """

    removed: tuple[Entry, ...] = ()
    left: tuple[Left, ...] = ()
    foreign: tuple[Entry, ...] = ()
    ledger_error: str | None = None

    @property
    def clean(self) -> bool:
        """Whether nothing of ours is left."""
        return not self.left


def tear_down(
    ledger: Ledger,
    connections: Connections,
    *,
    within: Marks | None = None,
    pause: Callable[[float], None] | None = None,
    observer: Callable[[Entry], None] | None = None,
    in_time: Callable[[], bool] | None = None,
    at_once: int = 1,
) -> TearDownResult:
    """Remove what the ledger names and what is not known to be gone.

    A thing that bears marks is removed only if AWS shows those marks on it; one without marks only if its
    creation was answered. ``within``: a path and tags without which nothing is touched, whatever the
    ledger says. ``pause`` waits between attempts (DeleteConflict may outlive its cause); without it
    nothing is tried twice. Once ``in_time`` answers False the rest is only named, and no pause goes on.
    ``at_once``: how many things that do not depend on each other are removed side by side; ``pause`` and
    ``in_time`` are then called in threads. Does not raise for what AWS refuses: that is in ``left``.
    """
    result = _Result(ledger, observer)
    going_on = in_time or _always
    if pause is not None and in_time is not None:
        pause = _in_pieces(pause, in_time)

    def one(entry: Entry) -> bool | Exception | None:
        if not going_on():
            return None
        try:
            return _remove(entry, connections, within, pause, going_on)
        except Exception as error:
            # Whatever it is, the rest is still to be removed, and this one to be named.
            return error

    entries = _in_order(ledger.entries())
    if at_once == 1:
        for entry in entries:
            result.take(entry, one(entry))
        return result.whole()
    pool = ThreadPoolExecutor(at_once)
    try:
        for _, phase in groupby(entries, lambda entry: _phase(entry, entries)):
            begun = {pool.submit(one, entry): entry for entry in phase}
            for done in as_completed(begun):
                result.take(begun[done], done.result())
    finally:
        pool.shutdown(cancel_futures=True)
    return result.whole()


def _always() -> bool:
    return True


def _in_pieces(pause: Callable[[float], None], in_time: Callable[[], bool]) -> Callable[[float], None]:
    """A pause that is over when the time is."""

    def pausing(seconds: float) -> None:
        while seconds > 0 and in_time():
            pause(min(seconds, _PIECE))
            seconds -= _PIECE

    return pausing


class _Result:
    """What became of each entry; for one thread."""

    def __init__(self, ledger: Ledger, observer: Callable[[Entry], None] | None) -> None:
        self.ledger = ledger
        self.observer = observer
        self.removed: list[Entry] = []
        self.left: list[Left] = []
        self.foreign: list[Entry] = []
        self.ledger_error: str | None = None

    def take(self, entry: Entry, outcome: bool | Exception | None) -> None:
        """``outcome``: whether it is gone, else not ours; why it stays; None where no time was left."""
        if outcome is None:
            self.left.append(Left(entry, "no time was left to remove it"))
        elif isinstance(outcome, Exception):
            self.left.append(Left(entry, self.why(outcome)))
        else:
            (self.removed if outcome else self.foreign).append(entry)
            try:
                self.ledger.note(entry.number, State.GONE if outcome else State.REFUSED)
            except TargetError as error:
                self.ledger_error = str(error)
            if self.observer is not None:
                self.observer(entry)

    def why(self, error: Exception) -> str:
        if isinstance(error, ClientError):
            told = error.response["Error"]
            return f"{told['Code']}: {told.get('Message', '')}"
        if not isinstance(error, TargetError):
            return f"{type(error).__name__}: {error}"
        stuck = {next(iter(one.entry.thing.identity.values()), "") for one in self.left}
        in_use = any(f" {name}," in str(error) for name in stuck)
        return "is in use by what could not be removed" if in_use else str(error)

    def whole(self) -> TearDownResult:
        return TearDownResult(tuple(self.removed), tuple(self.left), tuple(self.foreign), self.ledger_error)


def _phase(entry: Entry, entries: Iterable[Entry]) -> int:
    """What may be removed side by side: policies and groups come after their holders, users after devices."""
    kind = entry.thing.kind
    devices = any(other.thing.kind == "mfa_device" for other in entries)
    return {"user": int(devices), "group": 2, "policy": 3}.get(kind, 0)


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    rank = {kind: i for i, kind in enumerate(ORDER)}
    open_entries = [entry for entry in entries if entry.state in (State.INTENDED, State.DONE)]
    return sorted(
        open_entries,
        key=lambda entry: (
            _phase(entry, open_entries),
            rank.get(entry.thing.kind, len(rank)),
            -entry.number,
        ),
    )


def _untouched(entry: Entry, reason: str) -> bool:
    """An intent may be about another's thing; what was created and cannot be claimed is left and named."""
    if entry.state is State.DONE:
        raise TargetError(reason)
    return False


def _inside(thing: Thing, within: Marks) -> bool:
    if thing.kind in _UNDER_A_PATH:
        tagged = thing.kind in _UNTAGGED or within.tags.items() <= thing.tags.items()
        return tagged and bool(within.path) and thing.path.startswith(within.path)
    return bool(within.tags) and within.tags.items() <= thing.tags.items()


def _whose(
    entry: Entry, connections: Connections, learned: dict[str, str], pause: Callable[[float], None] | None
) -> bool | None:
    """Ours, another's, or gone: what was made a moment ago may not be seen yet, so once is not enough.

    The call of an open intent may even be on its way: whoever made it was interrupted before the answer.
    """
    whose = owned(entry.thing, connections, learned)
    waits = list(_ON_ITS_WAY if entry.state is State.INTENDED else _NOT_SEEN_YET)
    while whose is None and pause is not None and waits:
        pause(waits.pop(0))
        whose = owned(entry.thing, connections, learned)
    return whose


def _remove(
    entry: Entry,
    connections: Connections,
    within: Marks | None,
    pause: Callable[[float], None] | None,
    in_time: Callable[[], bool],
) -> bool:
    """True when it is gone, False when it is not ours. Raises for what stays."""
    thing, learned = entry.thing, dict(entry.learned)
    if thing.kind not in ORDER:
        raise TargetError(f"this rolecall knows no things of the kind {thing.kind}")
    if within is not None and not _inside(thing, within):
        return _untouched(entry, "is outside of the path and tags that may be touched")
    if thing.marked:
        whose = _whose(entry, connections, learned, pause)
        if whose is None:
            return True
        if not whose:
            return _untouched(entry, "exists, but does not bear the path and tags of the run: not touched")
    elif entry.state is State.INTENDED:
        return False
    attempt = 0
    while True:
        attempt += 1
        try:
            remove(thing, connections, learned)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code not in _RETRIED or pause is None or attempt == _ATTEMPTS or not in_time():
                # What no longer exists has no path either: whoever may work under a path only is refused.
                if thing.marked and owned(thing, connections, learned) is None:
                    return True
                raise
            pause(min(0.5 * 2**attempt, 30.0))
        else:
            return True
