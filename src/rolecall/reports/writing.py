"""Evidence and its views → files, each whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rolecall.errors import RolecallError
from rolecall.reports.comparison import diff
from rolecall.reports.junit import render_junit
from rolecall.reports.markdown import render_markdown
from rolecall.reports.page import render_html
from rolecall.reports.redaction import redacted
from rolecall.reports.sarif import render_sarif

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rolecall.reports.evidence import Evidence

__all__ = ["write_reports"]


def write_reports(
    evidence: Evidence,
    folder: str | Path,
    *,
    baseline: Evidence | None = None,
    history: Sequence[Evidence] = (),
    secrets: Collection[str] = (),
) -> dict[str, Path]:
    """Write evidence.json, index.html, junit.xml, rolecall.sarif and summary.md; the paths by file name.

    The folder is made if need be. Credentials (``secrets`` and whatever looks like one) stay out.
    Every file appears whole (a temporary file beside it is renamed).
    RolecallError where the folder cannot be written.
    """
    clean = redacted(evidence, secrets)
    comparison = diff(baseline, clean) if baseline is not None else None
    views = {
        "evidence.json": clean.to_json(),
        "index.html": render_html(clean, baseline=baseline, history=history),
        "junit.xml": render_junit(clean),
        "rolecall.sarif": render_sarif(clean),
        "summary.md": render_markdown(clean, comparison=comparison),
    }
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in views.items():
            _write_whole(folder / name, text)
    except OSError as error:
        raise RolecallError(
            f"the report cannot be written to {folder}: {error.strerror or error}. "
            "Name a folder that can be written: --report-dir for pytest, --out for rolecall report"
        ) from None
    return {name: folder / name for name in views}


def _write_whole(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
