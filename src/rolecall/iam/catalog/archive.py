"""Reading the data file of the package: every entry on its own, when it is first asked for."""

from __future__ import annotations

import json
from importlib.resources import files
from io import BytesIO
from typing import Any
from zipfile import ZipFile

__all__ = ["Archive", "read_data"]


class Archive:
    """``data/catalog.zip``, held compressed (under 1 MB); entries are decoded on demand, not kept."""

    __slots__ = ("_zip",)

    def __init__(self, content: bytes) -> None:
        self._zip = ZipFile(BytesIO(content))

    @classmethod
    def of_package(cls) -> Archive:
        """The archive that comes with the package."""
        return cls((files(__package__) / "data" / "catalog.zip").read_bytes())

    def text(self, entry: str) -> str:
        """An entry as text. Raises KeyError for an unknown one."""
        return self._zip.read(entry).decode()

    def json(self, entry: str) -> Any:
        """An entry as JSON data. Raises KeyError for an unknown one."""
        return json.loads(self.text(entry))


def read_data(name: str) -> Any:
    """A JSON file of ours, from beside the archive."""
    return json.loads((files(__package__) / "data" / name).read_text(encoding="utf-8"))
