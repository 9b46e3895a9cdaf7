"""Paths behind options that pytest itself took for test paths, and what it missed because of that.

pytest looks for its settings before a plugin's options are known, so that the folder in
``--chain /elsewhere`` counts as one to run tests from: pytest leaves the project's settings aside and
collects whatever it finds. See "Finding the rootdir" in
https://docs.pytest.org/en/stable/reference/customize.html.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["refuse_misread_paths"]


def refuse_misread_paths(config: pytest.Config, flags: Iterable[str]) -> None:
    """Raise pytest.UsageError where the value of one of these options led pytest away from its settings.

    In: the options that hold paths. ``--flag=PATH`` is never misread, nor is a path below the folder in
    which pytest was started.
    """
    told = config.known_args_namespace
    if told.rootdir or told.inifilename:
        return
    started = config.invocation_params.dir.resolve()
    settings = config.inipath
    if settings is not None and started.is_relative_to(settings.parent.resolve()):
        return
    arguments = [str(argument) for argument in config.invocation_params.args]
    wanted = frozenset(flags)
    for flag, value in pairwise(arguments):
        path = Path(started, value)
        if flag in wanted and path.exists() and not path.resolve().is_relative_to(started):
            raise pytest.UsageError(
                f"pytest took {value} for tests to run, and did not find the settings of this folder. "
                f"Write it in one word: {flag}={value}"
            )
