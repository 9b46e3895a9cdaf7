"""What became of everything that was created, as evidence; and as text, on its way from a worker."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rolecall.reports.circumstances import Remnant, Teardown

if TYPE_CHECKING:
    from rolecall.provisioning import TearDownResult, Thing

__all__ = ["add_up", "from_plain", "record_teardown", "to_plain"]

_LATER = {"kms_key": "is deleted after the 7 days that KMS waits"}


def record_teardown(result: TearDownResult, *, vanished: bool) -> Teardown:
    """One teardown of one chain. ``vanished``: the target is gone with the process."""
    return Teardown(
        removed=tuple(sorted({_told(entry.thing) for entry in result.removed})),
        left=tuple(
            Remnant(str(one.entry.thing.label), str(one.entry.thing.account), str(one.reason))
            for one in result.left
        ),
        not_ours=tuple(entry.thing.label for entry in result.foreign),
        vanished=vanished,
    )


def _told(thing: Thing) -> str:
    later = _LATER.get(thing.kind)
    return f"{thing.label} in account {thing.account}{f' ({later})' if later else ''}"


def add_up(found: Iterable[Teardown], swept: Collection[tuple[str, str]] = ()) -> Teardown | None:
    """All teardowns of a chain, in each process that built it, as one; None without any.

    ``swept``: things and their accounts that were removed later on, so that they are not left.
    """
    parts = tuple(found)
    if not parts:
        return None
    left = dict.fromkeys(one for part in parts for one in part.left)
    removed = [name for part in parts for name in part.removed]
    removed += [f"{one.thing} in account {one.account}" for one in left if (one.thing, one.account) in swept]
    return Teardown(
        removed=tuple(sorted(set(removed))),
        left=tuple(one for one in left if (one.thing, one.account) not in swept),
        not_ours=tuple(dict.fromkeys(name for part in parts for name in part.not_ours)),
        vanished=all(part.vanished for part in parts),
    )


def to_plain(found: Mapping[str, Teardown]) -> dict[str, Any]:
    """Teardowns by chain as lists and strings, which a worker may hand over.

    Plain strings alone: those of a manifest carry their places along, which no other process understands.
    """
    return {
        str(name): [
            [str(name) for name in one.removed],
            [[str(left.thing), str(left.account), str(left.reason)] for left in one.left],
            [str(name) for name in one.not_ours],
            one.vanished,
        ]
        for name, one in found.items()
    }


def from_plain(plain: Mapping[str, Any]) -> dict[str, Teardown]:
    """The reverse."""
    return {
        name: Teardown(
            tuple(removed), tuple(Remnant(*left) for left in lefts), tuple(not_ours), bool(vanished)
        )
        for name, (removed, lefts, not_ours, vanished) in plain.items()
    }
