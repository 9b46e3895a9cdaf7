"""Hostile text made harmless to the eye: what could hide or reorder text is spelled out.

Escaping for HTML is the template's matter. This is about characters that HTML lets through: controls,
bidirectional overrides (Unicode TR36, "Bidirectional text spoofing"), invisible and unpaired ones.
"""

from __future__ import annotations

import re

__all__ = ["LONGEST", "shortened", "visible", "visible_document"]

LONGEST = 4000
"""The most characters of one text that a view shows; the whole is in evidence.json."""

_KEPT_OUT = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff"
)
_HIDDEN = re.compile(f"[{_KEPT_OUT}\r]")
_HIDDEN_IN_LINE = re.compile(f"[{_KEPT_OUT}\r\n]")


def visible(text: str, longest: int = LONGEST) -> str:
    """The text with every hiding character spelled ``<U+202E>``, at most ``longest`` characters of it."""
    if len(text) <= longest and text.isascii() and text.isprintable():
        return text  # nearly all texts, and it takes no time to see it
    return _HIDDEN.sub(_spell, shortened(text, longest))


def visible_document(text: str) -> list[str]:
    """The lines of a document, whole, each with its hiding characters spelled out."""
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return [_HIDDEN_IN_LINE.sub(_spell, line.removesuffix("\r")) for line in lines]


def shortened(text: str, longest: int) -> str:
    """The text, or its beginning and how much more there is."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]}… ({len(text) - longest} more characters in evidence.json)"


def _spell(found: re.Match[str]) -> str:
    return f"<U+{ord(found.group()):04X}>"
