"""Compiled templates, kept where Python keeps compiled modules."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import BytecodeCache

if TYPE_CHECKING:
    from jinja2.bccache import Bucket

__all__ = ["TemplateCache"]


class TemplateCache(BytecodeCache):
    """Compiling the page's templates takes longer than rendering the page of a short run.

    ``folder`` is by default the ``__pycache__`` of this package. What is written there follows Python's own
    rules (``PYTHONDONTWRITEBYTECODE``, ``PYTHONPYCACHEPREFIX``); where nothing can be read or written,
    templates are compiled anew. Jinja2 checks that an entry belongs to the template's text, to itself and to
    this Python.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(cache_from_source(__file__)).parent

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket from its file, if there is one."""
        with suppress(OSError), self._path(bucket).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write the bucket's file, whole or not at all."""
        if sys.dont_write_bytecode:
            return
        path = self._path(bucket)
        written = path.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            try:
                with written.open("xb") as file:
                    bucket.write_bytecode(file)
                written.replace(path)
            finally:
                written.unlink(missing_ok=True)

    def _path(self, bucket: Bucket) -> Path:
        return self._folder / f"template-{bucket.key}.jinja"
