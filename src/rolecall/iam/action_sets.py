"""Sets of actions as bit masks, so that 20,000 actions are split by a statement in one operation."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from rolecall.iam.wildcards import compile_glob, has_wildcard

__all__ = ["ActionUniverse"]


class ActionUniverse:
    """A fixed list of actions. Bit n of a mask stands for action n in sorted order."""

    __slots__ = ("_lowered", "_number", "everything", "names")

    def __init__(self, names: Sequence[str]) -> None:
        self.names = sorted(names, key=str.lower)
        self._lowered = [name.lower() for name in self.names]
        self._number = {name: number for number, name in enumerate(self._lowered)}
        self.everything = (1 << len(self.names)) - 1

    def mask(self, patterns: Sequence[str], *, negated: bool = False) -> int:
        """The actions that an Action (or NotAction) element with these patterns covers."""
        found = 0
        for pattern in patterns:
            found |= self._one(pattern.lower())
        return self.everything & ~found if negated else found

    def members(self, mask: int) -> Iterator[int]:
        """The numbers of the actions in a mask, ascending."""
        while mask:
            lowest = mask & -mask
            yield lowest.bit_length() - 1
            mask ^= lowest

    def _one(self, pattern: str) -> int:
        if pattern == "*":
            return self.everything
        if not has_wildcard(pattern):
            number = self._number.get(pattern)
            return 0 if number is None else 1 << number
        prefix = pattern[: min(at for at in (pattern.find("*"), pattern.find("?")) if at >= 0)]
        first = bisect_left(self._lowered, prefix)
        last = bisect_left(self._lowered, prefix + "\U0010ffff")
        if pattern == prefix + "*":
            return ((1 << (last - first)) - 1) << first
        matches = compile_glob(pattern)
        found = 0
        for number in range(first, last):
            if matches(self._lowered[number]):
                found |= 1 << number
        return found
