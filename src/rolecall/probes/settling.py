"""Patience put to work on one chain: what the engine foresees, and controls that show the chain is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from rolecall.probes.answers import Answer

if TYPE_CHECKING:
    from rolecall.chains import Hop
    from rolecall.probes.patience import Patience

__all__ = ["Controls", "Foresight", "Settling"]

Controls = tuple[tuple[str, ...], tuple["Hop", ...], bool]
"""Actions and hops that a principal is allowed, and whether they take all of its policies to be so."""

_K = TypeVar("_K")
_MFA_STEP = 31.0


class Foresight(Protocol):
    """What the engine says of a chain."""

    def allows(self, name: str, frm: str | None, action: str, resource: str) -> bool | None:
        """Whether a principal may do something."""

    def hop_allowed(self, hop: Hop) -> bool | None:
        """Whether a hop works."""

    def explicit(self, name: str, frm: str | None, action: str, resource: str) -> bool:
        """Whether an explicit deny keeps a principal from something."""

    def hop_explicit(self, hop: Hop) -> bool:
        """Whether an explicit deny stands in the way of a hop."""

    def controls(self, name: str, frm: str | None) -> Controls:
        """What would show that every policy of a principal is seen."""


class Settling:
    """Waiting for the answers about one chain. ``since``: when its last write was answered, by the clock."""

    def __init__(self, patience: Patience, foresight: Foresight, since: float) -> None:
        self.patience = patience
        self.foresight = foresight
        self._since = since
        self._shown: dict[tuple[str, str | None], float | None] = {}
        self._into: dict[str, float | None] = {}

    @property
    def aged(self) -> float | None:
        """Since when the chain is old enough to be taken for settled; None before."""
        at = self._since + self.patience.budget
        return at if self.patience.clock() >= at else None

    def action(
        self,
        ask: Callable[[], Answer],
        name: str,
        frm: str | None,
        action: str,
        resource: str,
        *,
        promised: bool,
        control: Callable[[], bool],
    ) -> Answer:
        """The answer to an action that counts. ``control`` shows that the principal is seen."""
        foreseen = self.foresight.allows(name, frm, action, resource)
        return self.patience.settle(
            ask,
            promised=promised,
            foreseen=foreseen,
            settled=lambda: _first(self.aged, lambda: self._once(self._shown, (name, frm), control)),
            explicit=self.foresight.explicit(name, frm, action, resource),
        )

    def hop(
        self, ask: Callable[[], Answer], hop: Hop, *, promised: bool, control: Callable[[], float | None]
    ) -> Answer:
        """The answer to a hop that counts. ``control``: since when caller and role are seen."""
        # AWS takes a code of an MFA device once: each attempt needs a new one, half a minute later.
        return self.patience.settle(
            ask,
            promised=promised,
            foreseen=self.foresight.hop_allowed(hop),
            settled=lambda: _first(self.aged, control),
            least_wait=_MFA_STEP if hop.mfa else 0.0,
            in_a_row=1 if hop.mfa else None,
            explicit=self.foresight.hop_explicit(hop),
        )

    def alive(self, ask: Callable[[], Answer]) -> Answer:
        """Whether a credential comes to live: GetCallerIdentity is answered to whoever holds one."""
        return self.patience.settle(ask, promised=True, foreseen=True, settled=lambda: None)

    def shown(self, name: str, frm: str | None, control: Callable[[], bool]) -> float | None:
        """Since when a control of a principal is known to pass; it is made once. None where it did not."""
        return self._once(self._shown, (name, frm), control)

    def into(self, role: str, control: Callable[[], bool]) -> float | None:
        """Since when a declared way into a role is known to work; it is tried once."""
        return self._once(self._into, role, control)

    def _once(self, known: dict[_K, float | None], key: _K, control: Callable[[], bool]) -> float | None:
        if key not in known:
            known[key] = None  # a control that depends on itself shows nothing
            if control():
                known[key] = self.patience.clock()
        return known[key]


def _first(at: float | None, otherwise: Callable[[], float | None]) -> float | None:
    return at if at is not None else otherwise()
