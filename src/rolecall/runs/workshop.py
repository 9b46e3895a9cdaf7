"""The workshop of a run: chains are provisioned on the target when they are needed, and removed again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rolecall.iam.catalog import Catalog
from rolecall.probes import Access, Observation, observe
from rolecall.provisioning import (
    Connections,
    Ledger,
    Left,
    MemoryLedger,
    Provisioned,
    ProvisioningFailed,
    StepResult,
    plan,
    provision,
    tear_down,
)
from rolecall.verdicts import ManagedPolicies, Verdict, World, judge, predict

if TYPE_CHECKING:
    from rolecall.chains import Chain, Expectation
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
    ledger: Ledger


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
    ) -> None:
        self.target = target
        self.catalog = catalog
        self.managed = managed
        self._clock = clock
        self._timer = timer
        self._live: dict[str, LiveChain] = {}
        self._entered = ""
        self.left: list[Left] = []
        self.provisioning: dict[str, tuple[StepResult, ...]] = {}
        """The calls that built each chain, by its name; kept when the chain is gone."""

    def world(self, chain: Chain) -> World:
        """The chain as the engine sees it now."""
        return World(chain, self.managed, self._clock())

    def live(self, chain: Chain) -> LiveChain:
        """The chain on the target, provisioned if it is not there. Raises TargetError."""
        found = self._live.get(chain.name)
        if found is not None:
            self._enter(chain)
            return found
        accounts = set(chain.accounts.values())
        for other in [one for one in self._live.values() if accounts & set(one.chain.accounts.values())]:
            self.remove(other.chain.name)
        self.target.start()
        self._enter(chain)
        ledger = MemoryLedger()
        connections = Connections(lambda account: self.target.admin(account, chain.region))
        try:
            provisioned = provision(chain, plan(chain), connections, ledger=ledger)
        except ProvisioningFailed as error:
            self.provisioning[chain.name] = error.results
            self.left.extend(tear_down(ledger, connections).left)
            raise
        self.provisioning[chain.name] = provisioned.results
        access = Access(chain, self.target, provisioned, now=lambda: self._clock().timestamp())
        live = LiveChain(chain, self.world(chain), provisioned, access, connections, ledger)
        self._live[chain.name] = live
        return live

    def _enter(self, chain: Chain) -> None:
        # An organization is no part of an account: the one of the chain that was asked last is in force.
        if self._entered != chain.name:
            self.target.enter(chain)
            self._entered = chain.name

    def verify(self, chain: Chain, expectation: Expectation) -> Verdict:
        """Predict, observe, judge."""
        started = self._timer()
        live = self.live(chain)
        prediction = predict(live.world, expectation, self.catalog)
        if not self.target.has_organization and prediction.by_organization:
            observation = Observation(
                note=f"the organization's policies are not in force on {self.target.name}"
            )
        else:
            observation = observe(live.access, expectation, self.catalog)
        return judge(expectation, prediction, observation, self._timer() - started)

    def remove(self, name: str) -> None:
        """Remove a chain; what stays is in ``left``."""
        live = self._live.pop(name, None)
        self._entered = "" if self._entered == name else self._entered
        if live is not None:
            self.left.extend(tear_down(live.ledger, live.connections).left)

    def close(self) -> tuple[Left, ...]:
        """Remove every chain and bring the target down. Gives what could not be removed."""
        for name in tuple(self._live):
            self.remove(name)
        self.target.stop()
        return tuple(self.left)
