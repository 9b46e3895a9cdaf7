"""In a real Chromium: links, history, filters and keys of the page, each used as a reader would."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rolecall.reports import Evidence, Gate, render_html
from rolecall.reports.page import rendering
from tests.reports.sample import S_EC2, S_TRUST, earlier_sample, large, sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    Open = Callable[..., Page]

FAILED = "assume-role/role-cannot-terminate"


def html(evidence: Evidence | None = None) -> str:
    past = earlier_sample()
    older = [
        replace(past, run=replace(past.run, id=f"old-{n}", started=f"2026-11-0{n}T08:00:00Z"))
        for n in (1, 2, 3)
    ]
    return render_html(evidence or sample(), baseline=past, history=[past, *older])


def federated() -> Evidence:
    """The sample, its first hop a sign-in from outside that passes a session policy on."""
    whole = sample()
    chain = whole.chains[0]
    gates = (
        *(
            Gate(stage, "absent")
            for stage in ("identity_policies", "permissions_boundary", "session_policies")
        ),
        Gate("scps", "absent"),
        Gate("rcps", "absent"),
        Gate("resource_policy", "allowed", True, (S_TRUST,)),
    )
    hop = replace(
        chain.hops[0],
        action="sts:AssumeRoleWithWebIdentity",
        gates=gates,
        name="narrow",
        session_policies=(S_EC2,),
    )
    people = (replace(chain.principals[0], kind="federated"), *chain.principals[1:])
    return replace(whole, chains=(replace(chain, hops=(hop,), principals=people), *whole.chains[1:]))


def brief_page() -> str:
    """A page of few rows that is as brief as one of thousands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "BRIEF_FROM", 5)
        return render_html(large(24, per_chain=12))


def shown(page: Page) -> list[str]:
    return page.eval_on_selector_all(".e", "rows => rows.filter(r => !r.hidden).map(r => r.id)")


def test_what_did_not_pass_is_named_first_with_a_way_to_it(opened: Open) -> None:
    page = opened(html())
    first = page.locator(".trouble li").first
    assert "promised denied, observed allowed by AmazonEC2FullAccess, statement 0" in first.inner_text()
    assert first.bounding_box()["y"] < 900  # type: ignore[index]
    first.locator("a").click()
    assert page.url.endswith(f"#{FAILED}")


def test_history_tells_since_when_and_what_wavers(opened: Open) -> None:
    page = opened(html())
    section = page.locator("section:has(#history)")
    row = section.locator("tr", has_text="role-cannot-terminate")
    assert row.locator(".trend").inner_text() == "✓✓✓✓✕"
    assert row.locator(".trend").get_attribute("aria-label") == "passed, passed, passed, passed, failed"
    assert "2026-11-23 09:30:00 UTC this run" in row.inner_text()
    assert "wavers" not in row.inner_text()  # the role's policy has changed as well
    steady = section.locator("tr", has_text="runner-reaches-reader")
    assert "2026-11-01 08:00:00 UTC" in steady.inner_text()
    assert "6 of 10 expectations passed in every run that had them" in section.inner_text()
    assert section.locator("tr", has_text="this run").count() >= 1
    row.locator("a").click()
    body = page.locator(f"[id='{FAILED}'] > div")
    assert "Over 5 runs: ✓✓✓✓✕ failing since 2026-11-23 09:30:00 UTC" in body.inner_text()


def test_one_cell_one_mark_and_a_link_to_each_expectation_behind_it(opened: Open) -> None:
    whole = sample()
    chain = whole.chains[0]
    failed = next(item for item in chain.expectations if item.id == "role-cannot-terminate")
    again = replace(
        failed, id="role-cannot-terminate-at-night", verdict="passed", observed=None, predicted=None
    )
    evidence = replace(whole, chains=(replace(chain, expectations=(*chain.expectations, again)),))
    page = opened(html(evidence))
    cell = page.locator(".matrix tr", has_text="ec2:TerminateInstances").locator("details.cell")
    assert cell.locator("summary").inner_text() == "✕ depends ×2"
    assert cell.locator("summary").get_attribute("class") == "failed"
    cell.locator("summary").click()
    texts = cell.locator("li").all_inner_texts()
    assert texts == ["✕ role-cannot-terminate can", "✓ role-cannot-terminate-at-night not shown"]
    cell.locator("a").last.click()
    assert page.url.endswith("#assume-role/role-cannot-terminate-at-night")


