"""Where a declared thing stands in its manifest, so that a later error can point there."""

from __future__ import annotations

from rolecall.iam.strict_json import Place

__all__ = ["Place", "Text", "place_of"]


class Text(str):
    """A string that remembers where it was written. Otherwise a string like any other."""

    __slots__ = ("place",)
    place: Place | None

    def __new__(cls, value: str, place: Place | None = None) -> Text:
        text = super().__new__(cls, value)
        text.place = place
        return text

    def __reduce__(self) -> tuple[type[Text], tuple[str, Place | None]]:
        return Text, (str(self), self.place)


def place_of(*candidates: object) -> Place | None:
    """The first known place among strings, elements of a chain and places themselves."""
    for candidate in candidates:
        place = candidate if isinstance(candidate, Place) else getattr(candidate, "place", None)
        if isinstance(place, Place):
            return place
    return None
