"""A brief page tells once what neighbours share, and loses nothing of what is their own."""

from __future__ import annotations

import re
from dataclasses import replace

from rolecall.reports import render_html
from rolecall.reports.page.rendering import BRIEF_FROM
from rolecall.reports.page.stories import stories
from tests.reports.sample import large


def test_only_neighbours_that_passed_for_the_same_reason_share() -> None:
    items = large(50).chains[0].expectations
    found = stories(items, brief=True)
    assert [(len(story.items), story.told is not None) for story in found] == [
        (7, True),
        (1, False),
        (42, True),
    ]
    assert tuple(item for story in found for item in story.items) == items
    assert found[0].told is not None
    assert found[0].told.predicted is not None
    assert found[0].told.predicted.reason == "no identity-based policy allows the action"
    other = replace(items[3], predicted=replace(items[3].predicted, stage="scps"))  # type: ignore[type-var]
    mixed = stories((*items[:3], other, *items[4:7]), brief=True)
    assert [len(story.items) for story in mixed] == [3, 1, 3]


def test_what_is_said_about_one_alone_is_never_shared() -> None:
    items = large(50).chains[0].expectations
    for changes in ({"disagreement": "x"}, {"simulated": "x"}, {"kind": "only"}, {"predicted": None}):
        alike = tuple(replace(item, **changes) for item in items[:7])
        assert all(story.told is None for story in stories(alike, brief=True))


def test_a_page_that_is_not_brief_shares_nothing() -> None:
    (story,) = stories(large(50).chains[0].expectations, brief=False)
    assert story.told is None


def test_every_row_of_a_brief_page_has_its_own_call_request_and_place() -> None:
    evidence = large(BRIEF_FROM + 50)
    html = render_html(evidence)
    rows = dict(re.findall(r'<details class="e passed" id="[^"]*/([^"]+)">(.*?)</details>', html, re.DOTALL))
    for chain in evidence.chains:
        for item in chain.expectations:
            if item.verdict == "passed" and item.observed:
                (call,) = item.observed.calls
                for words in (item.title, call.call, call.request_id or "", f"chain.yaml:{item.line}"):
                    assert words in rows[item.id]
    assert "The call was answered <b>UnauthorizedOperation</b> 403" in html


def test_five_thousand_expectations_stay_below_three_and_a_half_megabytes() -> None:
    assert len(render_html(large(5000)).encode()) < 3_500_000


def test_what_was_not_called_shares_its_reason() -> None:
    items = large(50).chains[0].expectations[:7]
    alone = tuple(replace(item, observed=None, reason=f"nothing allows {item.actions[0]}") for item in items)
    (story,) = stories(alone, brief=True)
    assert story.told is not None
    assert story.told.reason == "nothing allows the action"
