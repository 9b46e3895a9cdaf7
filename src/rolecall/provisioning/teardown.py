"""Removing what a ledger names: in the right order, past failures, and nothing that is not ours."""

from __future__ import annotations

from dataclasses import dataclass
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
    in_time: Callable[[], bool] = lambda: True,
) -> TearDownResult:
    """Remove what the ledger names and what is not known to be gone.

    A thing that bears marks is removed only if AWS shows those marks on it; one without marks only if its
    creation was answered. ``within``: a path and tags without which nothing is touched, whatever the
    ledger says. ``pause`` waits between attempts (DeleteConflict may outlive its cause); without it
    nothing is tried twice. Once ``in_time`` answers False the rest is only named. Does not raise for what
    AWS refuses: that is in ``left``.
    """
    removed: list[Entry] = []
    left: list[Left] = []
    foreign: list[Entry] = []
    ledger_error: str | None = None
    for entry in _in_order(ledger.entries()):
        if not in_time():
            left.append(Left(entry, "no time was left to remove it"))
            continue
        try:
            outcome = _remove(entry, connections, within, pause)
        except ClientError as error:
            told = error.response["Error"]
            left.append(Left(entry, f"{told['Code']}: {told.get('Message', '')}"))
            continue
        except TargetError as error:
            stuck = {next(iter(one.entry.thing.identity.values()), "") for one in left}
            why = str(error)
            if any(f" {name}," in why for name in stuck):
                why = "is in use by what could not be removed"
            left.append(Left(entry, why))
            continue
        except Exception as error:
            # Whatever it is, the rest is still to be removed, and this one to be named.
            left.append(Left(entry, f"{type(error).__name__}: {error}"))
            continue
        (removed if outcome else foreign).append(entry)
        try:
            ledger.note(entry.number, State.GONE if outcome else State.REFUSED)
        except TargetError as error:
            ledger_error = str(error)
        if observer is not None:
            observer(entry)
    return TearDownResult(tuple(removed), tuple(left), tuple(foreign), ledger_error)


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    rank = {kind: i for i, kind in enumerate(ORDER)}
    open_entries = [entry for entry in entries if entry.state in (State.INTENDED, State.DONE)]
    return sorted(open_entries, key=lambda entry: (rank.get(entry.thing.kind, len(rank)), -entry.number))


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


def _remove(
    entry: Entry, connections: Connections, within: Marks | None, pause: Callable[[float], None] | None
) -> bool:
    """True when it is gone, False when it is not ours. Raises for what stays."""
    thing, learned = entry.thing, dict(entry.learned)
    if thing.kind not in ORDER:
        raise TargetError(f"this rolecall knows no things of the kind {thing.kind}")
    if within is not None and not _inside(thing, within):
        return _untouched(entry, "is outside of the path and tags that may be touched")
    if thing.marked:
        whose = owned(thing, connections, learned)
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
            if code not in _RETRIED or pause is None or attempt == _ATTEMPTS:
                # What no longer exists has no path either: whoever may work under a path only is refused.
                if thing.marked and owned(thing, connections, learned) is None:
                    return True
                raise
            pause(min(0.5 * 2**attempt, 30.0))
        else:
            return True
