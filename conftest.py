"""Wires the suite: which modules of ``fixtures/`` are in use."""

pytest_plugins = ["fixtures.assume_role", "fixtures.principals"]
