"""History: since when an expectation fails, which one wavers, and which runs count."""

from __future__ import annotations

from dataclasses import replace

from rolecall.reports import Evidence, Expectation
from rolecall.reports.history import MOST, Trend, history_of
from tests.reports.sample import sample

KEY = "role-describes-ec2"


def run(day: int, verdict: str | None, *, target: str = "moto", **changes: object) -> Evidence:
    """The sample on a day of November, one expectation with a verdict (None: without it)."""
    whole = sample()
    chain = whole.chains[0]

    def changed(item: Expectation) -> Expectation:
        return replace(item, verdict=verdict, **changes)  # type: ignore[arg-type]

    items = tuple(
        changed(item) if item.id == KEY else item
        for item in chain.expectations
        if item.id != KEY or verdict is not None
    )
    return replace(
        whole,
        run=replace(whole.run, id=f"run-{day}", started=f"2026-11-{day:02d}T08:00:00Z", target=target),
        chains=(replace(chain, expectations=items), *whole.chains[1:]),
    )


def trend(*runs: Evidence) -> Trend:
    return next(one for one in history_of(runs[-1], runs[:-1]).trends if one.key == f"assume-role/{KEY}")


def test_failing_since_is_the_first_run_of_the_streak_and_absent_runs_do_not_break_it() -> None:
    found = trend(run(1, "failed"), run(2, "passed"), run(3, "inconclusive"), run(4, None), run(5, "failed"))
    assert found.verdicts == ("failed", "passed", "inconclusive", None, "failed")
    assert found.failing_since is not None
    assert found.failing_since.id == "run-3"


def test_what_passes_now_does_not_fail_since_anything() -> None:
    assert trend(run(1, "failed"), run(2, "passed")).failing_since is None
    assert trend(run(1, "failed"), run(2, "waived")).failing_since is None


def test_a_change_with_nothing_changed_wavers() -> None:
    assert trend(run(1, "passed"), run(2, "failed"), run(3, "passed")).wavers
    assert not trend(run(1, "passed"), run(2, "passed")).wavers
    assert not trend(run(1, "failed"), run(2, "inconclusive")).wavers


def test_a_change_that_has_a_cause_does_not_waver() -> None:
    now = run(2, "failed")
    moved = tuple(replace(document, sha256="0" * 64) for document in now.documents)
    assert not trend(run(1, "passed"), replace(now, documents=moved)).wavers
    assert not trend(run(1, "passed"), run(2, "failed", actions=("ec2:*",))).wavers
    assert not trend(run(1, "passed"), run(2, "failed", target="account")).wavers


def test_runs_come_in_any_order_once_and_none_from_after_this_one() -> None:
    runs = [run(day, "passed") for day in (3, 1, 2, 1, 9)]
    found = history_of(run(5, "passed"), runs)
    assert [evidence.run.id for evidence in found.runs] == ["run-1", "run-2", "run-3", "run-5"]


def test_eventful_ones_come_with_wavering_and_failing_first_and_steady_ones_are_counted_only() -> None:
    found = history_of(run(3, "passed"), [run(1, "passed"), run(2, "failed")])
    keys = [one.expectation.id for one in found.eventful]
    assert keys[0] == KEY
    assert "user-reaches-role" not in keys


def test_only_the_latest_runs_are_looked_at() -> None:
    first = run(1, "passed")
    many = [replace(first, run=replace(first.run, id=f"r{n:02d}")) for n in range(MOST + 5)]
    found = history_of(run(2, "passed"), many)
    assert (len(found.runs), found.left_out) == (MOST, 6)
