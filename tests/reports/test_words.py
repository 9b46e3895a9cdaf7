"""Words that the views share: long and repeated texts are told once and short."""

from __future__ import annotations

from dataclasses import replace

from rolecall.reports import Call, Observation, Prediction, render_html, render_terminal
from rolecall.reports.words import agreement, listed, predicted, reason_seen, seconds, tally, told
from tests.reports.sample import sample

BLOB = "U6-C1dPX6cWUTzIeGfkp" * 20
MESSAGE = f"You are not authorized to perform this operation. Encoded authorization failure message: {BLOB}"


def _call(outcome: str, message: str = "") -> Call:
    return Call("arn", "ec2:X", "*", "ec2 x", outcome, message=message)  # type: ignore[arg-type]


def test_encoded_authorization_message_is_only_counted() -> None:
    assert told(MESSAGE).endswith("failure message: (400 characters, in evidence.json)")
    assert told("Encoded authorization failure message: short") == (
        "Encoded authorization failure message: short"
    )


def test_observed_reason_does_not_repeat_the_message_of_the_call() -> None:
    calls = (_call("denied", MESSAGE),)
    assert reason_seen(Observation("denied", f"implicit deny: {MESSAGE}", calls)) == "implicit deny"
    assert reason_seen(Observation("denied", MESSAGE, calls)) == told(MESSAGE)
    assert reason_seen(Observation("denied", "another reason", calls)) == "another reason"


def test_encoded_message_is_in_no_page() -> None:
    chain = sample().chains[0]
    item = replace(
        chain.expectations[0], observed=Observation("denied", MESSAGE, (_call("denied", MESSAGE),))
    )
    html = render_html(replace(sample(), chains=(replace(chain, expectations=(item,)),)))
    assert BLOB not in html
    assert "(400 characters, in evidence.json)" in html


def test_calls_of_a_promise_about_a_set_are_tallied() -> None:
    calls = (_call("denied"), _call("allowed"), _call("denied"))
    assert tally(Observation("denied", "", calls)) == "3 calls: 1 allowed, 2 denied"
    assert tally(Observation("denied", "")) == "denied, without a call"


def test_engine_and_target_that_differ_are_counted_and_what_was_not_shown_is_not() -> None:
    assert agreement(sample()) == (7, 7)  # two promises are about sets, no single answer
    chain = sample().chains[0]
    item = replace(chain.expectations[0], observed=Observation("allowed", ""))
    changed = replace(chain, expectations=(item, *chain.expectations[1:]))
    assert agreement(replace(sample(), chains=(changed,))) == (4, 5)


def test_role_without_named_resource_could_be_reached() -> None:
    chain = sample().chains[0]
    item = replace(chain.expectations[1], principal="assume-role-role", resources=())
    text = render_terminal(replace(sample(), chains=(replace(chain, expectations=(item,)),)))
    assert "  assume-role-role could be reached" in text.splitlines()


def test_durations_are_told_in_fitting_units() -> None:
    assert [seconds(value) for value in (0.018, 3.412, 125.0)] == ["18 ms", "3.41 s", "2 min 5 s"]


def test_outcome_of_a_prediction_is_said_once() -> None:
    denied = Prediction("implicitDeny", "identity_policies", "implicitly denied: none allows it")
    assert predicted(denied) == ("implicitly denied", ": none allows it")
    hop = replace(denied, stage="resource_policy", reason="a → b is refused: implicitly denied: none does")
    assert predicted(hop) == ("implicitly denied", " by resource-based policy: a → b is refused: none does")
    assert predicted(replace(denied, outcome="allowed", reason="allowed by p")) == ("allowed", " by p")


def test_long_lists_are_told_by_their_number() -> None:
    assert listed("111122223333", "account") == "111122223333"
    assert listed(", ".join(["111122223333"] * 5), "account") == "5 accounts"
