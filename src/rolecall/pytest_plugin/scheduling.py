"""How items are spread over xdist's workers: a chain stays on one."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

__all__ = ["ChainScheduling"]


class ChainScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Like loadscope, with the chain as the scope of an expectation and the file as that of other tests."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, rest = nodeid.partition("::")
        _, bracket, parameter = rest.partition("[")
        chain, slash, _ = parameter.partition("/")
        return f"{file}[{chain}" if bracket and slash else file
