"""The fixtures: session-scoped, and overridable by name."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from rolecall.pytest_plugin.state import EVIDENCE_PROPERTY, STATE, VERDICT, Promise

if TYPE_CHECKING:
    from rolecall.chains import Chain
    from rolecall.reports.handover import Handover
    from rolecall.runs import Workshop
    from rolecall.verdicts import ManagedPolicies

__all__ = ["chains", "managed_policies", "verify", "workshop"]


@pytest.fixture(scope="session")
def managed_policies() -> ManagedPolicies:
    """Where the documents of AWS managed policies come from: a function from ARN to policy."""
    from rolecall.targets.managed_policies import shipped_policy

    return shipped_policy


@pytest.fixture(scope="session")
def workshop(request: pytest.FixtureRequest, managed_policies: ManagedPolicies) -> Iterator[Workshop]:
    """The target of this run, on which chains are provisioned when needed and removed in the end."""
    from rolecall.iam.catalog import load_catalog
    from rolecall.runs import Workshop
    from rolecall.targets import make_target

    state = request.config.stash[STATE]

    def clock() -> datetime:
        return datetime.now(UTC)

    terminal = request.config.pluginmanager.get_plugin("terminalreporter")

    def told(line: str) -> None:
        if terminal is not None:
            terminal.ensure_newline()
            terminal.write_line(f"rolecall: {line}")

    left = state.ending.left if state.ending is not None else lambda: None
    target = make_target(state.options, clock, told, left)
    made = Workshop(
        target, load_catalog(), managed_policies, clock=clock, started_in=state.options.started_in
    )
    state.workshop = made
    yield made
    if state.ending is None:
        state.left.extend(str(left) for left in made.close())
        return
    with state.ending.undisturbed():
        state.left.extend(str(left) for left in made.close(in_time=state.ending.in_time))


@pytest.fixture(scope="session")
def chains(request: pytest.FixtureRequest) -> Mapping[str, Chain]:
    """The chains of this run, by name."""
    return {chain.name: chain for chain in request.config.stash[STATE].chains or ()}


@pytest.fixture
def verify(request: pytest.FixtureRequest, workshop: Workshop) -> Callable[[Promise], None]:
    """Verify one expectation, leave its evidence, and fail, skip or pass as the verdict says."""
    from rolecall.pytest_plugin.verifying import verify_promise
    from rolecall.reports.handover import pack

    state = request.config.stash[STATE]

    def record(handover: Handover) -> None:
        request.node.stash[VERDICT] = handover.expectation.verdict
        if hasattr(request.config, "workerinput"):
            # To the controller of xdist, which writes the report.
            request.node.user_properties.append((EVIDENCE_PROPERTY, pack(handover)))
        else:
            state.evidence.append(handover)

    def run(promise: Promise) -> None:
        verify_promise(
            promise,
            workshop,
            state.options,
            record=record,
        )
        if not state.settled:
            # By now moto and botocore are loaded. Nothing of them will ever be garbage, yet every collection
            # would walk all of it, those at the end of a run and of the interpreter too: half a short run.
            gc.freeze()
            state.settled = True

    return run
