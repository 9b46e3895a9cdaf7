"""Texts of a drawing keep to their room in the widest font, whatever is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall.reports.page.measure import Type, lines, without_beginning, without_end, without_middle

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

SMALL, STRONG = Type(11.5), Type(12.5, bold=True)
TEXTS = (
    "m" * 60,
    "W@%" * 20,
    "iiii" * 30,
    "assume-role-trust-relationship.json:4",
    "役割" * 40,
    "é" * 60,
    "😀" * 40,
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("room", [0, 5, 60, 250])
def test_what_is_shortened_fits_and_says_so(text: str, room: int) -> None:
    for of in (SMALL, STRONG):
        for shorten in (without_end, without_beginning, without_middle):
            shown = shorten(text, room, of)
            assert of.fits(shown, room) or shown == "…"
            assert (shown == text) is of.fits(text, room)
            assert ("…" in shown) is not of.fits(text, room)


def test_each_way_keeps_its_end_of_a_text_and_as_much_of_it_as_there_is_room_for() -> None:
    text = "abcdefghijklmnopqrstuvwxyz"
    end, start, both = (cut(text, 100, SMALL) for cut in (without_end, without_beginning, without_middle))
    assert text.startswith(end.removesuffix("…"))
    assert text.endswith(start.removeprefix("…"))
    head, _, tail = both.partition("…")
    assert text.startswith(head)
    assert text.endswith(tail)
    assert abs(len(head) - len(tail)) <= 1
    for shown, longer in ((end, text[: len(end)]), (start, text[-len(start) :])):
        assert SMALL.width(f"{longer}…") > 100 - SMALL.width("m"), shown


@pytest.mark.parametrize(
    "text", [*TEXTS, "a few words that go on and on for longer than a line or two", "", "a  b"]
)
def test_lines_are_no_more_than_asked_for_and_lose_nothing_without_saying_so(text: str) -> None:
    for most in (1, 2, 3):
        found = lines(text, 120, SMALL, most)
        assert 1 <= len(found) <= most
        assert all(SMALL.fits(line, 120) for line in found)
        kept = "".join(found)
        assert kept.replace(" ", "") == text.replace(" ", "") or "…" in kept


def test_word_longer_than_a_line_is_broken_and_shortened_only_where_the_lines_are_full() -> None:
    subject = "sub=repo:octo-org/octo-repo:ref:refs/heads/main"
    assert lines(subject, 150, SMALL, 3) == ("sub=repo:octo-org/", "octo-repo:ref:refs/", "heads/main")
    one, two = lines(subject, 150, SMALL, 2)
    assert one == "sub=repo:octo-org/"
    assert two.startswith("octo-r")
    assert "…" in two
    assert two.endswith("/main")
    assert lines(f"claims {subject}", 150, SMALL, 3)[0].startswith("claims sub=")
    assert lines("a word and another", 60, SMALL, 9) == ("a word", "and", "another")


def test_a_text_of_any_length_takes_no_time() -> None:
    assert len(without_middle("a" * 10**6, 250, SMALL)) < 50
    assert sum(map(len, lines("a" * 10**6, 250, SMALL, 3))) < 150


def test_no_common_font_of_this_machine_is_wider(opened: Callable[..., Page]) -> None:
    page = opened("<!doctype html><title>fonts</title>")
    texts = [
        *TEXTS[:4],
        "The quick brown fox, 0123456789: [x] {y} (z) a/b_c-d+e=f <g>",
        "HOP 1: ASSUMEROLE",
        "✓✕–·∩",
    ]
    widths = page.evaluate(
        """texts => { const pen = document.createElement('canvas').getContext('2d');
        return ['Verdana', 'DejaVu Sans', 'sans-serif', 'monospace', 'system-ui', 'Arial'].flatMap(family =>
            ['', 'bold '].flatMap(weight => { pen.font = `${weight}10px "${family}", ${family}`;
                return texts.map(text => [family, weight, text, pen.measureText(text).width]); })); }""",
        texts,
    )
    wider = [found for found in widths if found[3] > Type(10, bold=bool(found[1])).width(found[2])]
    assert wider == []
