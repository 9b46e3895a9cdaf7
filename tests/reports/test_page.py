"""The page as text: self-contained, the same for the same evidence, safe, and complete."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest

from rolecall.reports import Evidence, render_html
from rolecall.reports.limits import limits_of
from rolecall.reports.page.rendering import FULL_FAILURES
from rolecall.reports.words import in_short, opening
from tests.reports.hostile import hostile
from tests.reports.sample import earlier_sample, sample


class _Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_same_evidence_gives_the_same_bytes_also_after_a_trip_through_json() -> None:
    again = Evidence.from_json(sample().to_json())
    assert render_html(sample(), baseline=earlier_sample()) == render_html(again, baseline=earlier_sample())


def test_policy_of_the_page_allows_its_own_style_and_script_alone() -> None:
    html = render_html(sample())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy
    assert policy[1].startswith("default-src 'none'; ")
    assert "unsafe" not in policy[1]
    for tag in ("style", "script"):
        (body,) = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[1].replace("&#39;", "'")


@pytest.mark.parametrize("evidence", [sample(), hostile()], ids=["sample", "hostile"])
def test_page_holds_no_handler_no_inline_style_and_nothing_to_fetch(evidence: Evidence) -> None:
    elements = _Elements(render_html(evidence, baseline=earlier_sample(), history=[earlier_sample()]))
    for tag, attributes in elements.found:
        assert tag not in ("img", "iframe", "object", "embed", "base")
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in ("style", "src", "srcdoc", "action", "formaction"), (tag, name)
            if name == "href":
                assert (value or "").startswith(("#", "data:,")), (tag, value)


def test_hostile_text_adds_no_element_and_every_link_still_leads_somewhere() -> None:
    plain, spoiled = (_Elements(render_html(item)) for item in (sample(), hostile()))
    assert {tag for tag, _ in spoiled.found} <= {tag for tag, _ in plain.found}
    assert [tag for tag, _ in spoiled.found].count("script") == 1
    assert "{{ 7 * 1910007 }}" in "".join(spoiled.text)
    assert "13370049" not in "".join(spoiled.text)


def test_hiding_characters_are_spelled_out() -> None:
    html = render_html(hostile())
    assert "a&lt;U+202E&gt;gnp.exe" in html
    assert "nul&lt;U+0000&gt; esc&lt;U+001B&gt;" in html
    assert not re.search("[\x00\x1b\u202e\u2066\u200b\ud800-\udfff]", html)
    html.encode("utf-8")


def test_every_link_within_the_page_has_its_target_and_no_id_is_given_twice() -> None:
    from urllib.parse import unquote

    elements = _Elements(render_html(sample(), baseline=earlier_sample()))
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in elements.found:
        href = attributes.get("href") or ""
        if tag == "a":
            assert unquote(href[1:]) in ids, href


def test_page_says_everything_that_a_reviewer_looks_for() -> None:
    html = render_html(sample(), baseline=earlier_sample(), history=[earlier_sample()])
    text = " ".join("".join(_Elements(html).text).split())
    for words in (
        "2 of 10 expectations failed",
        "What this run does not prove",
        "AWS itself was not asked",
        "promised denied, but AmazonEC2FullAccess allows it and the target allowed it",
        "request 7a62c49f-347e-4fc4-9331-6e8e5a2d7e5b",
        "UnauthorizedOperation 403",
        "4 attempts, waited 400 ms, 900 ms, 2.10 s",
        "Nearest miss: workload-reader-trust.json:4, StringEquals on sts:ExternalId wants “7f3a-blue-heron”",
        "the request has no such key",
        "Contested by AWS's own pages: cross-account-boundary",
        "account security 222222222222",
        "expired on 2026-06-30",
        "6 of 9 statements and branches are exercised",
        "Newly failing",
        "Document changed: AmazonEC2FullAccess",
        "Supports evidence for",
        sample().documents[0].sha256,
        "reaches every role that trusts this account",
        "How the chain was built: 6 calls",
    ):
        assert words in text, words
    assert "Engine and target agree</dt><dd>7 of 7" in html
    assert "compliant with" not in text.lower()


def test_failures_are_open_and_the_rest_is_folded() -> None:
    rows = [attributes for tag, attributes in _Elements(render_html(sample())).found if tag == "details"]
    rows = [row for row in rows if (row.get("class") or "").startswith("e ")]
    assert {(row["class"], "open" in row) for row in rows} == {
        ("e passed", False),
        ("e waived", False),
        ("e failed", True),
        ("e inconclusive", True),
    }


def test_evidence_without_any_expectation_does_not_look_like_success() -> None:
    html = render_html(replace(sample(), chains=()))
    assert "Nothing was checked" in html
    assert "banner passed" not in html


def test_what_is_said_to_have_changed_is_on_the_page() -> None:
    past, now = earlier_sample(), sample()
    chain = past.chains[0]
    gone = replace(chain.expectations[0], id="gone-since")
    past = replace(past, chains=(replace(chain, expectations=(*chain.expectations, gone)), *past.chains[1:]))
    whole = render_html(now, baseline=past)
    (said,) = re.findall(r"data-changed[^>]*>changed <b>(\d+)</b>", whole)
    assert int(said) == len(re.findall(r'<details class="e [^>]* data-c[ >]', whole))


def test_who_gets_in_against_the_promise_is_said_first_and_not_the_call() -> None:
    chain = sample().chains[0]
    item = next(one for one in chain.expectations if one.kind == "assumers_of")
    predicted = replace(item.predicted, reason="can get in as well: bob", outcome="allowed")  # type: ignore[type-var]
    call = "aws sts assume-role " + "--role-arn arn:aws:iam::111111111111:role/x " * 9
    failed = replace(
        item,
        verdict="failed",
        predicted=predicted,
        reason=f"{call}was allowed; engine: can get in as well: bob",
    )
    assert in_short(failed) == "can get in as well: bob"


@pytest.mark.parametrize("enough", [True, False], ids=["few failed", "more than are shown in full"])
def test_row_that_failed_opens_in_short_and_tells_message_call_and_engine_once_each(enough: bool) -> None:
    chain = sample().chains[1]
    item = chain.expectations[-1]
    assert item.predicted is not None
    assert item.observed is not None
    (call,) = item.observed.calls
    told = f"{call.call} as {call.principal} was refused: {call.message}; engine: {item.predicted.reason}"
    observed = replace(item.observed, reason=f"implicit deny (resource_policy): {call.message}")
    items = tuple(
        replace(item, id=f"reach-{n:03d}", reason=told, observed=observed)
        for n in range(1 if enough else FULL_FAILURES + 1)
    )
    html = render_html(replace(sample(), chains=(replace(chain, expectations=items),)))
    row = unescape(html[html.index(f'id="three-hops/{items[-1].id}"') :])
    row = row[row.index("<div>") : row.index("</div></details>")]
    where = "policies/three-hops/workload-reader-trust.json:4"
    short = (
        f"promised allowed, observed denied by the resource-based policy; nearest miss {where}, its Condition"
    )
    assert row.startswith(f"<div><p>{short}")
    for fact in (call.message, f"<kbd>{call.call}</kbd>", item.predicted.reason, "AccessDenied", "403"):
        assert fact in row, fact
    assert row.count(call.message) == 1


@pytest.mark.parametrize(
    ("reason", "opens"),
    [
        ("promised an explicit deny, the target answered an implicit one: {message}", "promised an explicit"),
        ("{call} shows nothing: AccessDenied {message}", "sts assume-role --role-session"),
        ("the waiver by lee expired on 2026-06-30; {call} as {who} was refused: {message}; engine: {engine}",
         "the waiver by lee expired on 2026-06-30; promised allowed, observed denied"),
        ("{call} as {who} was refused: {message}; engine: {engine} (nothing is enforced)",
         "promised allowed, observed denied"),
        ("somebody else was refused: denied", "somebody else was refused: denied"),
    ],
)  # fmt: skip
def test_opening_keeps_what_the_row_does_not_tell_elsewhere(reason: str, opens: str) -> None:
    item = sample().chains[1].expectations[-1]
    assert item.predicted is not None
    assert item.observed is not None
    (call,) = item.observed.calls
    facts = {
        "call": call.call,
        "who": call.principal,
        "message": call.message,
        "engine": item.predicted.reason,
    }
    found = opening(replace(item, reason=reason.format(**facts)))
    assert found.startswith(opens)
    assert call.message not in found
    assert ("(nothing is enforced)" in reason) is found.endswith(" (nothing is enforced)")


def test_what_a_limit_sends_its_reader_to_is_a_heading_of_the_page() -> None:
    html = render_html(replace(sample(), limits=limits_of("moto")))
    (limit,) = [text for text in limits_of("moto") if "promises of the manifest" in text]
    (named,) = re.findall(r"lists by chain the (.+)\.", limit)
    assert f"<h3>{named.capitalize()}</h3>" in html
