"""When an answer counts: pure, with a clock that only waiting moves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain, cycle, repeat
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rolecall.probes import Answer, Seen
from rolecall.probes.patience import Patience
from tests.account.targets import Clock

ALLOWED = Answer("arn", "ec2:DescribeInstances", "*", "aws ec2 describe-instances", Seen.ALLOWED)
IMPLICIT = "because no identity-based policy allows the ec2:DescribeInstances action"


def denied(message: str = IMPLICIT) -> Answer:
    return Answer("arn", "a:B", "*", "aws", Seen.DENIED, error_code="AccessDenied", message=message)


UNKNOWN_KEY = Answer("arn", "a:B", "*", "aws", Seen.INCONCLUSIVE, error_code="InvalidClientTokenId")
NO, YES, KEY = denied(), ALLOWED, UNKNOWN_KEY


def settle(answers: Iterable[Answer], *, in_a_row: int = 3, **how: Any) -> tuple[Answer, float]:
    clock = Clock()
    patience = Patience(clock.sleep, clock, lambda: 0.5, budget=60, in_a_row=in_a_row)
    coming = iter(answers)
    settled: Callable[[], float | None] = how.pop("settled", lambda: 0.0)
    return patience.settle(lambda: next(coming), settled=settled, **how), clock.now


def forever(*first: Answer) -> Iterable[Answer]:
    return chain(first, repeat(first[-1]))


@pytest.mark.parametrize(
    ("answers", "promised", "foreseen", "settled", "seen", "quick"),
    [
        # what was promised and foreseen, at once or late
        ([YES], True, True, True, Seen.ALLOWED, True),
        ([KEY, KEY, NO, YES], True, True, True, Seen.ALLOWED, True),
        ([NO], False, False, True, Seen.DENIED, True),
        ([KEY, NO], False, False, True, Seen.DENIED, True),
        # flapping: never believed before it holds
        ([YES, NO, YES, NO, YES], True, True, True, Seen.ALLOWED, True),
        # a key that is never known is no denial
        ([KEY], False, False, True, Seen.INCONCLUSIVE, False),
        ([KEY], True, True, True, Seen.INCONCLUSIVE, False),
        # a denial without a control counts for nothing
        ([NO], False, False, False, Seen.INCONCLUSIVE, False),
        # a grant that the engine foresees and nobody sees: never passed
        ([NO], False, True, True, Seen.INCONCLUSIVE, False),
        ([NO, NO, NO, NO, YES], False, True, True, Seen.ALLOWED, True),
        # a deny that is not seen yet: an early allow is no failure
        ([YES, YES, YES, YES, NO], False, False, True, Seen.DENIED, True),
        # a positive promise that never comes true is denied when its time is over, not before
        ([NO], True, True, True, Seen.DENIED, False),
        ([NO], True, False, True, Seen.DENIED, False),
        # against the engine all the time: the observation stands
        ([YES], False, False, True, Seen.ALLOWED, False),
        ([YES], True, False, True, Seen.ALLOWED, False),
    ],
)
def test_an_answer_counts_when_it_must(
    answers: list[Answer], promised: bool, foreseen: bool, settled: bool, seen: Seen, quick: bool
) -> None:
    since = 0.0 if settled else None
    answer, gone = settle(forever(*answers), promised=promised, foreseen=foreseen, settled=lambda: since)
    assert answer.seen is seen
    assert (gone < 30) is quick
    assert answer.attempts == len(answer.waits) + 1
    assert sum(answer.waits) == pytest.approx(gone, abs=0.1)
    assert gone <= 61


def test_a_key_that_is_never_known_is_no_refusal_of_anything() -> None:
    for promised in (True, False):
        answer, gone = settle(forever(UNKNOWN_KEY), promised=promised, foreseen=True)
        assert (answer.seen, answer.error_code) == (Seen.INCONCLUSIVE, "NotSettled")
        assert "the key is not known after 60 s; last: InvalidClientTokenId" in answer.message
        assert gone >= 60


def test_answers_that_never_settle_are_inconclusive_with_what_was_seen() -> None:
    for promised in (True, False):
        answer, gone = settle(
            (YES if n % 2 else NO for n in range(10_000)), promised=promised, foreseen=promised
        )
        assert answer.seen is Seen.INCONCLUSIVE
        assert answer.error_code == "NotSettled"
        assert "did not settle within 60 s" in answer.message
        assert "allowed" in answer.message
        assert "denied" in answer.message
        assert gone >= 60


@pytest.mark.parametrize("in_a_row", [1, 2, 5])
def test_it_must_hold_so_often_in_a_row(in_a_row: int) -> None:
    assert settle(forever(YES), promised=True, foreseen=True, in_a_row=in_a_row)[0].attempts == in_a_row


def test_an_explicit_deny_needs_no_control() -> None:
    explicit = denied("with an explicit deny in an identity-based policy")
    answer, gone = settle(forever(explicit), promised=False, foreseen=False, settled=lambda: None)
    assert answer.seen is Seen.DENIED
    assert gone < 5


def test_a_denial_of_the_organization_stands_against_the_engine() -> None:
    scp = denied("because no service control policy allows the ec2:DescribeInstances action")
    assert settle(forever(scp), promised=False, foreseen=True)[0].seen is Seen.DENIED


def test_the_wait_between_two_calls_can_have_a_floor() -> None:
    answer, _ = settle(forever(YES), promised=True, foreseen=True)
    assert all(wait < 1 for wait in answer.waits)
    clock = Clock()
    patience = Patience(clock.sleep, clock, lambda: 0.5, budget=100)
    answer = patience.settle(lambda: YES, promised=True, foreseen=True, settled=lambda: 0.0, least_wait=31)
    assert all(wait >= 31 for wait in answer.waits)


def test_denials_from_before_the_control_passed_do_not_count() -> None:
    clock = Clock()
    patience = Patience(clock.sleep, clock, lambda: 0.5, budget=60)

    def control() -> float:
        # Waiting until the principal is seen takes half a minute; what was denied meanwhile may be a grant
        # that the engine knows nothing of.
        clock.now = max(clock.now, 30.0)
        return 30.0

    def ask() -> Answer:
        return NO if clock.now < 30 else YES

    answer = patience.settle(ask, promised=False, foreseen=False, settled=control)
    assert answer.seen is Seen.INCONCLUSIVE
    clock.now = 0.0
    answer = patience.settle(lambda: NO, promised=False, foreseen=False, settled=control)
    assert (answer.seen, answer.attempts, clock.now < 35) == (Seen.DENIED, 6, True)


def test_what_only_age_shows_is_asked_again_once_it_is_old_enough() -> None:
    clock = Clock()
    patience = Patience(clock.sleep, clock, lambda: 0.5, budget=60)
    asked: list[float] = []

    def ask() -> Answer:
        asked.append(clock.now)
        return NO

    def aged() -> float | None:
        return 60.0 if clock.now >= 60 else None

    assert patience.settle(ask, promised=False, foreseen=False, settled=aged).seen is Seen.DENIED
    assert sum(at >= 60 for at in asked) == 3
    assert clock.now < 62


@given(
    early=st.lists(st.sampled_from([NO, YES, KEY]), min_size=1, max_size=80),
    late=st.floats(0, 50),
    shown=st.one_of(st.none(), st.floats(0, 8)),
    truth=st.booleans(),
    promised=st.booleans(),
    foreseen=st.sampled_from(["right", "wrong", "nothing"]),
)
@example(early=[NO], late=20.0, shown=1.0, truth=True, promised=False, foreseen="wrong")
@example(early=[YES], late=20.0, shown=1.0, truth=False, promised=False, foreseen="right")
def test_no_order_of_early_answers_makes_a_denial_of_a_grant_that_comes_late(
    early: list[Answer], late: float, shown: float | None, truth: bool, promised: bool, foreseen: str
) -> None:
    """Whatever is answered before ``late``, and whether a control passes ``shown`` after it or never."""
    clock = Clock()
    patience = Patience(clock.sleep, clock, lambda: 0.5, budget=60)
    coming = cycle(early)

    def ask() -> Answer:
        settled = YES if truth else NO
        if clock.now >= late:
            return settled
        answer = next(coming)
        # Where the engine is wrong, what is seen too early is at least no grant that does not exist.
        return answer if foreseen == "right" or truth or answer is not YES else NO

    def control() -> float | None:
        if shown is None:
            return None
        clock.now = max(clock.now, late + shown)  # it waits until it passes
        return late + shown

    said = {"right": truth, "wrong": not truth, "nothing": None}[foreseen]
    answer = patience.settle(ask, promised=promised, foreseen=said, settled=control)
    right = Seen.ALLOWED if truth else Seen.DENIED
    assert answer.seen in (right, Seen.INCONCLUSIVE), (answer, clock.now)


def test_who_waits_for_what_is_told() -> None:
    clock, told = Clock(), []
    patience = Patience(clock.sleep, clock, lambda: 0.5, budget=20, told=told.append)
    patience.settle(lambda: NO, promised=True, foreseen=True, settled=lambda: 0.0)
    assert told[0].principal == "arn"
    assert told[0].seen == "AccessDenied"
    assert [one.gone for one in told] == sorted(one.gone for one in told)