def test_every_gate_of_a_sign_in_is_drawn_dimmed_where_it_is_not_asked_with_why(opened: Open) -> None:
    page = opened(html(federated()))
    drawing = page.locator("[id='assume-role/'] svg").first
    assert drawing.locator("text.label").all_text_contents() == [
        "has permission",
        "boundary",
        "session policy",
        "SCP",
        "RCP",
        "is trusted",
        "session limited by",
    ]
    assert drawing.locator("text", has_text="not asked").count() == 4
    assert drawing.locator("text", has_text="a sign-in from outside: the role's side decides").count() == 1
    assert drawing.locator("text", has_text="hop 1: AssumeRoleWithWebIdentity").count() == 1
    fills = page.eval_on_selector_all(
        "[id='assume-role/'] svg text.label", "all => all.map(e => getComputedStyle(e).fill)"
    )
    assert fills[0] == fills[1] == fills[4] != fills[5]
    drawing.locator("a", has_text="session limited by").click()
    assert page.evaluate("document.querySelector('.s:target') !== null")
    assert page.url.endswith("#doc-3-s0")


def test_texts_of_the_drawing_do_not_run_into_each_other(opened: Open) -> None:
    for evidence in (sample(), federated()):
        page = opened(html(evidence))
        assert (
            page.evaluate(
                """() => [...document.querySelectorAll('svg .detail, svg .state:not(.left)')].filter(end => {
                const before = [...end.parentNode.querySelectorAll('.label, .name')];
                const at = end.getBoundingClientRect();
                return before.some(text => { const box = text.getBoundingClientRect();
                    return Math.abs(box.top - at.top) < 6 && box.right > at.left - 2 && box.left < at.left;
                });
            }).map(end => end.textContent)"""
            )
            == []
        )


@pytest.mark.parametrize("fragment", ["assume-role/auto-two", "auto-two"])
def test_deep_link_opens_folded_parents_and_marks_its_expectation(opened: Open, fragment: str) -> None:
    whole = sample()
    chain = whole.chains[0]
    made = tuple(
        replace(chain.expectations[0], id=f"auto-{name}", kind="mutation", hop="user→role")
        for name in ("one", "two")
    )
    folded = replace(chain, expectations=(*chain.expectations, *made))
    page = opened(html(replace(whole, chains=(folded,))), query=f"#{fragment}")
    row = page.locator("[id='assume-role/auto-two']")
    page.wait_for_selector("[id='assume-role/auto-two'][open] dl", state="visible")
    assert page.locator(".more").get_attribute("open") is not None
    assert row.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


@pytest.mark.parametrize("by", ["button", "key"])
def test_link_of_an_expectation_is_copied_from_a_file_too(opened: Open, by: str) -> None:
    page = opened(html(), query=f"?verdict=failed#{FAILED}")
    row = page.locator(f"[id='{FAILED}']")
    if by == "button":
        row.locator(".copy").click()
    else:
        page.keyboard.press("l")
    row.locator("button", has_text="link copied").wait_for()
    page.focus("#q")
    page.keyboard.press("Control+V")
    assert page.input_value("#q") == re.sub(r"[?#].*", "", page.url) + f"#{FAILED}"


def test_back_and_reload_keep_what_was_chosen(opened: Open) -> None:
    page = opened(html())
    page.click("button[data-verdict=failed]")
    page.click("button[data-verdict=waived]")
    assert len(shown(page)) == 3
    page.reload()
    assert len(shown(page)) == 3
    page.go_back()
    assert len(shown(page)) == 2
    page.go_back()
    assert len(shown(page)) == 10
    page.go_forward()
    assert page.get_attribute("button[data-verdict=failed]", "aria-pressed") == "true"


