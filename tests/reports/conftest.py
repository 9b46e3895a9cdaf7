"""A real Chromium for the page's tests, and the page as a file."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium)")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens HTML from a file; fails in the end if the page made a request or wrote to the console."""
    noise: list[str] = []
    contexts = []

    def open_page(html: str, *, query: str = "", **options: object) -> Page:
        file = tmp_path / "index.html"
        file.write_text(html, encoding="utf-8")
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: noise.append(f"console {message.type}: {message.text}"))
        page.on("pageerror", lambda error: noise.append(f"error: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("data:", file.as_uri()))
                else noise.append(f"request: {request.url}")
            ),
        )
        page.goto(file.as_uri() + query)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert noise == []
