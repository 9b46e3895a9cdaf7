"""The documents of a run, each once, and references into them by line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from rolecall.reports import evidence as ev
from rolecall.reports.statement_lines import statement_lines

if TYPE_CHECKING:
    from rolecall.iam import Policy, Statement

__all__ = ["DocumentIndex"]


class DocumentIndex:
    """Gathers documents as they are referred to. ``root`` is what files are shown relative to."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._by_id: dict[str, ev.Document] = {}
        self._lines: dict[str, dict[int, tuple[int, int]]] = {}

    @property
    def documents(self) -> tuple[ev.Document, ...]:
        """Every document that was referred to, by id."""
        return tuple(self._by_id[key] for key in sorted(self._by_id))

    def add(self, policy: Policy, kind: ev.DocumentKind, findings: Iterable[ev.Finding] = ()) -> str:
        """Take in a document with its kind and findings, and give its id."""
        key = self.id_of(policy)
        known = self._by_id[key].findings
        found = tuple(dict.fromkeys((*known, *findings)))
        self._by_id[key] = replace(self._by_id[key], kind=kind, findings=found)
        return key

    def id_of(self, policy: Policy) -> str:
        """The id of a document; it is taken in when it is new."""
        file = self.relative(policy.file)
        text = policy.text or json.dumps(policy.to_json(), indent=2) + "\n"
        digest = _digest(text)
        key = file or f"{policy.name}@{digest[:12]}"
        if key not in self._by_id:
            arn = policy.name if policy.name.startswith("arn:") else None
            self._by_id[key] = ev.Document(key, policy.name, "identity", digest, text, file, arn)
        return key

    def add_manifest(self, chain: str, file: str | None, text: str) -> str:
        """Take in the manifest of a chain, and give its id: one a chain, wherever the file is."""
        digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
        key = f"manifest:{chain}"
        shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        self._by_id[key] = ev.Document(key, chain, "manifest", digest, shown, self.relative(file))
        return key

    def ids(self, policies: Iterable[Policy]) -> tuple[str, ...]:
        """The ids of several documents."""
        return tuple(self.id_of(policy) for policy in policies)

    def reference(self, policy: Policy, statement: Statement) -> ev.StatementRef:
        """A reference to a statement, with its first and last line."""
        key = self.id_of(policy)
        lines = self._lines_of(key, statement.index)
        return ev.StatementRef(
            document=key,
            policy=policy.name,
            index=statement.index,
            effect=statement.effect.value,
            sid=statement.sid,
            file=self._by_id[key].file,
            line=lines[0] if lines else None,
            end_line=lines[1] if lines else None,
        )

    def relative(self, file: str | None) -> str | None:
        """A path as the report shows it: below the root where it is, with forward slashes."""
        return None if file is None else _relative(file, self._root)

    def relative_text(self, text: str) -> str:
        """A sentence with the files below the root as the report shows them."""
        return text.replace(f"{self._root.as_posix().rstrip('/')}/", "")

    def _lines_of(self, key: str, index: int) -> tuple[int, int] | None:
        if key not in self._lines:
            self._lines[key] = statement_lines(self._by_id[key])
        return self._lines[key].get(index)


@lru_cache(256)
def _digest(text: str) -> str:
    """Asked for again with every statement that is referred to."""
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(1024)
def _relative(file: str, root: Path) -> str:
    path = Path(file)
    if path.is_absolute() and path.is_relative_to(root):
        path = path.relative_to(root)
    return path.as_posix() if not path.is_absolute() else path.name
