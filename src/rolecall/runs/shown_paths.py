"""Files in what a terminal shows: as seen from the folder that the reader stands in."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["seen_from"]


def seen_from(folder: Path | None, text: str) -> str:
    """A text whose files below ``folder`` are named from there. What lies elsewhere keeps its whole path."""
    if folder is None or folder == Path(folder.anchor):
        return text
    return re.sub(rf"(?<![\w.:/-]){re.escape(folder.as_posix())}/", "", text)
