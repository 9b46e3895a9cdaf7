"""Wires the suite: which modules of ``fixtures/`` are in use."""

# Imported, not named in pytest_plugins: pytest takes that in the outermost conftest.py alone, and this folder
# may be part of a larger project.
from fixtures.assume_role import *  # noqa: F403
from fixtures.principals import *  # noqa: F403
