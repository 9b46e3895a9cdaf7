"""Which tests ask for promises and documents of the chains, and what they are told where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall.pytest_plugin.home import CHAINS

if TYPE_CHECKING:
    from rolecall.pytest_plugin.state import State

__all__ = ["asks_for", "refuse_without_chains"]


def asks_for(metafunc: pytest.Metafunc, name: str) -> bool:
    """Whether a test takes that argument and leaves it to this plugin.

    A project's own fixture or parameter of the same name is the project's: pytest's own documentation
    calls a parameter ``expectation``.
    """
    if name not in metafunc.fixturenames or metafunc.definition._fixtureinfo.name2fixturedefs.get(name):
        return False
    for mark in metafunc.definition.iter_markers("parametrize"):
        told = mark.args[0] if mark.args else mark.kwargs.get("argnames", ())
        names = told.split(",") if isinstance(told, str) else told
        if name in (one.strip() for one in names):
            return False
    return True


def refuse_without_chains(state: State) -> None:
    """Fail the collection of a module that is there to prove chains where none is found: green would lie."""
    if state.chains:
        return
    folder = state.options.home / CHAINS
    pytest.fail(
        f"no chain is found: there is no chain.yaml below {folder}. Name the folder with --chain=FOLDER, "
        "with the setting chain, or start pytest in the folder that holds it",
        pytrace=False,
    )
