"""What docs/manifest.md shows is true."""

from __future__ import annotations

import re
from pathlib import Path

from rolecall.chains.hop_fields import HOP
from rolecall.chains.manifest_fields import GROUP, MANIFEST, POLICY, ROLE, USER
from rolecall.chains.resource_fields import RESOURCE_KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "manifest.md").read_text(encoding="utf-8")


def test_the_python_example_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(example, "docs/manifest.md", "exec"), {})  # noqa: S102


def test_every_field_is_on_the_page() -> None:
    shapes = (MANIFEST, USER, GROUP, ROLE, POLICY.record, HOP)
    missing = [
        field.name for shape in shapes for field in shape.fields if not re.search(rf"\b{field.name}\b", PAGE)
    ]
    assert missing == []
    assert [kind for kind in RESOURCE_KINDS if f"`{kind}`" not in PAGE] == []
