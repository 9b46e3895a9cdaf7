"""The characters that IAM takes in a policy document.

Source: IAM User Guide, "IAM and AWS STS quotas" (reference_iam-quotas): tab, line feed, carriage return
and U+0020 to U+00FF, in everything that is stored in IAM or passed to STS.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rolecall.iam.findings import Remark, path_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.iam.schemas.kinds import PolicyKind
    from rolecall.iam.strict_json import JsonPath

__all__ = ["character_remarks"]

_REFUSED = re.compile("[^\t\n\r\u0020-\u00ff]")
_CONTROL = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f]")
_STORED_IN_IAM: frozenset[PolicyKind] = frozenset({"identity", "trust", "session", "boundary"})


def character_remarks(value: Any, kind: PolicyKind, text: str | None = None) -> Iterator[Remark]:
    """Remarks about strings with characters that AWS refuses, by the path of the string."""
    refused = _REFUSED if kind in _STORED_IN_IAM else _CONTROL
    if text is not None and text.isascii() and "\\u" not in text:
        return
    for path, string, of_key in _strings(value):
        match = refused.search(string)
        if match is not None:
            where = f"a key of {path_text(path[:-1])}" if of_key else path_text(path)
            message = f"{where} holds the character U+{ord(match.group()):04X}, which AWS refuses"
            yield Remark("json", path, message, of_key=of_key)


def _strings(value: Any) -> Iterator[tuple[JsonPath, str, bool]]:
    pending: list[tuple[JsonPath, Any]] = [((), value)]
    while pending:
        path, one = pending.pop()
        if isinstance(one, str):
            yield path, one, False
        elif isinstance(one, dict):
            for key, child in one.items():
                yield (*path, key), key, True
                pending.append(((*path, key), child))
        elif isinstance(one, list):
            pending.extend(((*path, index), child) for index, child in enumerate(one))
