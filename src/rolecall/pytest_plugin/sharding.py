"""``--shard 2/5``: one part of the items, the same on every machine, a chain's always together."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

__all__ = ["in_shard", "scope_of"]


def scope_of(item: pytest.Item) -> str:
    """What must stay together: the chain of an expectation, else the file."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    promise = parameters.get("expectation")
    if promise is not None:
        return f"chain {promise.chain.name}"
    return item.nodeid.partition("::")[0]


def in_shard(scope: str, shard: tuple[int, int]) -> bool:
    """Whether a scope belongs to a part (counted from 1) of so many. Depends on its name alone."""
    number = int.from_bytes(hashlib.sha256(scope.encode()).digest()[:8], "big")
    return number % shard[1] == shard[0] - 1
