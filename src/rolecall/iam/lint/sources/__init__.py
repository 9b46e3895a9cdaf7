"""The files in which policies live: policies themselves, templates, plans and account reports."""

from __future__ import annotations

from rolecall.iam.lint.sources.found import FoundPolicy
from rolecall.iam.lint.sources.reading import policies_in

__all__ = ["FoundPolicy", "policies_in"]
