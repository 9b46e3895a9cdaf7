"""Compiled templates are kept, and never stand in the way of a page."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from rolecall.reports.page.template_cache import TemplateCache


def rendered(folder: Path, text: str = "{{ 1 + 1 }}") -> str:
    environment = Environment(
        loader=DictLoader({"page": text}), autoescape=True, bytecode_cache=TemplateCache(folder)
    )
    return environment.get_template("page").render()


@pytest.fixture(autouse=True)
def _bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def test_a_template_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rendered(tmp_path) == "2"
    (kept,) = tmp_path.iterdir()
    monkeypatch.delattr(Environment, "_generate")  # whoever compiles again fails
    assert rendered(tmp_path) == "2"
    assert list(tmp_path.iterdir()) == [kept]


def test_another_text_is_another_template(tmp_path: Path) -> None:
    assert rendered(tmp_path) == "2"
    assert rendered(tmp_path, "{{ 2 + 2 }}") == "4"
    assert rendered(tmp_path) == "2"


@pytest.mark.parametrize("torn", [b"", b"no bytecode", None])
def test_a_torn_file_is_written_anew(tmp_path: Path, torn: bytes | None) -> None:
    rendered(tmp_path)
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2] if torn is None else torn)
    assert rendered(tmp_path) == "2"
    assert kept.read_bytes() == whole


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "none"):
        assert rendered(folder) == "2"
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


def test_nothing_is_written_where_python_writes_no_bytecode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert rendered(tmp_path) == "2"
    assert not list(tmp_path.iterdir())
