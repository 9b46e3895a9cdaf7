"""Pictures of a report for the documentation, taken by Chromium.

Usage: python scripts/picture_report.py reports/index.html docs/pictures
Writes report-light.png, report-dark.png, report-chain.png and report-phone.png.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PICTURES = (
    ("report-light", 1280, 860, "light", "#main"),
    ("report-dark", 1280, 860, "dark", "#main"),
    ("report-chain", 1280, 860, "light", ".chain"),
    ("report-phone", 390, 844, "light", ".chain"),
)


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    page_file, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not installed (Debian: apt-get install chromium)")
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, width, height, scheme, start in PICTURES:
            page = browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            page.goto(page_file.as_uri())
            if start != "#main":
                page.evaluate("selector => document.querySelector(selector).scrollIntoView()", start)
            page.wait_for_timeout(150)
            page.screenshot(path=folder / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
