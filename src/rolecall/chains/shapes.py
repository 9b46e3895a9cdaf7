"""The words in which the manifest is defined: from them come both the reader and the JSON Schema."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Either",
    "Field",
    "Flag",
    "Json",
    "Keyed",
    "Many",
    "Number",
    "Record",
    "Shape",
    "String",
    "Variants",
]


@dataclass(frozen=True, slots=True)
class String:
    """Text. ``what`` names it in errors ("an account id"). ``pattern`` must match the whole.

    ``loose``: also written without quotes where YAML would see a number (an account id).
    """

    what: str = "text"
    pattern: str | None = None
    least: int = 1
    most: int | None = None
    choices: tuple[str, ...] = ()
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """``true`` or ``false``."""


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number between two others."""

    least: int = 0
    most: int = 1_000_000
    what: str = "a whole number"


@dataclass(frozen=True, slots=True)
class Json:
    """Any data."""


@dataclass(frozen=True, slots=True)
class Many:
    """A list. ``single``: one item may stand for itself, without the list."""

    item: Shape
    least: int = 0
    most: int | None = None
    single: bool = False


@dataclass(frozen=True, slots=True)
class Keyed:
    """A mapping from names to values of one shape."""

    key: String
    value: Shape
    least: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record, as an editor explains it."""

    name: str
    shape: Shape
    title: str
    description: str = ""
    example: object = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known fields. ``name`` is what errors and the schema call it."""

    name: str
    fields: tuple[Field, ...]
    optional: bool = False
    """Whether an empty value (``key:``) stands for a record without fields."""
    apart: tuple[tuple[str, str], ...] = ()
    """Pairs of fields that exclude each other."""
    some_of: tuple[str, ...] = ()
    """Fields of which at least one must be there."""
    by_name: Mapping[str, Field] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {item.name: item for item in self.fields})


@dataclass(frozen=True, slots=True)
class Either:
    """What is written as one string or, with more to say, as a mapping."""

    scalar: String
    record: Record


@dataclass(frozen=True, slots=True)
class Variants:
    """One of several records, told apart by the first of these fields that is there."""

    name: str
    cases: tuple[tuple[str, Record], ...]


Shape = String | Flag | Number | Json | Many | Keyed | Record | Either | Variants
