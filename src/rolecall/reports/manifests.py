"""The manifests as they were when their chains were loaded: the promises themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rolecall.chains import Chain

__all__ = ["read_manifests"]


def read_manifests(chains: Iterable[Chain]) -> Mapping[str, str]:
    """The text of every chain's manifest by the chain's name; none for a file that is gone already.

    Read beside the loading, not with the report: a run takes its time, and files change meanwhile. Bytes that
    are no UTF-8 are kept (``surrogateescape``), so that a SHA-256 of the text is that of the file.
    """
    found = {}
    for chain in chains:
        try:
            found[chain.name] = Path(chain.file or "").read_bytes().decode("utf-8", "surrogateescape")
        except OSError:
            continue
    return found
