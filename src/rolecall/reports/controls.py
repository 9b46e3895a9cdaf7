"""Controls of compliance frameworks that expectations can support evidence for."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from typing import TYPE_CHECKING

from rolecall.reports.evidence import Control

if TYPE_CHECKING:
    from rolecall.reports.evidence import Chain

__all__ = ["controls_of"]

_UNKNOWN = "This control is not in rolecall's list; what it supports is for its owner to say."
_NEVER = "Compliance with the control: no framework has a control that says this chain is right."


def controls_of(chains: Iterable[Chain]) -> tuple[Control, ...]:
    """Every control that the chains' expectations name, sorted by id."""
    known = tomllib.loads(files("rolecall.reports").joinpath("controls.toml").read_text(encoding="utf-8"))
    named = {control for chain in chains for found in chain.expectations for control in found.controls}
    return tuple(
        Control(
            name,
            known.get(name, {}).get("title", name),
            known.get(name, {}).get("supports", _UNKNOWN),
            known.get(name, {}).get("does_not_prove", _NEVER),
            "" if name in known else _note(name, known),
        )
        for name in sorted(named)
    )


def _note(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    asked = f": is {near[0]} meant?" if near else ""
    return f"rolecall knows no control {name}{asked}"
