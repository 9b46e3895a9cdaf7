"""How items are spread over xdist's workers: a chain stays on one, unless it is large and may be twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

__all__ = ["ChainScheduling"]

_LARGE = 400
"""Items of a chain above which provisioning it once more costs less than waiting for one worker."""


class ChainScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Like loadscope, with the chain as the scope of an expectation and the file as that of other tests.

    ``divides``: every worker has a target of its own, so that a large chain can be split between them.
    """

    def __init__(self, config: pytest.Config, log: Any = None, *, divides: bool = False) -> None:
        super().__init__(config, log)
        self._divides = divides
        self._parts: dict[str, int] | None = None

    def _split_scope(self, nodeid: str) -> str:
        if self._parts is None:
            self._parts = self._divided()
        whole = _scope(nodeid)
        part = self._parts.get(nodeid)
        return whole if part is None else f"{whole}#{part}"

    def _divided(self) -> dict[str, int]:
        """Which part of its chain an item belongs to, for the items of large chains."""
        if not self._divides or self.collection is None:
            return {}
        sizes = Counter(_scope(nodeid) for nodeid in self.collection)
        seen: Counter[str] = Counter()
        parts: dict[str, int] = {}
        for nodeid in self.collection:
            scope = _scope(nodeid)
            if sizes[scope] > _LARGE and "[" in scope:
                parts[nodeid] = seen[scope] * max(len(self.nodes), 1) // sizes[scope]
                seen[scope] += 1
        return parts


def _scope(nodeid: str) -> str:
    file, _, rest = nodeid.partition("::")
    _, bracket, parameter = rest.partition("[")
    chain, slash, _ = parameter.partition("/")
    return f"{file}[{chain}" if bracket and slash else file
