"""SIGTERM and SIGHUP become an orderly end: pytest by itself tears down on neither.

A cancelled GitHub job sends SIGINT, SIGTERM after 7.5 s, then kills: what is removed is removed by then.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Ending"]

_SECONDS = 6.0


class Ending:
    """Signals of this process while a run may leave something behind. For the main thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._deadline: float | None = None
        self._before: dict[int, Any] = {}
        self._workers: list[Any] = []

    def install(self) -> None:
        """Take over SIGTERM, SIGHUP and SIGINT; nothing in a thread that may not."""
        if threading.current_thread() is not threading.main_thread():
            return
        for name in ("SIGTERM", "SIGHUP", "SIGINT"):
            number = getattr(signal, name, None)
            if number is not None:
                self._before[number] = signal.signal(number, self._end)

    def restore(self) -> None:
        """Put the handlers back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def watch(self, worker: Any) -> None:
        """A worker of xdist, which must hear of the end at once too."""
        self._workers.append(worker)

    def in_time(self) -> bool:
        """False once a signal came and its seconds are over."""
        return self._deadline is None or self._clock() < self._deadline

    def left(self) -> float | None:
        """Seconds until removal has to be over; None where no signal came."""
        return None if self._deadline is None else max(0.0, self._deadline - self._clock())

    def again(self) -> None:
        """As much time once more, for what workers that had to be ended have not removed."""
        if self._deadline is not None:
            self._deadline = self._clock() + _SECONDS

    @property
    def hurried(self) -> bool:
        """Whether a signal came."""
        return self._deadline is not None

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Removing goes on whatever signal comes now; the first one starts the clock."""
        held = {number: signal.signal(number, self._note) for number in self._before}
        try:
            yield
        finally:
            for number, handler in held.items():
                signal.signal(number, handler)

    def _note(self, *_: Any) -> None:
        if self._deadline is None:
            self._deadline = self._clock() + _SECONDS

    def _end(self, number: int, _: Any) -> None:
        if self.hurried:
            return  # the end is under way: a second signal must not tear it apart
        self._note()
        for worker in self._workers:
            with contextlib.suppress(Exception):
                os.kill(worker.gateway._io.popen.pid, signal.SIGTERM)
        raise KeyboardInterrupt(f"ended by {signal.Signals(number).name}")
