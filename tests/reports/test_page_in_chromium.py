"""The page in a real Chromium: no request, no console message (the fixture sees to both), every key."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rolecall.reports import render_html
from tests.reports.audited import audited
from tests.reports.hostile import hostile
from tests.reports.sample import earlier_sample, sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    Open = Callable[..., Page]

FAILED = "assume-role/role-cannot-terminate"


def html() -> str:
    return render_html(sample(), baseline=earlier_sample(), history=[earlier_sample()])


def shown(page: Page) -> list[str]:
    return page.eval_on_selector_all(".e", "rows => rows.filter(r => !r.hidden).map(r => r.id)")


def test_filter_shows_one_verdict_and_lives_in_the_address(opened: Open) -> None:
    page = opened(html())
    assert len(shown(page)) == 10
    page.click("button[data-verdict=failed]")
    assert shown(page) == [FAILED, "three-hops/runner-reaches-reader"]
    assert page.url.endswith("?verdict=failed")
    assert page.inner_text("#shown") == "2 of 10 shown"
    page.reload()
    assert len(shown(page)) == 2
    page.click("button[data-verdict=failed]")
    assert len(shown(page)) == 10
    assert "?" not in page.url


def test_filters_of_an_address_are_applied_and_unknown_ones_ignored(opened: Open) -> None:
    page = opened(html(), query="?verdict=waived,nonsense&q=keypair&changed=0x")
    assert page.input_value("#q") == "keypair"
    page = opened(html(), query="?verdict=waived,nonsense&q=keypair")
    assert shown(page) == ["assume-role/role-cannot-make-keys"]


def test_search_finds_ids_actions_request_ids_and_says_when_nothing_fits(opened: Open) -> None:
    page = opened(html())
    page.fill("#q", "7a62c49f-347e")
    assert shown(page) == ["assume-role/base-user-cannot-describe-ec2", "assume-role/base-user-only-assumes"]
    page.fill("#q", "terminateINSTANCES promised")
    assert shown(page) == [FAILED]
    assert page.is_hidden("#three-hops\\/")
    page.fill("#q", "no such thing")
    assert shown(page) == []
    assert page.is_visible("#nothing")
    page.click("#nothing button")
    assert len(shown(page)) == 10
    assert page.input_value("#q") == ""


def test_changed_filter_shows_what_differs_from_the_baseline(opened: Open) -> None:
    page = opened(html())
    page.click("button[data-changed]")
    assert len(shown(page)) == 5
    assert page.url.endswith("?changed=1")


def test_deep_link_opens_and_shows_its_expectation_even_against_a_filter(opened: Open) -> None:
    page = opened(html(), query="?verdict=failed#assume-role/user-reaches-role")
    row = page.locator("[id='assume-role/user-reaches-role']")
    assert row.get_attribute("open") is not None
    page.wait_for_function(
        "() => { const r = document.getElementById('assume-role/user-reaches-role').getBoundingClientRect();"
        " return r.height > 50 && r.top >= 0 && r.top < innerHeight; }"
    )


def test_gate_of_the_picture_leads_to_its_statement_in_the_document(opened: Open) -> None:
    page = opened(html())
    page.locator("svg a", has_text="has permission").first.click()
    document = page.locator("#doc-1")
    assert page.url.endswith("#doc-1-s0")
    assert document.get_attribute("open") is not None
    assert re.match(r"decided\s+    \{", page.locator("#doc-1-s0").inner_text())
    outline = page.eval_on_selector("#doc-1-s0", "e => getComputedStyle(e).outlineStyle")
    assert outline == "solid"


def test_keys_alone_reach_everything(opened: Open) -> None:
    page = opened(html())
    press = page.keyboard.press
    press("?")
    assert page.is_visible("#help")
    press("Escape")
    assert page.is_hidden("#help")
    press("n")
    assert page.evaluate("document.activeElement.closest('.e').id") == FAILED
    press("o")
    assert page.locator(f"[id='{FAILED}']").get_attribute("open") is None
    press("k")
    press("j")
    assert page.evaluate("document.activeElement.closest('.e').id") == FAILED
    press("f")
    assert len(shown(page)) == 2
    press("a")
    assert len(shown(page)) == 10
    press("e")
    assert page.locator(".e:not([open])").count() == 0
    press("c")
    assert page.locator(".e[open]").count() == 0
    press("/")
    page.keyboard.type("prices")
    assert shown(page) == ["assume-role/role-reads-prices"]
    press("Escape")
    assert len(shown(page)) == 10
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    press("t")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before


def test_everything_is_there_without_javascript(opened: Open) -> None:
    page = opened(html(), java_script_enabled=False)
    assert page.is_hidden("#tools")
    assert page.is_visible("text=2 of 10 expectations failed")
    row = page.locator("[id='assume-role/base-user-cannot-describe-ec2']")
    row.locator("summary").first.click()
    assert row.locator("blockquote").is_visible()
    page.locator("#doc-1 > summary").click()
    assert page.locator("#doc-1-s0").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_with_everything_open(opened: Open, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    text = render_html(audited(), baseline=earlier_sample(), history=[earlier_sample()])
    page = opened(text, color_scheme=scheme, viewport={"width": width, "height": 900})
    page.evaluate("for (const item of document.querySelectorAll('details')) item.open = true")
    found = axe.Axe().run(page).response["violations"]
    assert [(item["id"], item["nodes"][0]["html"][:200]) for item in found] == []


@pytest.mark.parametrize("width", [360, 768, 1440, 3840])
def test_page_never_scrolls_sideways(opened: Open, width: int) -> None:
    page = opened(html(), viewport={"width": width, "height": 900})
    page.evaluate("for (const item of document.querySelectorAll('details')) item.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def _edges(page: Page) -> tuple[str, str, str]:
    """The colours of the page, and of both edges of the table, in the empty strip above its first row."""
    shot = base64.b64encode(page.screenshot()).decode()
    return tuple(  # type: ignore[return-value]
        page.evaluate(
            """async shot => { const image = new Image(); image.src = 'data:image/png;base64,' + shot;
            await image.decode();
            const pen = new OffscreenCanvas(image.width, image.height)
                .getContext('2d', {willReadFrequently: true});
            pen.drawImage(image, 0, 0);
            const {left, right, top} = document.querySelector('.matrix .wide').getBoundingClientRect();
            return [left - 6, left + 1, right - 2].map(
                x => pen.getImageData(x, top + 3, 1, 1).data.join()); }""",
            shot,
        )
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_table_that_goes_on_sideways_has_a_shadow_where_it_does(opened: Open, scheme: str) -> None:
    page = opened(html(), color_scheme=scheme, viewport={"width": 390, "height": 844})
    table = page.locator(".matrix .wide").first
    table.evaluate("one => one.scrollIntoView()")
    plain, left, right = _edges(page)
    assert left == plain != right
    table.evaluate("one => { one.scrollLeft = one.scrollWidth; }")
    plain, left, right = _edges(page)
    assert left != plain == right
    page.set_viewport_size({"width": 1280, "height": 900})
    table.evaluate("one => one.scrollIntoView()")
    assert len({*_edges(page)}) == 1


def test_print_is_light_and_shows_failures_and_documents(opened: Open) -> None:
    page = opened(html(), color_scheme="dark")
    assert page.pdf(format="A4", print_background=True).startswith(b"%PDF-")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.is_hidden(".top")
    assert page.evaluate("document.getElementById('doc-1-s0').getBoundingClientRect().height") > 0


def test_hostile_evidence_runs_nothing_and_fits_the_page(opened: Open) -> None:
    page = opened(render_html(hostile(), baseline=sample()), viewport={"width": 360, "height": 800})
    page.evaluate("for (const item of document.querySelectorAll('details')) item.open = true")
    assert page.title() != "owned"
    assert page.locator("img, iframe, body script ~ script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator(".matrix a").first.click()
    assert page.evaluate("document.querySelectorAll('.e[open]').length") > 0


def test_passed_automatic_negatives_are_folded_until_they_are_looked_for(opened: Open) -> None:
    evidence = sample()
    chain = evidence.chains[0]
    made = tuple(
        replace(chain.expectations[0], id=f"auto-{name}", kind="mutation", title=name, hop="user→role")
        for name in ("another-account", "too-long")
    )
    changed = replace(chain, expectations=(*chain.expectations, *made))
    page = opened(render_html(replace(evidence, chains=(changed, *evidence.chains[1:]))))
    group = page.locator(".more")
    assert "2 automatic checks of the hop user→role, all passed" in group.inner_text()
    assert group.get_attribute("open") is None
    page.fill("#q", "auto-too-long")
    assert group.get_attribute("open") is not None
    assert shown(page) == [f"{chain.name}/auto-too-long"]
    page.fill("#q", "role-cannot-terminate")
    assert group.is_hidden()
    page.fill("#q", "")
    assert group.is_visible()


def test_forced_colors_leave_the_marks_that_tell_something(opened: Open) -> None:
    page = opened(html(), forced_colors="active")
    page.evaluate("for (const d of document.querySelectorAll('.doc')) d.open = true")
    edge = "e => getComputedStyle(e).borderLeftColor"
    plain, decided = (page.eval_on_selector(f"#doc-1 {one}", edge) for one in (".b", ".decided"))
    assert plain == page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert decided != plain
    page.click("button[data-verdict=failed]")
    back = "e => getComputedStyle(e).backgroundColor"
    pressed, other = (
        page.eval_on_selector(f"button[data-verdict={one}]", back) for one in ("failed", "passed")
    )
    assert pressed != other


def test_a_control_leads_to_what_supports_it_though_it_is_told_once_a_chain(opened: Open) -> None:
    whole = sample()
    first = whole.chains[0].expectations
    other = replace(first[1], controls=("CIS-AWS-7.0:2.14.1",))
    chains = (replace(whole.chains[0], expectations=(*first, replace(other, id="x"))), whole.chains[1])
    assert len(shown(opened(render_html(whole), query="?q=cis-aws-7.0:2.14"))) == 8
    page = opened(render_html(replace(whole, chains=chains)))
    page.get_by_role("button", name="Show what passed for CIS-AWS-7.0:2.14").click()
    assert page.url.endswith("?verdict=passed&q=control%3DCIS-AWS-7.0%3A2.14%3B")
    found = shown(page)
    assert len(found) == 5
    assert {name.partition("/")[0] for name in found} == {"assume-role"}
    assert page.evaluate("document.activeElement.closest('.e').id") == found[0]


def test_a_long_name_hides_no_column_of_the_table(opened: Open) -> None:
    whole = sample()
    long = "a-name-that-all-of-our-users-begin-with-" * 4
    items = [
        replace(item, principal=long) if item.principal == "assume-role-user" else item
        for item in whole.chains[0].expectations
    ]
    page = opened(render_html(replace(whole, chains=(replace(whole.chains[0], expectations=tuple(items)),))))
    spare = "e => e.clientWidth - e.scrollWidth"
    assert page.eval_on_selector(".matrix .wide", spare) == 0
