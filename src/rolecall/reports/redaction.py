"""Credentials kept out of evidence, whoever put them in."""

from __future__ import annotations

import re
from dataclasses import is_dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_origin

from rolecall.reports.codec import field_types
from rolecall.reports.evidence import Document

if TYPE_CHECKING:
    from collections.abc import Collection

    from rolecall.reports.evidence import Evidence

__all__ = ["HIDDEN", "redacted"]

HIDDEN = "[redacted]"
_ATOMS = frozenset({int, float, bool, type(None)})
_TEXTLESS = frozenset({int, float, bool})
_KEY_ID = re.compile(r"\b(AKIA|ASIA)[A-Z2-7]{12}([A-Z2-7]{4})\b")
_TOKEN = re.compile(r"\b(?:IQoJ|FwoG|FQoG)[A-Za-z0-9+/=%]{60,}")
_NAMED = re.compile(
    r"""((?:secret_?access_?key|session_?token|aws_secret_access_key|aws_session_token)["']?\s*[=:>]\s*["']?)"""
    r"""[^\s"'<>,;&]{8,}""",
    re.IGNORECASE,
)


def redacted(evidence: Evidence, secrets: Collection[str] = ()) -> Evidence:
    """The evidence without credentials.

    ``secrets`` are exact texts to hide everywhere. Beyond them, whatever looks like a session token or is
    named as a secret is hidden, and the middle of access key ids. Documents keep their text, which
    their SHA-256 is about, but for exact secrets; a manifest is no policy, and is cleaned like the rest.
    """
    exact = sorted((item for item in secrets if len(item) >= 8), key=len, reverse=True)
    found: Evidence = _clean(evidence, _Cleaner(exact, patterns=True), _Cleaner(exact, patterns=False))
    return found


class _Cleaner:
    """Cleans texts, each once: most of them come many times."""

    def __init__(self, secrets: list[str], *, patterns: bool) -> None:
        self._secrets = secrets
        self._patterns = patterns
        self.known: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        known = self.known.get(text)
        if known is None:
            known = text
            for secret in self._secrets:
                known = known.replace(secret, HIDDEN)
            if self._patterns and len(known) >= 16:
                known = _by_pattern(known)
            self.known[text] = known
        return known


@cache
def _plan(cls: type[Any]) -> tuple[tuple[str, bool], ...]:
    """The fields of a class that may hold text, each with whether it is nothing but text."""
    record: Any = cls
    types_of = field_types(record)
    return tuple(
        (name, kind is str)
        for name, kind in types_of.items()
        if kind not in _TEXTLESS and get_origin(kind) is not Literal
    )


def _clean(value: Any, text: _Cleaner, document: _Cleaner) -> Any:
    """The value itself where nothing in it had to be hidden."""
    kind = type(value)
    if kind is str:
        return text(value)
    if kind in _ATOMS:
        return value
    if kind is tuple:
        items = [_clean(item, text, document) for item in value]
        return tuple(items) if any(a is not b for a, b in zip(items, value, strict=True)) else value
    if kind is dict:
        return {key: _clean(item, text, document) for key, item in value.items()}
    return _record(value, text, document) if is_dataclass(kind) else value


def _record(value: Any, text: _Cleaner, document: _Cleaner) -> Any:
    kind: Any = type(value)
    own = document if kind is Document and value.kind != "manifest" else text
    changes = {}
    known = own.known
    for name, plain in _plan(kind):
        before = getattr(value, name)
        if not before:
            continue  # most fields of most records
        if plain:
            after = known.get(before)
            if after is None:
                after = own(before)
        else:
            after = _clean(before, own, document)
        if after is not before and after != before:
            changes[name] = after
    return replace(value, **changes) if changes else value


def _by_pattern(text: str) -> str:
    # To look for a fixed word takes a hundredth of what a pattern takes, and hardly any text has one.
    if any(start in text for start in ("AKIA", "ASIA")):
        text = _KEY_ID.sub(r"\1…\2", text)
    if any(start in text for start in ("IQoJ", "FwoG", "FQoG")):
        text = _TOKEN.sub(HIDDEN, text)
    folded = text.casefold()
    if "secret" in folded or "token" in folded:
        text = _NAMED.sub(rf"\1{HIDDEN}", text)
    return text
