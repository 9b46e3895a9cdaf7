"""The organization of a chain: in the engine's context, in force on the target, for its own chain only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rolecall.chains import load_chain, rebase
from rolecall.errors import InputError
from rolecall.runs import Workshop
from rolecall.targets.managed_policies import shipped_policy
from rolecall.verdicts import Status, World
from tests.shapes.conftest import POLICIES


def world(folder: Path = POLICIES / "organization") -> World:
    return World(load_chain(folder), shipped_policy, datetime(2026, 1, 1, tzinfo=UTC))


def test_members_carry_the_organization_and_outsiders_do_not() -> None:
    seen = world()
    inside, outside = (
        {
            key.lower(): value
            for key, value in seen.ask(seen.caller(name), "sqs:ListQueues").request.context.items()
        }
        for name in ("engineer", "partner")
    )

    assert inside["aws:principalorgid"] == inside["aws:resourceorgid"] == "o-exampleorgid"
    assert tuple(inside["aws:principalorgpaths"]) == ("o-exampleorgid/r-ab12/ou-ab12-11111111/",)
    assert not {"aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid"} & outside.keys()


def test_an_account_that_is_not_declared_is_told_with_its_place(copy: Callable[[str], Path]) -> None:
    folder = copy("organization")
    text = (folder / "chain.yaml").read_text()
    (folder / "chain.yaml").write_text(text.replace("accounts: {member: r-ab12", "accounts: {membre: r-ab12"))

    with pytest.raises(InputError) as told:
        load_chain(folder)

    assert 'organization.accounts.membre: no account "membre" is declared' in str(told.value)
    assert "chain.yaml:" in str(told.value)
    assert "member" in str(told.value)


def test_a_rebased_chain_keeps_its_organization() -> None:
    chain = rebase(load_chain(POLICIES / "organization"), {"member": "707070707070"})

    caller = World(chain, shipped_policy, datetime(2026, 1, 1, tzinfo=UTC)).caller("engineer")

    assert caller.facts.organization_id == "o-exampleorgid"


def test_the_guardrails_of_one_chain_do_not_touch_another_that_lives_beside_it(workshop: Workshop) -> None:
    guarded, other = load_chain(POLICIES / "organization"), load_chain(POLICIES / "boundaries")
    promises = [
        guarded.expectation(name) for name in ("rcp-keeps-the-partner-out", "scp-denies-another-region")
    ]

    before = [workshop.verify(guarded, promise).status for promise in promises]
    beside = workshop.verify(other, other.expectation("developer-reaches-application"))
    after = [workshop.verify(guarded, promise) for promise in promises]

    assert before == [Status.PASSED, Status.PASSED]
    assert beside.status is Status.PASSED
    assert [found.status for found in after] == [Status.PASSED, Status.PASSED]
    assert [found.disagreement for found in after] == ["", ""]
    for name in ("organization", "boundaries"):
        workshop.remove(name)
