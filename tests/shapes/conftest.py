"""What the tests of the shapes share: the chains as they are shipped, and a workshop on embedded moto."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rolecall.chains import Chain, load_chain
from rolecall.iam.catalog import load_catalog
from rolecall.runs import Workshop
from rolecall.targets.embedded import EmbeddedTarget
from rolecall.targets.managed_policies import shipped_policy
from rolecall.verdicts import Verdict, negatives, waive

POLICIES = Path(__file__).parents[2] / "policies"


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    """A workshop on the moto target; what it leaves behind fails the module."""
    made = Workshop(EmbeddedTarget("moto", "us-east-1", _now), load_catalog(), shipped_policy, clock=_now)
    yield made
    assert made.close() == ()


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[str], Path]:
    """A function that copies the folder of a shape; it gives the copy."""

    def make(shape: str) -> Path:
        return Path(shutil.copytree(POLICIES / shape, tmp_path / shape))

    return make


@pytest.fixture
def verified(workshop: Workshop) -> Iterator[Callable[[Path], dict[str, Verdict]]]:
    """A function from a chain's folder to the verdict of every expectation, automatic ones included."""
    names: list[str] = []

    def verify(folder: Path) -> dict[str, Verdict]:
        chain: Chain = load_chain(folder)
        # A chain of that name that was edited since is another one.
        workshop.remove(chain.name)
        names.append(chain.name)
        waivers = {waiver.expectation: waiver for waiver in chain.waivers}
        return {
            expectation.id: waive(
                workshop.verify(chain, expectation), waivers.get(expectation.id), _now().date()
            )
            for expectation in (*chain.expectations, *negatives(chain))
        }

    yield verify
    for name in names:
        workshop.remove(name)
