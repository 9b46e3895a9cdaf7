"""All action names, and the names that a pattern covers.

Matching: IAM User Guide, "IAM JSON policy elements: Action" (case-insensitive, ``*`` any run, ``?`` one
character). A wildcard in the service part matches too, as "Troubleshoot IAM policies" describes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property

__all__ = ["ActionNames", "glob_regex"]

_WILDCARD = re.compile(r"[*?]")


class ActionNames:
    """In: lines of ``service Name Name …``, services and names sorted without regard to case."""

    def __init__(self, text: str) -> None:
        self._by_service: dict[str, tuple[str, ...]] = {}
        self._lowered: dict[str, list[str]] = {}
        for line in text.splitlines():
            service, *names = line.split(" ")
            # One join and one split are several times faster than a string built for every name.
            whole = f"{service}:" + f" {service}:".join(names) if names else ""
            self._by_service[service] = tuple(whole.split(" ")) if whole else ()

    @cached_property
    def services(self) -> tuple[str, ...]:
        """The service prefixes."""
        return tuple(self._by_service)

    @cached_property
    def all(self) -> tuple[str, ...]:
        """Every action, sorted without regard to case."""
        return tuple(name for names in self._by_service.values() for name in names)

    def of_service(self, service: str) -> tuple[str, ...]:
        """The actions of one service (exact prefix in lower case); empty when it is unknown."""
        return self._by_service.get(service, ())

    def spelling(self, action: str) -> str | None:
        """AWS's spelling of an action in any case, or None when it is unknown."""
        lowered = action.lower()
        service = lowered.partition(":")[0]
        names = self._lowered_names(service)
        index = bisect_left(names, lowered)
        if index < len(names) and names[index] == lowered:
            return self._by_service[service][index]
        return None

    def expand(self, pattern: str) -> tuple[str, ...]:
        """The known actions that a pattern covers, sorted; empty for what is no ``service:Name``."""
        if pattern == "*":
            return self.all
        service, colon, name = pattern.lower().partition(":")
        if not colon:
            return ()
        if _WILDCARD.search(service):
            prefix = re.compile(glob_regex(service))
            return tuple(
                found
                for candidate in self._by_service
                if prefix.fullmatch(candidate)
                for found in self._expand_within(candidate, name)
            )
        return self._expand_within(service, name)

    def _expand_within(self, service: str, name: str) -> tuple[str, ...]:
        names = self._by_service.get(service, ())
        if not names or name == "*":
            return names
        wildcard = _WILDCARD.search(name)
        if wildcard is None:
            found = self.spelling(f"{service}:{name}")
            return (found,) if found else ()
        lowered = self._lowered_names(service)
        start = f"{service}:{name[: wildcard.start()]}"
        low = bisect_left(lowered, start)
        high = bisect_left(lowered, start + "\U0010ffff", low)
        if wildcard.start() == len(name) - 1 and name.endswith("*"):
            return names[low:high]
        match = re.compile(glob_regex(f"{service}:{name}")).fullmatch
        return tuple(names[index] for index in range(low, high) if match(lowered[index]))

    def _lowered_names(self, service: str) -> list[str]:
        lowered = self._lowered.get(service)
        if lowered is None:
            lowered = [name.lower() for name in self._by_service.get(service, ())]
            if lowered:
                self._lowered[service] = lowered
        return lowered


def glob_regex(pattern: str) -> str:
    """A regular expression for ``fullmatch`` that never backtracks over more than one ``*``.

    What stands between two stars is best matched at its first place, so all but the last run are atomic.
    """
    parts = [re.escape(part).replace(r"\?", ".") for part in re.sub(r"\*+", "*", pattern).split("*")]
    if len(parts) == 1:
        return f"(?s:{parts[0]})"
    first, *middle, last = parts
    return f"(?s:{first}{''.join(f'(?>.*?{part})' for part in middle)}.*{last})"
