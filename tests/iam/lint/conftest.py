"""One linter for all tests: reading the catalog takes longer than any of them."""

from __future__ import annotations

import pytest

from rolecall.iam.catalog import load_catalog
from rolecall.iam.lint import Linter


@pytest.fixture(scope="session")
def linter() -> Linter:
    return Linter.of(load_catalog())
