"""Prediction and observation say the same, whatever a chain looks like."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rolecall.chains import load_chain
from rolecall.probes import Seen
from rolecall.runs import Workshop
from tests.shapes.random_chains import write_chain

# ROLECALL_THOROUGH=1 tries thirty times as many chains, ROLECALL_FIRST_CHAIN others.
CHAINS = 240 if os.environ.get("ROLECALL_THOROUGH") else 8
FIRST = int(os.environ.get("ROLECALL_FIRST_CHAIN", "0"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + CHAINS))
def test_engine_and_target_agree_on_a_chain_at_random(seed: int, workshop: Workshop, tmp_path: Path) -> None:
    chain = load_chain(write_chain(seed, tmp_path))
    try:
        verdicts = [workshop.verify(chain, expectation) for expectation in chain.expectations]
    finally:
        workshop.remove(chain.name)
    assert workshop.left == []
    for verdict in verdicts:
        seen = {observed.answer.seen for observed in verdict.observation.calls}
        said = f"{verdict.expectation.id}: {verdict.reason}; {verdict.disagreement}"
        assert verdict.disagreement == "", said
        assert Seen.INCONCLUSIVE not in seen, said
        if not verdict.prediction.allowed:
            assert Seen.DENIED in seen or not seen, said
        else:
            assert Seen.DENIED not in seen, said
