"""The command line of rolecall."""

from __future__ import annotations

from rolecall.cli.main import main

__all__ = ["main"]
