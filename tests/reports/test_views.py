"""JUnit, SARIF, Markdown and terminal: the same facts, safe in each form."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree as ET

import pytest

from rolecall.reports import (
    Expectation,
    diff,
    junit_properties,
    render_html,
    render_junit,
    render_junit_properties,
    render_markdown,
    render_sarif,
    render_terminal,
)
from tests.reports.hostile import hostile
from tests.reports.sample import HOME, earlier_sample, sample


def test_junit_counts_and_carries_the_evidence_as_properties() -> None:
    root = ET.fromstring(render_junit(sample()))  # noqa: S314 (our own text)
    assert (root.get("tests"), root.get("failures")) == ("10", "2")
    case = root.find(".//testcase[@name='role-cannot-terminate']")
    assert case is not None
    properties = {item.get("name"): item.get("value") for item in case.iter("property")}
    assert properties["rolecall.statement"] == "AmazonEC2FullAccess, statement 0"
    assert properties["rolecall.call"] == (
        "ec2 TerminateInstances: 412 DryRunOperation 59dbff89-35bd-4eac-99ed-be587ed20022"
    )
    failure = case.find("failure")
    assert failure is not None
    assert "AmazonEC2FullAccess allows it" in (failure.get("message") or "")


def test_junit_properties_are_keyed_like_the_deep_links() -> None:
    found = render_junit_properties(sample())
    item = sample().chains[1].expectations[1]
    assert found["three-hops/runner-reaches-reader"] == junit_properties(item)
    assert ("rolecall.verdict", "failed") in junit_properties(item)


def test_sarif_points_at_the_line_and_tells_the_chain_as_a_thread_flow() -> None:
    (run,) = json.loads(render_sarif(sample()))["runs"]
    result = next(r for r in run["results"] if r["properties"]["expectation"] == "runner-reaches-reader")
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "policies/three-hops/workload-reader-trust.json"
    assert physical["region"] == {"startLine": 4}
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    (flow,) = result["codeFlows"][0]["threadFlows"]
    assert "is trusted: implicitly denied" in flow["locations"][-1]["location"]["message"]["text"]
    assert flow["locations"][-1]["importance"] == "essential"


def test_sarif_validates_against_a_model_of_the_format() -> None:
    model = pytest.importorskip("sarif_pydantic", reason="sarif-pydantic is not installed")
    for evidence in (sample(), hostile()):
        assert len(model.Sarif.model_validate_json(render_sarif(evidence)).runs[0].results) == 4


def test_sarif_fingerprints_stay_over_runs_and_differ_between_expectations() -> None:
    def prints(evidence: object) -> dict[str, str]:
        results = json.loads(render_sarif(evidence))["runs"][0]["results"]  # type: ignore[arg-type]
        return {
            r["properties"]["expectation"]: r["partialFingerprints"]["rolecallExpectation/v1"]
            for r in results
        }

    other = [
        replace(
            chain, expectations=tuple(replace(item, reason="other", line=1) for item in chain.expectations)
        )
        for chain in sample().chains
    ]
    now, before = prints(sample()), prints(replace(sample(), chains=tuple(other)))
    assert now == before
    assert len(set(now.values())) == len(now)


def test_sarif_suppresses_what_is_waived() -> None:
    results = json.loads(render_sarif(sample()))["runs"][0]["results"]
    waived = [r for r in results if "suppressions" in r]
    assert [r["properties"]["expectation"] for r in waived] == ["role-cannot-make-keys"]


def test_markdown_says_verdict_reason_changes_and_limits() -> None:
    text = render_markdown(sample(), comparison=diff(earlier_sample(), sample()))
    assert text.startswith("## ❌ 2 of 10 expectations failed, 1 could not be shown\n")
    assert "| assume-role | 5 | 1 | 1 | 1 |" in text
    assert "nearest miss: policies/three-hops/workload-reader-trust.json&#58;4" in text
    assert "**document changed** AmazonEC2FullAccess" in text
    assert "What this run does not prove" in text


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        ((), "no account"),
        ((HOME,), f"account {HOME}"),
        ((HOME, "111111111111"), f"accounts {HOME}, 111111111111"),
        (tuple(f"{n:012d}" for n in range(16)), "16 accounts"),
    ],
    ids=["none", "one", "two", "many"],
)
def test_many_accounts_are_told_by_their_number_in_every_first_line(ids: tuple[str, ...], told: str) -> None:
    evidence = replace(sample(), run=replace(sample().run, account=", ".join(ids)))
    assert f" — target moto, {told}, 2026-" in render_markdown(evidence)
    assert f" on moto, {told}, in " in render_terminal(evidence)
    assert f" on moto, {told}.</p>" in render_html(sample(), baseline=evidence)


def test_hostile_text_makes_no_markup_in_markdown() -> None:
    text = render_markdown(hostile(), comparison=diff(sample(), hostile()))
    # GitHub looks for mentions, references and links in what entities stand for, too.
    assert not re.search(r"[@#]\w|www\.|://|\bGH-\d", unescape(text))
    for sign in ("<img", "<script", "](", "@everyone", "`code`", "javascript:"):
        assert sign not in text
    assert not re.search("[\x00\x1b\u202e\ud800-\udfff]", text)


def test_hostile_text_is_still_xml() -> None:
    root = ET.fromstring(render_junit(hostile()))  # noqa: S314 (our own text)
    assert len(list(root.iter("testcase"))) == 10


def test_terminal_says_who_could_what_and_where_the_report_is() -> None:
    lines = render_terminal(sample(), report="reports/index.html").splitlines()
    assert "  assume-role-user could not ec2:DescribeInstances" in lines
    assert "  assume-role-user could reach assume-role-role" in lines
    assert "      decided by AmazonEC2FullAccess, statement 0" in lines
    assert lines[-2:] == [
        "2 of 10 expectations failed, 1 could not be shown on moto, account 278805249149, in 3.41 s.",
        "Report: reports/index.html",
    ]


def test_terminal_shows_no_control_character() -> None:
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", render_terminal(hostile()))


def test_diff_names_every_kind_of_change() -> None:
    before, after = earlier_sample(), sample()
    kinds = {change.key: change.kind for change in diff(before, after).changes}
    assert kinds == {
        "assume-role/base-user-cannot-describe-ec2": "changed reason",
        "assume-role/role-cannot-terminate": "new",
        "assume-role/role-reads-prices": "still failing",
        "assume-role/only-that-user-assumes": "added",
        "three-hops/runner-reaches-reader": "still failing",
    }
    back = {change.key: change.kind for change in diff(after, before).changes}
    assert back["assume-role/role-cannot-terminate"] == "fixed"
    assert back["assume-role/only-that-user-assumes"] == "removed"


def test_what_is_new_in_every_run_is_no_other_reason() -> None:
    """When a session ends, ids of the target, durations, and the names that a run gave to its principals."""
    whole = sample()
    chain = whole.chains[0]

    def again(item: Expectation) -> Expectation:
        observed = item.observed
        if observed is None:
            return item
        calls = tuple(
            replace(
                call, request_id="other", message=f"{call.message} x", answer="until tomorrow", duration=9.0
            )
            for call in observed.calls
        )
        return replace(
            item, reason=f"{item.reason} x", observed=replace(observed, reason="other", calls=calls)
        )

    later = replace(chain, expectations=tuple(map(again, chain.expectations)))
    found = diff(whole, replace(whole, chains=(later, *whole.chains[1:])))
    assert {change.kind for change in found.changes} == {"still failing"}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"stage": "scps"}, "changed reason"),
        ({"blocked_by": ("scps", "identity_policies")}, "changed reason"),
        ({"statements": ()}, None),
        ({"reason": "the same in other words"}, None),
    ],
)
def test_another_reason_is_another_policy_type_or_statement(
    change: dict[str, object], kind: str | None
) -> None:
    whole = sample()
    chain = whole.chains[0]
    first = chain.expectations[0]
    assert first.predicted is not None
    item = replace(first, predicted=replace(first.predicted, **change))  # type: ignore[arg-type]
    after = replace(
        whole, chains=(replace(chain, expectations=(item, *chain.expectations[1:])), *whole.chains[1:])
    )
    kinds = {one.key: one.kind for one in diff(whole, after).changes}
    assert kinds.get(f"{chain.name}/{first.id}") == kind


def test_diff_of_a_run_with_itself_has_no_change_but_what_still_fails() -> None:
    found = diff(sample(), sample())
    assert {change.kind for change in found.changes} == {"still failing"}
    assert found.documents == ()


def test_expectation_that_fails_the_day_it_is_written_is_new() -> None:
    empty = replace(sample(), chains=())
    assert "assume-role/role-cannot-terminate" in {c.key for c in diff(empty, sample()).of("new")}


def test_a_disagreement_comes_first_in_every_view() -> None:
    whole = sample()
    first = whole.chains[0]
    told = "ec2 <b>x</b>: the engine says allowed, the target answered denied"
    item = replace(first.expectations[1], disagreement=told, simulated="SimulatePrincipalPolicy says no")
    changed = replace(first, expectations=(first.expectations[0], item, *first.expectations[2:]))
    evidence = replace(whole, chains=(changed, *whole.chains[1:]))
    terminal = render_terminal(evidence).splitlines()
    assert terminal[0] == f"! engine and target differ in {first.name}/{item.id}: {told}"
    markdown = render_markdown(evidence)
    assert markdown.index("Engine and target differ") < markdown.index("| chain | passed")
    assert "<b>" not in markdown
    page = render_html(evidence)
    assert page.index("Engine and target differ</h2>") < page.index('class="e ')
    assert "the engine says allowed, the target answered denied" in page
    assert "<b>x</b>" not in page
    assert "SimulatePrincipalPolicy says no" in page
    assert "differ</h2>" not in render_html(whole)
    assert "differ" not in render_terminal(whole)
