"""A document as numbered lines, its statements as blocks that can be linked to and highlighted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rolecall.reports.redaction import HIDDEN
from rolecall.reports.statement_lines import statement_lines
from rolecall.reports.visible import visible_document
from rolecall.reports.words import NOT_COME_AS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.reports.evidence import Document, Evidence, StatementRef

__all__ = ["Block", "Listing", "listings"]


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring lines: those of the statements in ``indexes`` (empty: between statements).

    ``mark`` is ``decided``, ``gap`` (no expectation exercises it) or empty.
    """

    first: int
    lines: tuple[str, ...]
    indexes: tuple[int, ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A document, its anchor in the page, and its lines in blocks."""

    document: Document
    anchor: str
    blocks: tuple[Block, ...]

    @property
    def altered(self) -> bool:
        """Whether the text is not the one that the SHA-256 is of. A manifest's is that of its file."""
        if self.document.kind == "manifest" or HIDDEN in self.document.text:
            return False
        found = hashlib.sha256(self.document.text.encode("utf-8", "surrogatepass")).hexdigest()
        return found != self.document.sha256

    @property
    def statements(self) -> frozenset[int]:
        """The statements that have an anchor."""
        return frozenset(index for block in self.blocks for index in block.indexes)

    def excerpt(self, index: int) -> Block | None:
        """The lines of one statement."""
        return next((block for block in self.blocks if index in block.indexes), None)


def listings(evidence: Evidence) -> dict[str, Listing]:
    """Every document of the evidence by its id."""
    decided = set(_refs(evidence))
    gaps = {
        (gap.statement.document, gap.statement.index)
        for chain in evidence.chains
        if chain.coverage
        for gap in chain.coverage.gaps
        if gap.note != NOT_COME_AS
    }
    return {
        document.id: Listing(document, f"doc-{number}", tuple(_blocks(document, decided, gaps)))
        for number, document in enumerate(evidence.documents, 1)
    }


def _refs(evidence: Evidence) -> Iterable[tuple[str, int]]:
    for chain in evidence.chains:
        for hop in chain.hops:
            for gate in hop.gates:
                yield from _keys(gate.statements)
        for item in chain.expectations:
            if item.predicted is not None:
                yield from _keys(item.predicted.statements)


def _keys(statements: Iterable[StatementRef]) -> Iterable[tuple[str, int]]:
    return ((item.document, item.index) for item in statements)


def _blocks(document: Document, decided: set[tuple[str, int]], gaps: set[tuple[str, int]]) -> Iterable[Block]:
    lines = visible_document(document.text)
    at = 1
    pending: list[int] = []
    spans = sorted(statement_lines(document).items(), key=lambda item: item[1])
    for position, (index, (_, last)) in enumerate(spans):
        pending.append(index)
        following = spans[position + 1][1][0] if position + 1 < len(spans) else last + 1
        if following <= last:
            continue
        start = min(dict(spans)[item][0] for item in pending)
        if start > at:
            yield Block(at, tuple(lines[at - 1 : start - 1]))
        keys = {(document.id, item) for item in pending}
        mark = "decided" if keys & decided else "gap" if keys <= gaps else ""
        yield Block(start, tuple(lines[start - 1 : last]), tuple(pending), mark)
        at, pending = last + 1, []
    if at <= len(lines):
        yield Block(at, tuple(lines[at - 1 :]))