def test_help_lists_every_key_and_every_key_does_something(opened: Open) -> None:
    page = opened(html())
    listed = page.locator("#help kbd").evaluate_all("all => all.map(e => e.textContent)")
    assert set(listed) == {*"/jknpoecfadhlt?", "Esc"}
    page.keyboard.press("j")  # a place to start from
    for key in "jknpoecfadhlt?/":
        page.keyboard.press("a" if key not in "af" else "n")
        page.keyboard.press("e" if key == "c" else "j")
        before = page.evaluate(STATE)
        page.keyboard.press(key)
        page.wait_for_timeout(60)
        if key != "a":
            assert page.evaluate(STATE) != before, key
        page.keyboard.press("Escape")
    page.keyboard.press("f")
    assert len(shown(page)) == 2
    page.keyboard.press("a")
    assert len(shown(page)) == 10


STATE = """() => JSON.stringify([document.activeElement.id, document.activeElement.closest('.e')?.id, scrollY,
    location.search, document.documentElement.dataset.theme, document.getElementById('help').open,
    [...document.querySelectorAll('.e')].map(e => [e.hidden, e.open]),
    [...document.querySelectorAll('.copy')].map(e => e.textContent)])"""


def test_focus_can_be_seen_wherever_the_tab_key_leads(opened: Open) -> None:
    page = opened(html())
    for _ in range(40):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "() => { const at = document.activeElement, s = getComputedStyle(at);"
            " return [s.outlineStyle, parseFloat(s.outlineWidth), at.outerHTML.slice(0, 80)]; }"
        )
        assert (found[0], found[1] >= 2) == ("solid", True), found


def test_on_a_phone_the_bar_takes_two_rows(opened: Open) -> None:
    page = opened(html(), viewport={"width": 360, "height": 800})
    tops = page.eval_on_selector_all(
        ".top input, .top button, .brand",
        "all => all.map(e => Math.round(e.getBoundingClientRect().top / 45))",
    )
    assert len(set(tops)) <= 2
    assert page.locator(".top").bounding_box()["height"] < 110  # type: ignore[index]


@pytest.mark.parametrize("state", ["filtered", "nothing found", "help", "dark", "brief", "drawing"])
def test_axe_finds_nothing_in_any_state(opened: Open, state: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    if state == "brief":
        page = opened(brief_page())
        page.click("[id='chain-001/'] .e summary")
    else:
        page = opened(html(federated()))
    if state == "filtered":
        page.click("button[data-verdict=failed]")
        page.click("button[data-changed]")
    if state == "nothing found":
        page.fill("#q", "no such thing")
    if state == "help":
        page.keyboard.press("?")
    if state == "dark":
        page.keyboard.press("t")
    found = axe.Axe().run(page).response["violations"]
    assert [(item["id"], item["nodes"][0]["html"][:200]) for item in found] == []


def test_a_brief_page_is_whole_without_javascript(opened: Open) -> None:
    page = opened(brief_page(), java_script_enabled=False)
    told = page.locator(".told").first
    assert "no identity-based policy allows the action" in told.inner_text()
    assert "UnauthorizedOperation 403" in told.inner_text()
    row = page.locator(".run .e").first
    row.locator("summary").click()
    assert "chain.yaml:19" in row.locator("div").first.inner_text()


def test_an_open_row_of_a_brief_page_shows_what_it_shares_and_search_finds_it_by_that(opened: Open) -> None:
    page = opened(brief_page(), query="#chain-001/chain-001-promise-00015")
    row = page.locator("[id='chain-001/chain-001-promise-00015']")
    row.locator("dl").wait_for()
    assert "no identity-based policy allows the action" in row.inner_text()
    page.fill("#q", "promise-00015 nearest miss")
    assert shown(page) == ["chain-001/chain-001-promise-00015"]
    page.fill("#q", "promise-00007")
    assert page.locator(".told:visible").count() == 0


def test_a_tall_expectation_is_shown_from_its_title_on(opened: Open) -> None:
    page = opened(html(), query=f"#{FAILED}", viewport={"width": 800, "height": 500})
    page.wait_for_function("scrollY > 100")
    bar = page.locator(".top").bounding_box()
    title = page.locator(f"[id='{FAILED}'] > summary").bounding_box()
    assert bar is not None
    assert title is not None
    assert bar["height"] <= title["y"] < 250
