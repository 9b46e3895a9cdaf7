"""Examples in the documentation are executed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rolecall.cli.main import main
from rolecall.iam.simulation import decide_case
from rolecall.pytest_plugin.options import add_options

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EVERY_PAGE = [*PAGES, *sorted((ROOT / "docs").glob("*/*.md")), ROOT / "benchmarks" / "README.md"]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


def own_options() -> list[Any]:
    """The options that the plugin adds to pytest."""
    parser = pytest.Parser(_ispytest=True)
    add_options(parser)
    return parser.getgroup("rolecall").options


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


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in targets if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: page.name)
def test_links_into_a_page_lead_to_one_of_its_headings(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text(encoding="utf-8"))
    for file, anchor in links:
        target = page.parent / file if file else page
        headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        anchors = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
        assert anchor in anchors, f"{file}#{anchor}"


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: page.name)
def test_commands_and_options_that_are_shown_exist(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = page.read_text(encoding="utf-8")
    shown = re.findall(r"`([^`\n]*)`", text)
    shown += [line for block in _BLOCK.findall(text) for line in block[1].splitlines()]
    for line in shown:
        for command, verb, rest in re.findall(r"\brolecall ([a-z]+[a-z-]*)((?: [a-z]+)?)([^|`]*)", line):
            words = [command, verb.strip()] if command == "report" and verb else [command]
            with pytest.raises(SystemExit) as ended:
                main([*words, "--help"])
            told = capsys.readouterr().out
            assert ended.value.code == 0, line
            assert f"usage: rolecall {' '.join(words)} " in told, line
            options = re.findall(r"(?<!\S)--[a-z-]+", f"{verb}{rest}")
            assert [one for one in options if one not in re.findall(r"--[a-z-]+", told)] == [], line
        if re.search(r"\bpytest --?[a-z]", line):
            own = {option.names()[0] for option in own_options()}
            asked = re.findall(r"(?<!\S)--[a-z-]+", line.partition("pytest ")[2])
            assert {*asked} <= own, line


def test_every_option_is_in_its_table_with_its_ini_key_and_its_variable() -> None:
    options = own_options()
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
