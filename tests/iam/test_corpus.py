"""Every example and rule of AWS's documentation that the corpus holds, asked of the engine."""

from __future__ import annotations

import pytest

from rolecall.errors import MalformedPolicyDocument
from rolecall.iam import Outcome, evaluate, parse_policy
from rolecall.iam.simulation import decide_case
from tests.iam.corpus_cases import Expectation, enforcement_rows, expectations

ALL = expectations()
DECIDED = [item for item in ALL if item.needs is None]
SIMULATED = [item for item in DECIDED if not item.principal_facts]
EXPLAINED = [item for item in DECIDED if item.blocked_by or item.statements or item.contested]


def _ids(items: list[Expectation]) -> list[str]:
    return [item.id for item in items]


@pytest.mark.parametrize("item", DECIDED, ids=_ids(DECIDED))
def test_verdict_is_what_the_page_says(item: Expectation) -> None:
    decision = evaluate(item.request(), item.policies(), item.chosen())
    assert item.accepts(decision.verdict.value), (
        f"{item.source} says {item.expect}, the engine {decision.verdict.value}"
    )


@pytest.mark.parametrize("item", SIMULATED, ids=_ids(SIMULATED))
def test_simulate_gives_the_same_verdict_with_and_without_detail(item: Expectation) -> None:
    detailed = decide_case({"id": item.id, **item.case}, switches=item.chosen())
    short = decide_case({"id": item.id, **item.case}, detail=False, switches=item.chosen())
    assert "error" not in detailed, detailed
    assert item.accepts(detailed["decision"])
    assert short == {"id": item.id, "decision": detailed["decision"]}


@pytest.mark.parametrize("item", EXPLAINED, ids=_ids(EXPLAINED))
def test_explanation_names_what_the_page_names(item: Expectation) -> None:
    decision = evaluate(item.request(), item.policies(), item.chosen())
    assert set(item.blocked_by) <= {stage.value for stage in decision.blocked_by}
    if item.contested is not None:
        assert set(item.contested) <= set(decision.contested)
    if item.statements is not None:
        shown = decide_case({"id": item.id, **item.case}, switches=item.chosen())["statements"]
        assert shown == list(item.statements)


@pytest.mark.parametrize("item", DECIDED, ids=_ids(DECIDED))
def test_explanation_agrees_with_the_verdict(item: Expectation) -> None:
    decision = evaluate(item.request(), item.policies(), item.chosen())
    effects = {match.statement.effect.value for match in decision.statements}
    if decision.verdict is Outcome.ALLOWED:
        assert decision.blocked_by == ()
        assert effects <= {"Allow"}
    else:
        assert decision.blocked_by
        assert decision.stage in decision.blocked_by
        if decision.verdict is Outcome.EXPLICIT_DENY and decision.stage.value != "call":
            assert effects == {"Deny"}
        if decision.verdict is Outcome.IMPLICIT_DENY:
            assert "Deny" not in effects


def test_corpus_holds_every_row_of_the_documented_examples() -> None:
    found = {item.id.split("-")[0] for item in ALL} | {row["row"] for row in enforcement_rows()}
    wanted = {f"E{n:02}" for n in range(1, 91)} | {f"T{n:02}" for n in range(1, 23)}
    wanted |= {f"M{n:02}" for n in range(1, 22)}
    conditions = [*range(1, 32), *range(33, 58), *range(62, 79)]
    wanted |= {f"C{n:02}" for n in conditions}
    assert wanted - found == set()


def test_ids_are_unique() -> None:
    ids = _ids(list(ALL))
    assert len(ids) == len(set(ids))


def test_variables_in_an_action_are_refused() -> None:
    """UG:reference_policies_variables: no variables in Action; the second colon gives them away."""
    with pytest.raises(MalformedPolicyDocument, match=r"service:Name"):
        parse_policy({"Statement": {"Effect": "Allow", "Action": "ec2:${svc:name}", "Resource": "*"}})


def test_whatever_policies_cannot_decide_says_who_can() -> None:
    assert {item.needs for item in ALL} <= {None, "lint"}
    assert {row["needs"] for row in enforcement_rows()} == {"enforcement"}
