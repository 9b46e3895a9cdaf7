"""Putting something else into moto for a while, so that moto is afterwards what it was."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Change", "replaced"]

Change = tuple[Any, str, Any]
"""A module or class, a name in it, and what is to stand there."""
_lock = threading.Lock()
_ABSENT = object()


@dataclass(slots=True)
class _Held:
    originals: list[Change] = field(default_factory=list)
    users: int = 0


@contextmanager
def replaced(holder: Any, mark: str, changes: Callable[[], Iterable[Change]]) -> Iterator[None]:
    """Have the changes in place while the block runs.

    Blocks may nest, run in several threads and end in any order: the first puts the changes in, the last
    takes them out. ``holder`` is a module or class of moto's that keeps count under the name ``mark``.
    """
    with _lock:
        held = holder.__dict__.get(mark)
        if held is None:
            held = _Held()
            setattr(holder, mark, held)
            for owner, name, value in changes():
                held.originals.append((owner, name, owner.__dict__.get(name, _ABSENT)))
                setattr(owner, name, value)
        held.users += 1
    try:
        yield
    finally:
        with _lock:
            held.users -= 1
            if not held.users:
                for owner, name, value in reversed(held.originals):
                    if value is _ABSENT:
                        delattr(owner, name)
                    else:
                        setattr(owner, name, value)
                delattr(holder, mark)
