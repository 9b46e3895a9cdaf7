"""The workshop of a run: chains are provisioned on the target when they are needed, and removed again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from rolecall.chains import named_arn
from rolecall.errors import TargetError
from rolecall.iam.catalog import Catalog
from rolecall.probes import Access, DenialReader, Observation, Simulator, Speakers, lets_all_through, observe
from rolecall.probes.settling import Settling
from rolecall.provisioning import (
    Connections,
    Ledger,
    Left,
    Provisioned,
    ProvisioningFailed,
    StepResult,
    plan,
    provision,
    tear_down,
)
from rolecall.reports import Teardown
from rolecall.reports.teardown_of import add_up, record_teardown
from rolecall.runs.connections import SharedConnections
from rolecall.verdicts import ManagedPolicies, Verdict, World, judge, predict
from rolecall.verdicts.foresight import EngineForesight
from rolecall.verdicts.simulator_remarks import simulator_remark

if TYPE_CHECKING:
    from pathlib import Path

    import boto3

    from rolecall.chains import Chain, Expectation
    from rolecall.targets.placement import Placement
    from rolecall.targets.protocol import Target

__all__ = ["LiveChain", "Workshop"]


@dataclass(frozen=True, slots=True)
class LiveChain:
    """A chain that exists on the target, with access to its principals."""

    chain: Chain
    world: World
    provisioned: Provisioned
    access: Access
    connections: Connections
    placement: Placement

    @property
    def ledger(self) -> Ledger:
        """What was created."""
        return self.placement.ledger


class Workshop:
    """Provisions, verifies and removes.

    Two chains that use the same account do not exist at the same time: the older one is removed first, so
    that no chain can lean on what another left.
    """

    def __init__(
        self,
        target: Target,
        catalog: Catalog,
        managed: ManagedPolicies,
        *,
        clock: Callable[[], datetime],
        timer: Callable[[], float] = time.perf_counter,
        started_in: Path | None = None,
    ) -> None:
        self.target = target
        self.catalog = catalog
        self.managed = managed
        self.started_in = started_in
        """The folder that failures name their files from."""
        self._clock = clock
        self._timer = timer
        self._speakers = Speakers(target.session)
        self._denials = DenialReader()
        self._simulator = Simulator()
        self._live: dict[str, LiveChain] = {}
        self._entered = ""
        self.enforced = True
        """False once the target, an endpoint, has shown that it does not enforce IAM."""
        self._placed: dict[str, tuple[Placement, Connections]] = {}
        self._unusable: dict[str, str] = {}
        self.left: list[Left] = []
        self.provisioning: dict[str, tuple[StepResult, ...]] = {}
        """The calls that built each chain, by its name; kept when the chain is gone."""
        self.told: set[str] = set()
        """Chains whose building is in the evidence of an item; a check by hand may have come before."""
        self.unverified: dict[str, str] = {}
        """Why something could not be verified, with the id of the promise of which that was said."""
        self.teardowns: dict[str, Teardown] = {}
        """What became of everything that was created, by the chain's name."""
        self.accounts: dict[str, Mapping[str, str]] = {}
        """The account id that stood for each account's alias, by the chain's name."""

    @property
    def runner(self) -> str:
        """The ARN that provisions, on a target that tells; empty on one of our own."""
        identity = getattr(self.target, "identity", None) if self._placed or self.teardowns else None
        return identity.arn if identity is not None else ""

    def world(self, chain: Chain) -> World:
        """The chain as the engine sees it now."""
        here = "127.0.0.1" if self.target.name in ("moto", "server") else None
        return World(chain, self.managed, self._clock(), source_ip=here)

    def live(self, chain: Chain) -> LiveChain:
        """The chain on the target, provisioned if it is not there. Raises TargetError."""
        found = self._live.get(chain.name)
        if found is not None:
            self._enter(chain)
            return found
        if chain.name in self._unusable:
            raise TargetError(self._unusable[chain.name])
        accounts = set(chain.accounts.values())
        for other in [one for one in self._live.values() if accounts & set(one.chain.accounts.values())]:
            if not other.placement.shared:
                self.remove(other.chain.name)
        try:
            return self._provision(chain)
        except TargetError as error:
            # Not once more for each of its promises: what AWS refused costs minutes to be refused again.
            self._unusable[chain.name] = str(error)
            raise

    def _provision(self, chain: Chain) -> LiveChain:
        self.target.start()
        self._enter_freely(chain)
        placement = self.target.place(chain)
        placed = placement.chain
        steps = plan(placed, marks=placement.marks, boundary_arn=placement.boundary_arn)
        connections = self._connections(placed.region)
        now = lambda: self._clock().timestamp()  # noqa: E731
        # From here on there may be something to remove, whatever ends this.
        self._placed[chain.name] = placement, connections
        try:
            provisioned = provision(
                placed, steps, connections, ledger=placement.ledger, pause=placement.pause, now=now
            )
        except ProvisioningFailed as error:
            self.provisioning[chain.name] = error.results
            self.remove(chain.name)
            raise
        self.provisioning[chain.name] = provisioned.results
        self.accounts[chain.name] = dict(placed.accounts)
        world = self.world(placed)
        settling = None
        if placement.patience is not None:
            foresight = EngineForesight(world, self.catalog)
            if self.target.name == "endpoint" and self.enforced:
                first = Access(placed, self.target, provisioned, now=now, speakers=self._speakers)
                self.enforced = not lets_all_through(first, foresight.denied, self.catalog)
            if self.enforced:  # else there is nothing to wait for
                settling = Settling(placement.patience, foresight, placement.patience.clock())
        access = Access(placed, self.target, provisioned, now=now, settling=settling, speakers=self._speakers)
        live = LiveChain(placed, world, provisioned, access, connections, placement)
        self._live[chain.name] = live
        self._enter(chain)
        return live

    def _connections(self, region: str) -> Connections:
        def session(account: str) -> boto3.Session:
            return self.target.admin(account, region)

        key = getattr(self.target, "admin_key", None)
        return Connections(session) if key is None else SharedConnections(session, key, self._speakers)

    def _enter(self, chain: Chain) -> None:
        # An organization is no part of an account: the one of the chain that was asked last is in force.
        if self._entered != chain.name:
            self.target.enter(chain)
            self._entered = chain.name

    def _enter_freely(self, chain: Chain) -> None:
        # What a chain is made of was there before the organization's policies: those of an emulator bind the
        # chain's own principals, and not the hand that sets it up.
        self._entered = ""
        self.target.enter(replace(chain, scps={}, rcps={}))

    def verify(self, chain: Chain, expectation: Expectation) -> Verdict:
        """Predict, observe, judge."""
        started = self._timer()
        live = self.live(chain)
        if live.chain is not chain:
            expectation = _placed(chain, live.chain, expectation, live.placement)
        prediction = predict(live.world, expectation, self.catalog)
        if not self.target.has_organization and prediction.by_organization:
            observation = Observation(
                note=f"the organization's policies are not in force on {self.target.name}"
            )
        else:
            observation = observe(live.access, expectation, self.catalog)
            observation = self._denials.read(observation, partial(_client, live, "sts"))
        gone = self._timer() - started
        verdict = judge(expectation, prediction, observation, gone, enforced=self.enforced)
        if not live.placement.shared:
            return verdict
        # On a target of our own the simulator is the same engine: it would only repeat the prediction.
        contexts = {
            (decision.request.action.lower(), named_arn(decision.request.resource)): decision.request.context
            for decision in prediction.decisions
        }
        client = partial(_client, live, "iam")
        simulated = self._simulator.ask(live.access, expectation, observation, client, contexts)
        return replace(verdict, simulated=simulator_remark(simulated, prediction))

    def remove(self, name: str, *, in_time: Callable[[], bool] | None = None) -> None:
        """Remove a chain; what stays is in ``left``. ``in_time`` ends waiting when it answers False."""
        self._live.pop(name, None)
        self._entered = "" if self._entered == name else self._entered
        found = self._placed.pop(name, None)
        if found is None:
            return
        placement, connections = found
        self._enter_freely(placement.chain)
        result = tear_down(
            placement.ledger,
            connections,
            within=placement.within,
            pause=placement.pause,
            in_time=in_time,
            at_once=placement.at_once,
        )
        self.left.extend(result.left)
        told = record_teardown(result, vanished=self.target.is_emulator)
        self.teardowns[name] = add_up((*filter(None, [self.teardowns.get(name)]), told)) or told
        placement.done()

    def close(self, *, in_time: Callable[[], bool] | None = None) -> tuple[Left, ...]:
        """Remove every chain and bring the target down. Gives what could not be removed."""
        for name in tuple(self._placed):
            self.remove(name, in_time=in_time)
        self.target.stop()
        return tuple(self.left)


def _client(live: LiveChain, service: str, account: str) -> Any:
    return live.connections.client(account, service, live.chain.region)


def _placed(chain: Chain, placed: Chain, expectation: Expectation, placement: Placement) -> Expectation:
    """An expectation with the accounts and names of the placed chain; those of the manifest are known."""
    for known, moved in zip(chain.expectations, placed.expectations, strict=True):
        if known is expectation:
            return moved
    return placement.moved(replace(chain, expectations=(expectation,))).expectations[0]
