"""The failure of an item whose promise is not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rolecall.pytest_plugin.state import Promise

__all__ = ["BrokenPromise"]


class BrokenPromise(pytest.fail.Exception):  # type: ignore[name-defined, misc]
    """Fails an item without a traceback: what went wrong is the chain's, not the test's.

    ``text`` is what stands under FAILURES, ``headline`` the one line that lists of failures show.
    """

    def __init__(self, text: str, headline: str, promise: Promise) -> None:
        super().__init__(text, pytrace=False)
        self.headline = headline
        self.promise = promise

    def place(self, report: pytest.TestReport) -> None:
        """Let a report point at the promise and name it in one line.

        In CI, pytest's summary prints the whole of a crash message, which would tell every failure twice;
        ``--tb=line`` and tools that annotate sources go by its path and line.
        """
        crash = getattr(report.longrepr, "reprcrash", None)
        if crash is None:
            return
        crash.message = self.headline
        declared = self.promise.expectation.place
        if self.promise.chain.file and declared is not None:
            crash.path, crash.lineno = self.promise.chain.file, declared.line
