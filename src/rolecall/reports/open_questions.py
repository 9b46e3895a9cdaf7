"""The points that AWS's pages leave open and that some verdict of a run hangs on."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib.resources import files
from typing import TYPE_CHECKING

from rolecall.iam import Switches
from rolecall.reports.circumstances import OpenQuestion

if TYPE_CHECKING:
    from rolecall.reports.evidence import Chain

__all__ = ["open_questions_of"]


def open_questions_of(chains: Iterable[Chain], switches: Switches | None = None) -> tuple[OpenQuestion, ...]:
    """Every switch that a prediction hangs on, by name, with how it stood in ``switches``."""
    stood = switches or Switches()
    named = sorted(
        {
            name
            for chain in chains
            for item in chain.expectations
            if item.predicted is not None
            for name in item.predicted.contested
        }
    )
    if not named:
        return ()
    known = tomllib.loads(files("rolecall.reports").joinpath("open_questions.toml").read_text("utf-8"))
    return tuple(
        OpenQuestion(name, known[name]["question"], known[name]["on" if getattr(stood, name) else "off"])
        for name in named
    )
