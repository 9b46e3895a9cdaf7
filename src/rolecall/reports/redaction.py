"""Credentials kept out of evidence, whoever put them in."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from rolecall.reports.evidence import Document

if TYPE_CHECKING:
    from collections.abc import Collection

    from rolecall.reports.evidence import Evidence

__all__ = ["redacted"]

_HIDDEN = "[redacted]"
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
    their SHA-256 is about, but for exact secrets.
    """
    exact = sorted((item for item in secrets if len(item) >= 8), key=len, reverse=True)
    found: Evidence = _clean(evidence, exact, patterns=True)
    return found


def _clean(value: Any, secrets: list[str], *, patterns: bool) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, _HIDDEN)
        return _by_pattern(value) if patterns and len(value) >= 16 else value
    if isinstance(value, tuple):
        return tuple(_clean(item, secrets, patterns=patterns) for item in value)
    if isinstance(value, dict):
        return {key: _clean(item, secrets, patterns=patterns) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        inner = patterns and not isinstance(value, Document)
        changes = {}
        for item in fields(value):
            before = getattr(value, item.name)
            after = _clean(before, secrets, patterns=inner)
            if after != before:
                changes[item.name] = after
        return replace(value, **changes) if changes else value
    return value


def _by_pattern(text: str) -> str:
    text = _KEY_ID.sub(r"\1…\2", text)
    text = _TOKEN.sub(_HIDDEN, text)
    return _NAMED.sub(rf"\1{_HIDDEN}", text)
