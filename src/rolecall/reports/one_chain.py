"""A part of the evidence: some chains, and the documents and controls that they need."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass, replace

from rolecall.reports.evidence import Evidence, Principal, StatementRef

__all__ = ["only_chains"]


def only_chains(evidence: Evidence, names: Collection[str]) -> Evidence:
    """The evidence without all other chains. Limits and what is left stay word for word."""
    chains = tuple(chain for chain in evidence.chains if chain.name in names)
    used = set(_documents(chains))
    folders = tuple(f"{chain.file.rpartition('/')[0]}/" for chain in chains)
    controls = {control for chain in chains for item in chain.expectations for control in item.controls}
    contested = {
        name
        for chain in chains
        for item in chain.expectations
        if item.predicted is not None
        for name in item.predicted.contested
    }
    return replace(
        evidence,
        run=replace(
            evidence.run,
            unchecked=tuple(key for key in evidence.run.unchecked if key.partition("/")[0] in names),
        ),
        chains=chains,
        documents=tuple(
            document
            for document in evidence.documents
            if document.id in used | {chain.manifest for chain in chains}
            or (document.kind != "manifest" and (document.file or "").startswith(folders))
        ),
        open_questions=tuple(one for one in evidence.open_questions if one.switch in contested),
        controls=tuple(control for control in evidence.controls if control.id in controls),
    )


def _documents(value: object) -> Iterator[str]:
    if isinstance(value, tuple):
        for one in value:
            yield from _documents(one)
    elif isinstance(value, StatementRef):
        yield value.document
    elif is_dataclass(value):
        if isinstance(value, Principal):
            yield from value.documents
        for item in fields(value):
            yield from _documents(getattr(value, item.name))
