"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

_ASIDE = ("hypothesispytest", "html", "html_fixtures", "metadata")


@pytest.fixture(autouse=True, scope="session")
def _quick_runs_inside() -> Iterator[None]:
    """Runs that tests start leave the plugins of these tests aside: importing them is part of every run."""
    before = os.environ.get("PYTEST_ADDOPTS")
    os.environ["PYTEST_ADDOPTS"] = f"{before or ''} {' '.join(f'-p no:{name}' for name in _ASIDE)}".strip()
    yield
    if before is None:
        del os.environ["PYTEST_ADDOPTS"]
    else:
        os.environ["PYTEST_ADDOPTS"] = before
