"""5,000 expectations in the browser: rolecall's page beside pytest-html's page of a run of the same size.

Usage: python benchmarks/report.py [rows]. Needs Debian's chromium, playwright and pytest-html.
Prints one line of JSON a page: bytes, seconds to write, and in milliseconds first contentful paint, load
event, a filter click and a search keystroke, each until the next frame is drawn (medians of five).
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "reports")]

from sample import large  # noqa: E402

from rolecall.reports import render_html  # noqa: E402

REPEATS = 5
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
UNTIL_DRAWN = """
(act) => new Promise((done) => {
  const run = new Function(act);
  const start = performance.now();
  run();
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
})
"""
PYTEST_HTML = """
import pytest

@pytest.mark.parametrize("n", range({rows}))
def test_promise(n):
    print({message!r})
    assert n % 50 != 7
"""


def until_drawn(page: Page, act: str) -> float:
    """Milliseconds from an action in the page until the frame after it."""
    return float(page.evaluate(UNTIL_DRAWN, act))


def measure(browser: Browser, file: Path, actions: dict[str, tuple[str, str]]) -> dict[str, float]:
    """First paint, load, and every action (what to do, how to undo it) of a page, medians of five."""
    found: dict[str, list[float]] = {}
    for _ in range(REPEATS):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(file.as_uri())
        page.wait_for_timeout(500)
        paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"
        found.setdefault("first_paint_ms", []).append(page.evaluate(paint))
        load = "performance.getEntriesByType('navigation')[0].loadEventEnd"
        found.setdefault("load_ms", []).append(page.evaluate(load))
        for name, (act, undo) in actions.items():
            found.setdefault(name, []).append(until_drawn(page, act))
            until_drawn(page, undo)
        page.close()
    return {name: round(statistics.median(values), 1) for name, values in found.items()}


def type_into(text: str) -> str:
    return (
        f"const q = document.getElementById('q'); q.value = {text!r}; "
        "q.dispatchEvent(new Event('input', {bubbles: true}))"
    )


def timed(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    evidence = large(rows)
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not installed")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        start = time.perf_counter()
        html = render_html(evidence)
        seconds = time.perf_counter() - start
        ours = folder / "rolecall.html"
        ours.write_text(html, encoding="utf-8")
        item = evidence.chains[0].expectations[0]
        message = item.observed.calls[0].message if item.observed else ""
        test = folder / "test_same.py"
        test.write_text(PYTEST_HTML.format(rows=rows, message=message), encoding="utf-8")
        theirs = folder / "pytest-html.html"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=line", str(test)]
        plain = timed([*command, "--rootdir", name])
        reported = timed([*command, "--rootdir", name, f"--html={theirs}", "--self-contained-html"])
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        click = "document.querySelector('button[data-verdict=failed]').click()"
        our_actions = {
            "filter_ms": (click, click),
            "search_one_letter_ms": (type_into("p"), type_into("")),
            "search_ms": (type_into("action1234"), type_into("")),
        }
        their_click = "document.querySelector('input[data-test-result=passed]').click()"
        for label, file, wrote, actions in (
            ("rolecall", ours, seconds, our_actions),
            ("pytest-html", theirs, reported - plain, {"filter_ms": (their_click, their_click)}),
        ):
            measured = measure(browser, file, actions)
            size = file.stat().st_size
            line = {"page": label, "rows": rows, "bytes": size, "write_s": round(wrote, 2), **measured}
            print(json.dumps(line))
        browser.close()


if __name__ == "__main__":
    main()
