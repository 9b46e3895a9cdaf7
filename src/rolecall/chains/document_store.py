"""The files that a manifest refers to: each read and parsed once, each mistake told once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from rolecall.chains.documents import FULL_AWS_ACCESS, Document
from rolecall.chains.files import decode, read_bytes
from rolecall.chains.problems import Problems, nearest
from rolecall.errors import InputError
from rolecall.iam.documents import Policy, parse_policy

if TYPE_CHECKING:
    from rolecall.chains.places import Text

__all__ = ["DocumentStore"]

MOST_BYTES = 1_000_000


class DocumentStore:
    """Documents below one folder.

    A path is relative to the manifest. It may leave the manifest's folder for a neighbour
    (``../common/base.json``) but not the folder above it; links are followed before this is judged.
    """

    def __init__(self, folder: Path, problems: Problems) -> None:
        self.folder = folder
        self.problems = problems
        self._limit = folder.resolve().parent
        self._policies: dict[str, Policy | None] = {}

    def document(self, path: Text, where: str) -> Document | None:
        """The document of that path; None where it cannot be used, which is then noted."""
        if path not in self._policies:
            self._policies[str(path)] = self._parse(path, where)
        policy = self._policies[path]
        return Document(str(path), policy, path.place) if policy is not None else None

    def organization_document(self, path: Text, where: str) -> Document | None:
        """As ``document``; FullAWSAccess is known without a file."""
        if path == FULL_AWS_ACCESS.path and not (self.folder / path).exists():
            return FULL_AWS_ACCESS
        if path == "RCPFullAWSAccess" and not (self.folder / path).exists():
            hint = "AWS attaches it everywhere, and so do we: leave it out"
            self.problems.add(path.place, f'{where}: "{path}" is at every level by itself', hint)
            return None
        return self.document(path, where)

    def text(self, path: Text, where: str) -> str | None:
        """The text of a file that is not a policy (SAML metadata)."""
        data = self._read(path, where, "a metadata document")
        if data is None:
            return None
        try:
            return decode(data, str(self.folder / path))
        except InputError as error:
            self.problems.keep(error)
            return None

    def _parse(self, path: Text, where: str) -> Policy | None:
        data = self._read(path, where, "a policy document")
        if data is None:
            return None
        try:
            return parse_policy(data, name=Path(path).stem, file=str(self.folder / path))
        except InputError as error:
            self.problems.keep(error)
            return None

    def _read(self, path: Text, where: str, what: str) -> bytes | None:
        full = self.folder / path
        if os.path.isabs(path):
            self.problems.add(path.place, f'{where}: the path "{path}" must be relative to the manifest')
            return None
        try:
            resolved = full.resolve()
            inside = resolved.is_relative_to(self._limit)
            exists = full.exists()
        except (OSError, ValueError, RuntimeError) as error:
            said = getattr(error, "strerror", None) or str(error)
            self.problems.add(path.place, f'{where}: "{path}" cannot be read: {said}')
            return None
        if not inside:
            self.problems.add(
                path.place,
                f'{where}: "{path}" is outside of {self._limit.name or self._limit}/',
                "documents live in the manifest's folder or in a folder beside it",
            )
            return None
        if not exists:
            self.problems.add(path.place, f'{where}: there is no file "{path}"', self._neighbours(path))
            return None
        try:
            return read_bytes(full, most=MOST_BYTES, what=what)
        except InputError as error:
            self.problems.add(path.place, f'{where}: "{path}" {error.message}')
            return None

    def _neighbours(self, path: Text) -> str:
        base = (self.folder / path).parent
        try:
            inside = [
                item.name for item in base.iterdir() if item.is_file() and item.suffix in (".json", ".xml")
            ]
        except OSError:
            inside = []
        prefix = os.path.dirname(path)
        return nearest(path, [os.path.join(prefix, name) for name in sorted(inside)], what="there")
