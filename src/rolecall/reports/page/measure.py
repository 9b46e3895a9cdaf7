"""How much room a text takes in a drawing, whichever font the reader has.

SVG neither wraps nor ellipsizes text, and the page may not bring a font along. So every text is measured
as the widest of the common sans-serif and monospaced fonts would set it (DejaVu Sans, Verdana, the 0.6 em of
typewriter faces), and is broken or shortened to the room that there is. Narrower fonts leave some of it free.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Type", "lines", "without_beginning", "without_end", "without_middle"]

_EM = (
    ("fijlrtIJ ,.:;!'|\\()[]-\"`*", 0.615, 0.615),
    ("aceksvxyzFL?/", 0.615, 0.71),
    ("bdghnopqu0123456789_${}", 0.64, 0.72),
    ("ABCDEGHKNOPQRSTUVXYZ&", 0.79, 0.875),
    ("wM#+<=>^~", 0.87, 1.0),
)
"""Characters, and the most that one of them takes, in ems: regular and bold."""
_JOINTS = ":/=,@"
"""After these a long word is best broken."""
_WORTH = 1 / 3
"""So much of a line may stay empty for a better place to break."""
_WIDEST, _ACCENTED, _FOREIGN = 1.13, 0.99, 1.25


@dataclass(frozen=True, slots=True)
class Type:
    """The type of a text: its size in pixels, and whether it is bold."""

    size: float
    bold: bool = False

    def width(self, text: str) -> float:
        """The most pixels that the text takes."""
        return self.size * sum(_em(character, self.bold) for character in text)

    def fits(self, text: str, room: float) -> bool:
        """Whether the text has its place in ``room`` pixels."""
        return self.width(text) <= room


@cache
def _em(character: str, bold: bool) -> float:
    if not character.isascii():
        return _ACCENTED if character < "\u0250" else _FOREIGN
    return next((wide if bold else usual for letters, usual, wide in _EM if character in letters), _WIDEST)


def without_end(text: str, room: float, of: Type) -> str:
    """As much of the beginning as there is room for."""
    return _shortened(text, room, of, lambda kept: f"{text[:kept]}…")


def without_beginning(text: str, room: float, of: Type) -> str:
    """As much of the end as there is room for: of a place, it tells most."""
    return _shortened(text, room, of, lambda kept: f"…{text[len(text) - kept :]}")


def without_middle(text: str, room: float, of: Type) -> str:
    """Both ends: names of one kind mostly begin alike."""
    return _shortened(
        text, room, of, lambda kept: f"{text[: kept // 2]}…{text[len(text) - kept + kept // 2 :]}"
    )


def _shortened(text: str, room: float, of: Type, cut: Callable[[int], str]) -> str:
    if of.fits(text, room):
        return text
    # No more than this many can fit; a text may be of any length.
    kept = min(len(text) - 1, int(room))
    while kept > 0 and not of.fits(cut(kept), room):
        kept -= 1
    return cut(kept)


def lines(text: str, room: float, of: Type, most: int) -> tuple[str, ...]:
    """The text in at most so many lines, broken between words; the last one is shortened where it must be.

    A word that is longer than a line is broken too: of a claim like ``sub=repo:…:ref:refs/heads/main`` both
    ends tell.
    """
    found: list[str] = []
    rest = text
    while len(found) < most - 1 and not of.fits(rest, room):
        line, rest = _broken(rest, room, of)
        found.append(line)
    return (*found, without_middle(rest, room, of))


def _broken(text: str, room: float, of: Type) -> tuple[str, str]:
    """A first line of a text that is longer than that, and the rest."""
    fit = min(len(text) - 1, int(room))
    while fit > 1 and not of.fits(text[:fit], room):
        fit -= 1
    space = text.rfind(" ", 1, fit + 1)
    word = text[space + 1 :].partition(" ")[0]
    if space > 0 and (of.fits(word, room) or fit - space < _WORTH * fit):
        return text[:space], text[space + 1 :]
    joint = 1 + max(text.rfind(mark, space + 1, fit) for mark in _JOINTS)
    cut = joint if fit - joint < _WORTH * fit and joint > space + 1 else fit
    return text[:cut], text[cut:]
