"""In a real Chromium: what an auditor asks beside the verdicts, and finds."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from rolecall.reports import Evidence, render_html
from rolecall.reports.page import rendering
from tests.reports.audited import COMMIT, audited
from tests.reports.sample import document, large, sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    Open = Callable[..., Page]

ALONE = "three-hops/runner-reaches-hub"


def shown(page: Page) -> list[str]:
    return page.eval_on_selector_all(".e", "rows => rows.filter(r => !r.hidden).map(r => r.id)")


def many_failures(rows: int) -> Evidence:
    """A run of which one in seven failed, each with a ladder and the text of its statements."""
    whole = large(rows, per_chain=100)
    failed = sample().chains[0].expectations[3]
    chains = []
    for chain in whole.chains:
        items = [
            replace(
                item,
                verdict="failed",
                reason=failed.reason,
                predicted=failed.predicted,
                expected=failed.expected,
            )
            if n % 20 in (3, 7, 17)  # two of them are failures of the large sample already
            else item
            for n, item in enumerate(chain.expectations)
        ]
        chains.append(replace(chain, expectations=tuple(items), manifest=f"manifest:{chain.name}"))
    line = "  - {id: more-000, as: assume-role-user, deny: ec2:DescribeAccountAttributes}\n"
    manifests = [
        document(chain.manifest, chain.name, "manifest", line * len(chain.expectations), file=chain.file)
        for chain in chains
    ]
    return replace(whole, chains=tuple(chains), documents=(*whole.documents, *manifests))


def test_predicted_only_is_counted_in_the_banner_marked_on_its_row_and_can_be_filtered(opened: Open) -> None:
    page = opened(render_html(audited()))
    assert "1 of them predicted only: decided by the engine alone" in page.inner_text(".counts")
    assert page.inner_text(f"[id='{ALONE}'] > summary u") == "predicted only"
    assert page.inner_text("[id='assume-role/user-reaches-role'] > summary u") == "predicted + observed"
    page.click("button[data-alone]")
    assert shown(page) == [ALONE]
    assert page.url.endswith("?by=engine")
    page.reload()
    assert shown(page) == [ALONE]
    assert page.get_attribute("button[data-alone]", "aria-pressed") == "true"
    page.click(f"[id='{ALONE}'] > summary")
    assert "no call was made: the account of the hub is not ours" in page.inner_text(f"[id='{ALONE}']")
    page.keyboard.press("a")
    assert len(shown(page)) == 10


def test_a_run_whose_every_promise_was_called_offers_no_such_filter(opened: Open) -> None:
    page = opened(render_html(sample()))
    assert page.locator("button[data-alone]").count() == 0
    assert "0 of them predicted only" in page.inner_text(".counts")


def test_commit_job_and_runner_are_told_without_anything_to_fetch(opened: Open) -> None:
    page = opened(render_html(audited()))
    told = page.inner_text(".banner")
    assert f"Commit {COMMIT}, with changes that are not in it: policies/assume-role/chain.yaml" in told
    assert "GitHub Actions, workflow verify, by octocat, for refs/pull/7/merge" in told
    assert "https://github.com/octo/app/actions/runs/42/attempts/2" in told
    assert "rolecall-runner/ci" in told
    assert "commit 00112233445566778899aabbccddeeff00112233" in told  # another one than was checked out


def test_manifest_is_reached_from_its_chain_with_its_digest(opened: Open) -> None:
    page = opened(render_html(audited()))
    page.click("[id='assume-role/'] > .lead a")
    shown_document = page.locator(".doc:has(.tag:text-is('manifest'))")
    page.wait_for_selector(".doc[open]")
    assert shown_document.get_attribute("open") is not None
    assert audited().documents[-1].sha256 in shown_document.inner_text()
    assert "reach: assume-role-role" in shown_document.inner_text()


def test_what_was_left_is_loud_and_what_was_removed_is_told(opened: Open) -> None:
    page = opened(render_html(audited()))
    assert "role assume-role-role in account" in page.inner_text("section:has(#left)")
    assert page.locator("section:has(#left)").bounding_box()["y"] < 900  # type: ignore[index]
    first = page.inner_text("[id='assume-role/']")
    assert "1 thing could not be removed" in first
    assert "How it was removed: 1 of 2 things" in first
    second = page.inner_text("[id='three-hops/']")
    assert "nothing is left; moto vanished with the process" not in second  # no call built that chain
    assert page.locator("section:has(#left)").count() == 1
    assert opened(render_html(sample())).locator("#left").count() == 0


def test_open_questions_name_the_verdicts_that_hang_on_them(opened: Open) -> None:
    page = opened(render_html(audited()))
    told = page.locator("section:has(#open)")
    assert "Must the boundary allow it? Decided here: It need not." in told.inner_text()
    told.locator("a").click()
    assert page.url.endswith("#three-hops/runner-reaches-reader")
    page.locator("[id='three-hops/runner-reaches-reader'] a", has_text="What is open").click()
    assert page.url.endswith("#open")


def test_unknown_controls_are_a_visible_note(opened: Open) -> None:
    page = opened(render_html(audited()))
    assert "1 of the named controls is unknown to rolecall: NIST-800-53r5:AC-66" in page.inner_text(
        "#unknown-controls"
    )


def test_a_drawing_is_saved_as_a_file_that_looks_the_same_anywhere(opened: Open, tmp_path: Path) -> None:
    page = opened(render_html(audited()), color_scheme="dark", accept_downloads=True)
    with page.expect_download() as waiting:
        page.locator("[id='assume-role/'] .save").first.click()
    assert waiting.value.suggested_filename == "assume-role.svg"
    file = tmp_path / "saved.svg"
    waiting.value.save_as(file)
    root = ET.fromstring(file.read_bytes())  # noqa: S314 (what the page made a moment ago)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = [node for node in root.iter() if node.tag.endswith("}text")]
    assert "assume-role-user" in {node.text for node in texts}
    fills = {node.get("fill") or "" for node in texts}
    assert all(fill.startswith("rgb(") for fill in fills)
    assert fills != {"rgb(0, 0, 0)"}
    assert not [node for node in root.iter() if node.get("class") or node.get("href")]
    page.goto("data:image/svg+xml;base64," + base64.b64encode(file.read_bytes()).decode())
    assert page.locator("text", has_text="has permission").first.is_visible()


def test_many_failures_are_shortened_in_words_and_keep_their_reason(opened: Open) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "BRIEF_FROM", 5)
        patch.setattr(rendering, "FULL_FAILURES", 4)
        page = opened(render_html(many_failures(100)))
    assert (
        "The first 4 that did not pass are shown in full below, the other 11 in short form"
        in page.inner_text("section:has(#trouble)")
    )
    failed = page.locator(".e.failed")
    assert failed.count() == 15
    assert failed.nth(3).locator(".ladder").count() > 0
    assert failed.nth(4).locator(".ladder").count() == 0
    text = failed.nth(4).text_content() or ""
    assert "promised denied, but AmazonEC2FullAccess allows it and the target allowed it" in text
    assert "in short form" in text
    assert failed.nth(4).get_attribute("open") is not None


def test_five_thousand_with_750_failures_stay_below_five_megabytes() -> None:
    evidence = many_failures(5000)
    assert evidence.counts()["failed"] == 750
    assert len(render_html(evidence).encode()) < 5_000_000


def test_in_print_every_line_of_a_document_is_whole(opened: Open) -> None:
    whole = audited()
    long = whole.documents[0].text.replace('"*"', '"arn:aws:iam::278805249149:role/' + "name-" * 40 + '"')
    page = opened(render_html(replace(whole, documents=(replace(whole.documents[0], text=long),))))
    page.set_viewport_size({"width": 700, "height": 900})
    page.emulate_media(media="print")
    wide = page.eval_on_selector_all(
        ".code",
        "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent.slice(0, 80))",
    )
    assert wide == []
    assert page.locator(".save:visible").count() == 0


def test_all_of_it_is_there_without_javascript(opened: Open) -> None:
    page = opened(render_html(audited()), java_script_enabled=False)
    text = re.sub(r"\s+", " ", page.inner_text("main"))
    for words in (COMMIT, "predicted only", "Still there", "could not be removed", "What AWS leaves open"):
        assert words in text
    assert page.locator(".save").count() == 0
