"""Writes docs/lint: one page a rule and a list of all, from the texts of the rules."""

from __future__ import annotations

import sys
from pathlib import Path

from rolecall.iam.lint import rule_texts
from rolecall.iam.lint.pages import pages

FOLDER = Path(__file__).parents[1] / "docs" / "lint"


def main() -> int:
    """Write what has changed; remove pages of rules that are gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = pages(rule_texts().values())
    for old in FOLDER.glob("*.md"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(wanted)} pages in {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
