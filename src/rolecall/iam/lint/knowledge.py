"""The catalog with a memory: what the rules ask of it again and again is looked up once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rolecall.iam.catalog import Catalog, ConditionKey
from rolecall.iam.wildcards import has_wildcard

__all__ = ["ArnShape", "Knowledge"]

_VARIABLE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class ArnShape:
    """An ARN format, ready to be held against the ARNs of policies."""

    service: str
    rest: str
    head: str
    whole: re.Pattern[str]

    def may_be(self, arn: str) -> bool:
        """Whether a resource of this shape can be meant. In doubt yes."""
        parts = arn.split(":", 5)
        if len(parts) < 6 or "${" in ":".join(parts[:5]):
            return True
        if parts[2] != self.service and not has_wildcard(parts[2]):
            return False
        rest = parts[5]
        if parts[4].endswith("*") and ":" in self.rest:
            return True  # the star may reach past the colon, into the resource itself
        if not has_wildcard(rest) and "${" not in rest:
            return self.whole.fullmatch(rest) is not None
        literal = re.split(r"[*?]|\$\{", rest, maxsplit=1)[0]
        if self.rest == "${BucketName}" and "/" in literal:
            return False
        return literal.startswith(self.head) or self.head.startswith(literal)


class Knowledge:
    """Answers from a catalog, remembered. One object serves any number of documents."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.date = catalog.provenance.date
        self.expand = lru_cache(maxsize=65536)(catalog.expand)
        self.key = lru_cache(maxsize=65536)(self._key)
        self.shapes = lru_cache(maxsize=65536)(self._shapes)
        self.keys_of = lru_cache(maxsize=65536)(self._keys_of)
        self.service_shapes = lru_cache(maxsize=1024)(self._service_shapes)

    @property
    def services(self) -> tuple[str, ...]:
        """The known service prefixes."""
        return self.catalog.services

    def takes(self, action: str, resources: Iterable[str]) -> bool:
        """Whether a known action can be about one of the resources (ARNs or patterns)."""
        shapes = self.shapes(action)
        return any(shape.may_be(arn) for arn in resources for shape in shapes)

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


def _shape(text: str) -> ArnShape:
    parts = text.split(":", 5)
    rest = parts[5] if len(parts) == 6 else "*"
    pieces = [re.escape(piece).replace(r"\*", ".*") for piece in _VARIABLE.split(rest)]
    whole = re.compile(("[^/]+" if rest == "${BucketName}" else ".+").join(pieces), re.DOTALL)
    head = re.split(r"\$\{|\*", rest, maxsplit=1)[0]
    return ArnShape(parts[2] if len(parts) > 2 else "*", rest, head, whole)
