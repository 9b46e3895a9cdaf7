"""One call at a time: moto keeps its state in plain dictionaries, which must not change while they are read.

A detach that comes between the question whether a call is allowed and the call itself would be a race as
well; so both are one turn.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.enforcement.calls import ApiCall

__all__ = ["Turn", "turn"]

# moto's state is one for the process, and so is this.
_lock = threading.RLock()
_PATIENCE = 5.0
"""Seconds. Whoever has the turn may be waiting for an answer that needs one: SNS delivering to a server of
the user's, which calls AWS. Then calls overlap, as they do in moto without this."""

_WAITING = {
    "lambda": ("Invoke", "InvokeAsync", "InvokeWithResponseStream"),
    "sqs": ("ReceiveMessage",),
    "stepfunctions": ("GetActivityTask", "StartSyncExecution", "TestState"),
    "swf": ("PollForActivityTask", "PollForDecisionTask"),
}
"""Operations that moto lets wait for others."""


class Turn:
    """A turn that was taken, and can be given up before its end."""

    def __init__(self, *, taken: bool) -> None:
        self._taken = taken

    def wait_for(self, call: ApiCall) -> None:
        """Give the turn up if a call may wait for what other calls do."""
        if call.operation in _WAITING.get(call.service, ()):
            self.end()

    def end(self) -> None:
        """Let others go on; to be called any number of times, by the thread that has the turn."""
        if self._taken:
            self._taken = False
            _lock.release()


@contextmanager
def turn() -> Iterator[Turn]:
    """Have moto alone while the block runs, or until the turn is given up."""
    taken = Turn(taken=_lock.acquire(timeout=_PATIENCE))
    try:
        yield taken
    finally:
        taken.end()
