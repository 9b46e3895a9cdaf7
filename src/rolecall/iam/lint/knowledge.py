"""The catalog with a memory: what the rules ask of it again and again is looked up once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from rolecall.iam.catalog import Catalog, ConditionKey
from rolecall.iam.wildcards import has_wildcard

__all__ = ["ArnParts", "ArnShape", "Knowledge"]

_VARIABLE = re.compile(r"\$\{[^}]*\}")
_MOST_GUESSES = 1000  # a guess takes some milliseconds
_OPEN = re.compile(r"[*?]|\$\{")


@dataclass(frozen=True, slots=True)
class ArnParts:
    """An ARN of a policy, read once. ``literal`` is what stands before the first wildcard or variable."""

    service: str
    rest: str
    literal: str
    exact: bool
    open_account: bool
    any_service: bool

    @classmethod
    def of(cls, arn: str) -> ArnParts | None:
        """None for what is no complete ARN or has variables in its first fields: nothing is known then."""
        parts = arn.split(":", 5)
        if len(parts) < 6 or "${" in ":".join(parts[:5]):
            return None
        literal = _OPEN.split(parts[5], maxsplit=1)[0]
        exact = literal == parts[5]
        return cls(parts[2], parts[5], literal, exact, parts[4].endswith("*"), has_wildcard(parts[2]))


@dataclass(frozen=True, slots=True)
class ArnShape:
    """An ARN format, ready to be held against the ARNs of policies."""

    service: str
    rest: str
    head: str
    whole: re.Pattern[str]

    def may_be(self, arn: ArnParts) -> bool:
        """Whether a resource of this shape can be meant. In doubt yes."""
        if arn.service != self.service and not arn.any_service:
            return False
        if arn.open_account and ":" in self.rest:
            return True  # the star may reach past the colon, into the resource itself
        if arn.exact:
            return self.whole.fullmatch(arn.rest) is not None
        if self.rest == "${BucketName}" and "/" in arn.literal:
            return False
        return arn.literal.startswith(self.head) or self.head.startswith(arn.literal)


class Knowledge:
    """Answers from a catalog, remembered. One object serves any number of documents."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.date = catalog.provenance.date
        self.services = frozenset(catalog.services)
        self.expand = lru_cache(maxsize=65536)(catalog.expand)
        self.arn = lru_cache(maxsize=65536)(ArnParts.of)
        self.key = lru_cache(maxsize=65536)(self._key)
        self.shapes = lru_cache(maxsize=65536)(self._shapes)
        self.nearest_action = _limited(catalog.nearest_action)
        self.nearest_service = _limited(catalog.nearest_service)
        self.nearest_key = _limited(catalog.nearest_key)
        self.keys_of = lru_cache(maxsize=65536)(self._keys_of)
        self.service_shapes = lru_cache(maxsize=1024)(self._service_shapes)

    def takes(self, action: str, resources: Iterable[str]) -> bool:
        """Whether a known action can be about one of the resources (ARNs or patterns). In doubt yes."""
        shapes = self.shapes(action)
        return any(
            parts is None or any(shape.may_be(parts) for shape in shapes)
            for parts in map(self.arn, resources)
        )

    def is_known_type(self, service: str, arn: str) -> bool:
        """Whether an ARN may be a resource of the service. In doubt yes."""
        shapes, parts = self.service_shapes(service), self.arn(arn)
        return not shapes or parts is None or any(shape.may_be(parts) for _, shape in shapes)

    def _key(self, name: str) -> ConditionKey | None:
        return self.catalog.condition_key(name)

    def _shapes(self, action: str) -> tuple[ArnShape, ...]:
        found = self.catalog.action(action)
        if found is None:
            return ()
        wanted = {use.type.lower() for use in found.resources}
        return tuple(shape for name, shape in self.service_shapes(found.service) if name in wanted)

    def _service_shapes(self, service: str) -> tuple[tuple[str, ArnShape], ...]:
        return tuple(
            (kind.name.lower(), _shape(text))
            for kind in self.catalog.resource_types(service)
            for text in kind.arn_formats
        )

    def _keys_of(self, pattern: str) -> frozenset[str]:
        """The condition keys, in lower case up to their first placeholder, of all actions of a pattern."""
        return frozenset(
            re.split(r"\$\{|<", key.lower())[0]
            for name in self.expand(pattern)
            if (action := self.catalog.action(name)) is not None
            for key in action.all_condition_keys
        )


def _limited(find: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """Remembers answers, and gives up on guessing where no end of unknown names is in sight."""
    known: dict[str, str | None] = {}

    def nearest(name: str) -> str | None:
        if name not in known:
            if len(known) >= _MOST_GUESSES:
                return None
            known[name] = find(name)
        return known[name]

    return nearest


def _shape(text: str) -> ArnShape:
    parts = text.split(":", 5)
    rest = parts[5] if len(parts) == 6 else "*"
    pieces = [re.escape(piece).replace(r"\*", ".*") for piece in _VARIABLE.split(rest)]
    whole = re.compile(("[^/]+" if rest == "${BucketName}" else ".+").join(pieces), re.DOTALL)
    head = re.split(r"\$\{|\*", rest, maxsplit=1)[0]
    return ArnShape(parts[2] if len(parts) > 2 else "*", rest, head, whole)
