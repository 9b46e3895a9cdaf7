"""No view says more than the run showed: what it never came to, never asked, or asked otherwise."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rolecall.chains import load_chain
from rolecall.reports import (
    Evidence,
    Expected,
    diff,
    merge,
    render_html,
    render_junit,
    render_markdown,
    render_sarif,
    render_terminal,
)
from rolecall.reports.documents_of import DocumentIndex
from rolecall.reports.limits import limits_of
from rolecall.reports.one_chain import only_chains
from rolecall.reports.page.matrix import matrix
from rolecall.reports.page.picture import picture
from rolecall.reports.recording import record_failure
from tests.reports.sample import sample

if TYPE_CHECKING:
    from rolecall.reports import Expectation

ROOT = Path(__file__).parents[2]
WHY = "create-role assume-role-role failed: MalformedPolicyDocument"


def only_passed(*missing: str) -> Evidence:
    """The sample with what passed alone, and ``missing`` not come to."""
    whole = sample()
    first = whole.chains[0]
    kept = tuple(item for item in first.expectations if item.verdict == "passed")
    chain = replace(first, expectations=kept, waivers=())
    return replace(whole, run=replace(whole.run, unchecked=missing), chains=(chain,))


def changed(position: int, **fields: object) -> Evidence:
    """The sample, one expectation of its first chain another."""
    whole = sample()
    chain = whole.chains[0]
    items = list(chain.expectations)
    items[position] = replace(items[position], **fields)  # type: ignore[arg-type]
    return replace(whole, chains=(replace(chain, expectations=tuple(items)), *whole.chains[1:]))


def not_built() -> Evidence:
    """Nothing of the first chain could be verified, and for the same reason nothing of the second."""

    def lost(item: Expectation) -> Expectation:
        return replace(
            item, verdict="inconclusive", reason=WHY, predicted=None, observed=None, disagreement=""
        )

    whole = sample()
    return replace(
        whole,
        chains=tuple(
            replace(chain, expectations=tuple(map(lost, chain.expectations)), waivers=())
            for chain in whole.chains
        ),
    )


def test_all_is_said_of_nothing_less_than_all_promises() -> None:
    complete, partial = only_passed(), only_passed("assume-role/late", "other/never", "other/nor-this")
    assert "All 5 expectations passed" in render_html(complete)
    assert 'class="banner passed"' in render_html(complete)
    page = render_html(partial)
    assert "<title>? 5 of 8 expectations passed, 3 were not checked" in page
    assert 'class="banner inconclusive"' in page
    assert "Not checked in this run" in page
    assert "never, nor-this" in page
    assert "All 5" not in page
    markdown = render_markdown(partial)
    assert markdown.startswith("## ❔ 5 of 8 expectations passed, 3 were not checked\n")
    assert "- **not checked** in chain other&#58; 2" in markdown.replace("chain other:", "chain other&#58;")
    last = render_terminal(partial).splitlines()[-1]
    assert last.startswith("5 of 8 expectations passed on moto")
    assert "; 3 were not checked." in last
    first = partial.chains[0].expectations[0]
    alone = replace(partial.chains[0], expectations=(replace(first, observed=None),))
    assert " 1 of those checked by the engine alone" in render_terminal(replace(partial, chains=(alone,)))
    (run,) = json.loads(render_sarif(partial))["runs"]
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"] == "3 were not checked: 1 of assume-role, 2 of other"


def test_what_another_shard_checked_is_checked() -> None:
    whole = sample()
    first, second = whole.chains
    keys = {
        chain.name: tuple(f"{chain.name}/{item.id}" for item in chain.expectations)
        for chain in (first, second)
    }
    one = replace(whole, chains=(first,), run=replace(whole.run, unchecked=keys["three-hops"]))
    other = replace(
        whole, chains=(second,), run=replace(whole.run, id="w2", unchecked=(*keys["assume-role"], "x/y"))
    )
    assert merge([one, other]).run.unchecked == ("x/y",)
    assert only_chains(other, ["three-hops"]).run.unchecked == ()


def test_what_was_not_come_to_is_neither_removed_nor_new() -> None:
    whole = sample()
    late = whole.chains[0].expectations[1]
    without = replace(
        whole,
        run=replace(whole.run, unchecked=(f"assume-role/{late.id}",)),
        chains=(
            replace(
                whole.chains[0],
                expectations=tuple(item for item in whole.chains[0].expectations if item.id != late.id),
            ),
            *whole.chains[1:],
        ),
    )
    kinds = {change.key: change.kind for change in diff(whole, without).changes}
    assert kinds[f"assume-role/{late.id}"] == "not checked"
    assert f"assume-role/{late.id}" not in {change.key for change in diff(without, whole).changes}


@pytest.mark.parametrize("verdict", ["failed", "passed"])
def test_a_promise_that_was_turned_round_is_neither_fixed_nor_the_same(verdict: str) -> None:
    before = changed(1, verdict=verdict, reason="as it was")
    after = changed(1, verdict="passed", expected=Expected("denied"), title="it cannot be reached")
    (change,) = (one for one in diff(before, after).changes if one.expectation == "user-reaches-role")
    assert change.kind == "changed promise"
    page = render_html(after, baseline=before)
    assert "Something else is promised" in page
    assert "Same promise" not in page
    assert "it cannot be reached: denied</ins>" in page


def test_names_that_a_run_gave_make_no_other_promise() -> None:
    def named(name: str) -> Evidence:
        made = changed(0, resources=(f"arn:aws:s3:::{name}",), when={"s3:prefix": name})
        return replace(made, run=replace(made.run, target="account"))

    first = "assume-role/base-user-cannot-describe-ec2"
    assert first not in {change.key for change in diff(named("rc-1"), named("rc-2")).changes}


def test_the_context_of_a_promise_is_said_with_it() -> None:
    evidence = changed(0, when={"aws:RequestedRegion": "us-west-2"})
    assert "when aws:RequestedRegion is us-west-2" in render_html(evidence)
    assert 'value="aws:RequestedRegion: us-west-2"' in render_junit(evidence)


def test_an_inconclusive_closure_is_not_said_to_be_broken() -> None:
    chain = not_built().chains[0]
    words = {word for _, cells in matrix(chain).rows for cell in cells for _, word, _ in cell.found}
    assert words == {"not shown"}


def test_a_waived_promise_is_not_kept() -> None:
    (strand,) = picture(sample().chains[0]).strands
    note = next(box.note for box in strand.principals if box.name == "assume-role-role")
    own = [item for item in sample().chains[0].expectations if item.principal == "assume-role-role"]
    assert "waived" in {item.verdict for item in own}
    assert note == f"{sum(item.verdict == 'passed' for item in own)} of {len(own)} kept"


def test_a_ladder_tells_whether_its_hop_was_observed() -> None:
    strand = picture(sample().chains[1]).strands[0]
    assert [ladder.notes[0] for ladder in strand.ladders] == [
        "predicted allowed, observed allowed",
        "predicted allowed, observed allowed",
        "predicted denied, observed denied",
    ]
    strand = picture(not_built().chains[1]).strands[0]
    assert {ladder.notes[0].partition(", ")[2] for ladder in strand.ladders} == {"not observed by itself"}


def test_a_control_for_which_nothing_passed_bears_no_tick() -> None:
    page = render_html(not_built())
    assert "none passed: no evidence for it" in page
    assert "✓ 0 passed" not in page


def test_what_could_not_be_verified_is_an_error_in_junit() -> None:
    root = ET.fromstring(render_junit(not_built()))  # noqa: S314 (our own text)
    assert root.attrib["errors"] == "10"
    assert len(list(root.iter("error"))) == 10
    assert not list(root.iter("skipped"))
    assert {suite.attrib["skipped"] for suite in root.iter("testsuite")} == {"0"}
    root = ET.fromstring(render_junit(sample()))  # noqa: S314
    assert root.attrib["errors"] == "0"
    assert len(list(root.iter("skipped"))) == 2
    strict = replace(sample(), run=replace(sample().run, fail_on_inconclusive=True))
    root = ET.fromstring(render_junit(strict))  # noqa: S314
    assert root.attrib["failures"] == "3", "as pytest told it"


def test_one_reason_is_told_once() -> None:
    text = render_terminal(not_built())
    assert text.count(WHY) == 1
    assert f"  ? 8 inconclusive: {WHY}" in text.splitlines()
    assert "  ? 2 inconclusive: for the same reason as in assume-role" in text.splitlines()
    markdown = render_markdown(not_built())
    assert markdown.count("MalformedPolicyDocument") == 1
    assert "- 9 more are alike: assume-role/user-reaches-role, " in markdown
    head = render_html(not_built()).partition('<section class="chain')[0]
    assert head.count(WHY) == 1
    assert "10 alike" in head


def test_failures_and_what_could_not_be_shown_are_both_in_the_headline() -> None:
    assert "2 of 10 expectations failed, 1 could not be shown" in render_html(sample())


def test_a_target_that_was_never_asked_answered_nothing() -> None:
    assert not any("answered" in limit for limit in limits_of("endpoint", asked=False))
    assert any("answered" in limit for limit in limits_of("endpoint"))
    page = render_html(replace(not_built(), run=replace(sample().run, account="")))
    assert "none was entered" in page


def test_a_document_that_was_altered_after_the_run_is_loud() -> None:
    whole = sample()
    first = replace(whole.documents[0], text=whole.documents[0].text.replace("Allow", "Deny"))
    page = render_html(replace(whole, documents=(first, *whole.documents[1:])))
    assert "Documents that are not as they were" in page
    assert "the evidence was altered after the run" in page
    assert "altered" not in render_html(whole)


def test_the_same_action_allowed_here_and_denied_there_is_told_apart() -> None:
    both = changed(
        2, principal="assume-role-user", actions=("ec2:DescribeInstances",), resources=("a:b:c:d:e:x",)
    )
    text = render_terminal(both)
    assert "  assume-role-user could reach assume-role-role, ec2:DescribeInstances on x" in text


def test_what_is_no_longer_observed_is_told_though_the_reason_reads_the_same() -> None:
    page = render_html(changed(0, observed=None), baseline=sample())
    assert re.search(r"<del>passed: [^<]* observed denied: UnauthorizedOperation\)</del>", page)
    assert re.search(r"<ins>passed: [^<]* no call was made\)</ins>", page)


def test_a_chain_that_was_not_run_is_not_said_to_be_removed() -> None:
    whole = sample()
    part = replace(whole, chains=whole.chains[:1])
    assert {change.kind for change in diff(whole, part).changes if change.chain == "three-hops"} == {
        "not checked"
    }


def test_an_action_that_was_not_called_is_not_said_to_be_observed() -> None:
    """One promise about two actions, of which one has no safe call."""
    first = sample().chains[0].expectations[0]
    assert first.predicted is not None
    evidence = changed(
        0,
        actions=("ec2:DescribeInstances", "iam:CreateUser"),
        predicted=replace(first.predicted, examined=2),
        not_called="no call of iam:CreateUser is safe",
    )
    cells = {label: row[0].found[0][1:] for label, row in matrix(evidence.chains[0]).rows if row[0].found}
    assert cells["ec2:DescribeInstances"] == ("cannot", False)
    assert cells["iam:CreateUser"] == ("cannot", True)
    page = render_html(evidence)
    assert "1 of 2 called, the rest predicted" in page
    assert "; not called: no call of iam:CreateUser is safe" in page
    assert "and 1 in part" in page
    assert "CreateUser" not in render_terminal(evidence)
    assert "1 of 2 called, the engine alone told the rest" in render_junit(evidence)


def test_each_action_of_a_promise_bears_its_own_answer() -> None:
    item = sample().chains[0].expectations[0]
    assert item.observed is not None
    (call,) = item.observed.calls
    other = replace(call, action="iam:ListUsers", outcome="allowed", error_code=None)
    evidence = changed(
        0,
        actions=("ec2:DescribeInstances", "iam:ListUsers"),
        verdict="failed",
        observed=replace(item.observed, calls=(call, other)),
    )
    cells = {label: row[0].found[0][1] for label, row in matrix(evidence.chains[0]).rows if row[0].found}
    assert (cells["ec2:DescribeInstances"], cells["iam:ListUsers"]) == ("cannot", "can")
    assert "  assume-role-user could iam:ListUsers, " in render_terminal(evidence)


def test_history_says_what_each_run_did_not_come_to() -> None:
    before = replace(sample().run, id="before", started="2026-11-01T00:00:00Z", unchecked=("a/b", "a/c"))
    page = render_html(sample(), history=[replace(sample(), run=before)])
    assert "before, 2 not checked</small>" in page


def test_a_title_says_all_of_its_promise() -> None:
    def told(chain_name: str, expectation: str) -> Expectation:
        chain = load_chain(ROOT / "policies" / chain_name / "chain.yaml")
        found = next(item for item in chain.expectations if item.id == expectation)
        return record_failure(found, chain, DocumentIndex(ROOT), "why")

    region = told("organization", "scp-denies-another-region")
    assert region.title == "workload cannot sqs:ListQueues when aws:RequestedRegion is us-west-2"
    assert region.when == {"aws:RequestedRegion": "us-west-2"}
    assert told("organization", "rcp-keeps-the-partner-out").title.endswith("is refused from partner")
    assert told("groups-and-paths", "otto-can-nothing").title == "otto can do nothing at all"
