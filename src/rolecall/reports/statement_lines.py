"""Where the statements of a document stand, so that a page can highlight them."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from rolecall.errors import RolecallError
from rolecall.iam.strict_json import read_json

if TYPE_CHECKING:
    from rolecall.reports.evidence import Document

__all__ = ["statement_lines"]


def statement_lines(document: Document) -> dict[int, tuple[int, int]]:
    """The first and last line (from 1) of every statement, by index; empty where the text is no policy."""
    return dict(_lines_in(document.text))


@lru_cache(256)
def _lines_in(text: str) -> dict[int, tuple[int, int]]:
    """Asked for again with every expectation that hangs on the document."""
    try:
        read = read_json(text)
        places = read.places()
        statements = read.value["Statement"]
    except (RolecallError, KeyError, TypeError, IndexError, RecursionError):
        return {}
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    found: dict[int, tuple[int, int]] = {}
    for index in range(len(statements) if isinstance(statements, list) else 1):
        start = places.get(("Statement", index), places.get(("Statement",)))
        if start is None:
            continue
        offset = starts[start.line - 1] + start.column - 1
        try:
            _, end = json.JSONDecoder().raw_decode(text, offset)
        except ValueError:
            continue
        found[index] = (start.line, start.line + text.count("\n", offset, end))
    return found
