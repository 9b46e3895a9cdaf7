"""The page that a reviewer opens."""

from __future__ import annotations

from rolecall.reports.page.rendering import render_html

__all__ = ["render_html"]
