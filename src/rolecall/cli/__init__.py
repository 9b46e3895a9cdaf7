"""The command line: ``rolecall init | validate | lint | schema | simulate | explain | serve | sweep | report``."""

from __future__ import annotations

from rolecall.cli.main import main

__all__ = ["main"]
