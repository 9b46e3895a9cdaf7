from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALLOW = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"},
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111111111111"}},
}
HEAD = """\
version: 1
chain: test
accounts: {home: "111111111111"}
"""
BASE = (
    HEAD
    + """\
policies: {allow: allow.json}
users:
  alice: {policies: [allow], access_key: true}
roles:
  deploy: {trust: trust.json}
hops:
  - {from: alice, assume: deploy}
"""
)


@pytest.fixture
def manifest(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a manifest beside allow.json and trust.json; answers its path."""
    folder = tmp_path / "policies" / "test"
    folder.mkdir(parents=True)
    (folder / "allow.json").write_text(json.dumps(ALLOW))
    (folder / "trust.json").write_text(json.dumps(TRUST))

    def write(text: str) -> Path:
        path = folder / "chain.yaml"
        path.write_text(text)
        return path

    return write
