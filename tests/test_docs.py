"""Examples in the documentation are executed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rolecall.iam.simulation import decide_case
from rolecall.pytest_plugin.options import add_options

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


def blocks(page: Path, language: str) -> Iterator[str]:
    for found, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if found == language:
            yield text


def python_examples() -> list[object]:
    return [
        pytest.param(text, id=f"{page.name}-{number}")
        for page in PAGES
        for number, text in enumerate(blocks(page, "python"))
        if "import" in text and "assert" in text
    ]


@pytest.mark.parametrize("example", python_examples())
def test_python_example_runs(example: str) -> None:
    exec(compile(example, "example", "exec"), {})  # noqa: S102


def test_simulate_example_answers_as_printed() -> None:
    cases, answers = blocks(ROOT / "docs" / "simulate.md", "jsonl")
    got = [decide_case(json.loads(line)) for line in cases.splitlines()]
    assert got == [json.loads(line) for line in answers.splitlines()]


def test_the_readme_shows_the_manifest_as_it_is() -> None:
    shown = next(iter(blocks(ROOT / "README.md", "yaml")))
    real = (ROOT / "policies" / "assume-role" / "chain.yaml").read_text(encoding="utf-8")
    assert [line for line in shown.splitlines() if line not in real] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in targets if not (page.parent / link).exists()] == []


def test_every_option_is_in_its_table_with_its_ini_key_and_its_variable() -> None:
    parser = pytest.Parser(_ispytest=True)
    add_options(parser)
    options = parser.getgroup("rolecall").options
    page = (ROOT / "docs" / "pytest.md").read_text(encoding="utf-8")
    rows = [row.split(" | ") for row in page.splitlines() if row.startswith("| `--")]
    assert [row[:3] for row in rows] == [
        [f"| `{option.names()[0]}`", f"`{option.dest}`", f"`ROLECALL_{option.dest.upper()}`"]
        for option in options
    ]
    for row, option in zip(rows, options, strict=True):
        kind = "; a switch |" if option.attrs().get("action") == "store_true" else " |"
        kind = "; a list" if option.attrs().get("action") == "append" else kind
        assert kind in row[3], row


def test_the_transcript_in_the_readme_is_the_one_that_is_tested() -> None:
    transcript = next(iter(blocks(ROOT / "README.md", "console"))).replace("\\\n      ", "")
    tested = (ROOT / "tests" / "test_tutorial_transcript.py").read_text(encoding="utf-8")
    for operation in re.findall(r"^\$ aws (\w+ [\w-]+)", transcript, re.MULTILINE):
        service, name = operation.split()
        assert f'"{service}", "{name}"' in tested, operation
