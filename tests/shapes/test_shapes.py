"""Every shape holds on moto as it is shipped, and its broken twins fail for the stated reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.chains import load_chain, load_chains
from rolecall.runs import failure_text
from rolecall.verdicts import Status, Verdict
from tests.shapes.conftest import POLICIES
from tests.shapes.twins import TWINS, Twin

SHAPES = sorted(folder.name for folder in POLICIES.iterdir() if (folder / "chain.yaml").is_file())
Verified = Callable[[Path], dict[str, Verdict]]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_promise_of_a_shape_is_kept_and_engine_and_target_agree(shape: str, verified: Verified) -> None:
    verdicts = verified(POLICIES / shape)

    kept = {Status.PASSED, Status.WAIVED}
    assert {found.reason for found in verdicts.values() if found.status not in kept} == set()
    assert {found.disagreement for found in verdicts.values()} == {""}


@pytest.mark.parametrize("twin", TWINS, ids=[twin.id for twin in TWINS])
def test_a_broken_twin_fails_in_these_promises_for_these_reasons(
    twin: Twin, verified: Verified, copy: Callable[[str], Path]
) -> None:
    folder = copy(twin.shape)
    text = (folder / twin.file).read_text()
    assert twin.old in text
    (folder / twin.file).write_text(text.replace(twin.old, twin.new))

    verdicts = verified(folder)

    failed = {name: found for name, found in verdicts.items() if found.status is Status.FAILED}
    chain = load_chain(folder)
    told = {name: failure_text(chain, found) for name, found in failed.items()}
    assert told.keys() == twin.broken.keys(), "\n".join(told.values())
    for name, reason in twin.broken.items():
        assert reason in told[name]
    assert {found.status for found in verdicts.values()} <= {Status.FAILED, Status.PASSED, Status.WAIVED}
    assert {found.disagreement for found in verdicts.values()} == {""}


def test_every_shape_has_a_twin() -> None:
    # The runner's own policy is verified like a shape, but is none.
    shapes = set(SHAPES) - {"runner"}
    assert {twin.shape for twin in TWINS} == shapes
    assert len(shapes) == 12


def test_no_two_shapes_share_an_account() -> None:
    accounts = [
        number
        for chain in load_chains([POLICIES / name for name in SHAPES])
        for number in chain.accounts.values()
    ]

    assert len(set(accounts)) == len(accounts)
