"""The picture of a chain: strands of hops, drawn downward, each hop a ladder of its gates.

A strand is one unbroken way from a principal that nobody assumes. Gates on the caller's side stand in
the caller's account, those on the role's side in the role's, so that an account's border runs
through a hop just where AWS asks the other side (IAM User Guide, "Cross-account policy evaluation logic").
All geometry is here; the template only draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rolecall.reports.visible import visible
from rolecall.reports.words import CALLER_GATES, GATES, OUTCOMES, STAGES, place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.reports.evidence import Chain, Gate, Hop, Principal, StatementRef

__all__ = ["Picture", "Strand", "picture"]

WIDTH = 340
_NODE, _RUNG, _TITLE, _GAP, _LABEL = 50, 24, 26, 20, 24
_ORDER = (*CALLER_GATES, "call", "rcps", "resource_policy")
_QUIET = ("absent", "notReached")


@dataclass(frozen=True, slots=True)
class Box:
    """A principal (``kind`` user, role …) or an account (``kind`` account), at ``y``."""

    y: int
    height: int
    kind: str
    name: str
    detail: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rung:
    """One line of a ladder. ``state`` as in a gate; ``statement`` is what a click leads to."""

    y: int
    state: str
    label: str
    detail: str
    decided: bool
    statement: StatementRef | None
    words: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """A hop: its heading, its rungs, and the two rails from ``y`` down to ``end``."""

    y: int
    end: int
    number: int
    outcome: str
    rungs: tuple[Rung, ...]
    settings: str
    top: int
    """Where the line from the caller starts."""
    bottom: int
    """Where the line to the role ends."""


@dataclass(frozen=True, slots=True)
class Strand:
    """One drawing, ``height`` high, and what it shows in words."""

    height: int
    accounts: tuple[Box, ...]
    principals: tuple[Box, ...]
    ladders: tuple[Ladder, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Picture:
    """All strands of a chain; principals without a hop stand in strands of their own."""

    strands: tuple[Strand, ...]


def picture(chain: Chain) -> Picture:
    """The drawing of a chain. Hops keep the order in which the manifest declares them."""
    strands: list[list[Hop]] = []
    for hop in chain.hops:
        ending = next((strand for strand in strands if strand[-1].role == hop.source), None)
        if ending is not None:
            ending.append(hop)
        else:
            strands.append([hop])
    principals = {item.key: item for item in chain.principals}
    numbers = {id(hop): number for number, hop in enumerate(chain.hops, 1)}
    drawn = [_draw(chain, principals, strand, numbers) for strand in strands]
    used = {key for hop in chain.hops for key in (hop.source, hop.role)}
    drawn += [_alone(chain, item) for item in chain.principals if item.key not in used]
    return Picture(tuple(drawn))


class _Pen:
    """Where the drawing has got to; collects what was drawn."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.y = 4
        self.accounts: list[Box] = []
        self.principals: list[Box] = []
        self.open: tuple[int, str] | None = None

    def enter(self, account: str) -> None:
        self.open = (self.y, account)
        self.y += _LABEL

    def leave(self) -> None:
        if self.open is not None:
            start, name = self.open
            number = next((item.actual for item in self.chain.accounts if item.name == name), "")
            self.accounts.append(Box(start, self.y - start, "account", name, number))
            self.open = None

    def principal(self, key: str, principals: dict[str, Principal], hop: Hop | None) -> None:
        who = principals.get(key)
        kind = who.kind if who else "role"
        path = who.arn.rpartition(":")[2] if who else ""
        detail = f"session {hop.session_name}" if hop else path if path.count("/") > 1 else ""
        kept = [item.verdict for item in self.chain.expectations if item.principal == key]
        bad = sum(verdict in ("failed", "inconclusive") for verdict in kept)
        note = f"{len(kept) - bad} of {len(kept)} kept" if kept else ""
        self.principals.append(
            Box(
                self.y,
                _NODE,
                kind,
                visible(key, 30),
                visible(f"{kind} · {detail}" if detail else kind, 40),
                note,
            )
        )
        self.y += _NODE


def _draw(chain: Chain, principals: dict[str, Principal], hops: list[Hop], numbers: dict[int, int]) -> Strand:
    pen = _Pen(chain)
    account = _account(principals, hops[0].source)
    pen.enter(account)
    pen.principal(hops[0].source, principals, None)
    ladders = []
    for hop in hops:
        target = _account(principals, hop.role)
        caller = [gate for gate in _ordered(hop.gates) if gate.stage in CALLER_GATES]
        role = [gate for gate in _ordered(hop.gates) if gate.stage not in CALLER_GATES]
        top = pen.y
        pen.y += _GAP
        start = pen.y
        pen.y += _TITLE + (_RUNG if hop.settings else 0)
        rungs = _rungs(caller, pen)
        if target != account:
            pen.y += 8
            pen.leave()
            pen.y += 10
            pen.enter(target)
            account = target
        rungs += _rungs(role, pen)
        end = pen.y
        pen.y += _GAP
        settings = ", ".join(f"{name} {value}" for name, value in sorted(hop.settings.items()))
        ladders.append(
            Ladder(start, end, numbers[id(hop)], hop.outcome, rungs, _short(settings, 46), top, pen.y)
        )
        pen.principal(hop.role, principals, hop)
    pen.y += 12
    pen.leave()
    words = "; ".join(f"{hop.source} assumes {hop.role}: {OUTCOMES[hop.outcome]}" for hop in hops)
    return Strand(pen.y + 4, tuple(pen.accounts), tuple(pen.principals), tuple(ladders), words)


def _short(text: str, room: int) -> str:
    shown = visible(text)
    return shown if len(shown) <= room else f"{shown[: room - 1]}…"


def _alone(chain: Chain, who: Principal) -> Strand:
    pen = _Pen(chain)
    pen.enter(who.account)
    pen.principal(who.key, {who.key: who}, None)
    pen.y += 12
    pen.leave()
    return Strand(pen.y + 4, tuple(pen.accounts), tuple(pen.principals), (), f"{who.key}: no hop")


def _account(principals: dict[str, Principal], key: str) -> str:
    return principals[key].account if key in principals else ""


def _ordered(gates: Iterable[Gate]) -> list[Gate]:
    return sorted(gates, key=lambda gate: _ORDER.index(gate.stage))


def _rungs(gates: list[Gate], pen: _Pen) -> tuple[Rung, ...]:
    """Gates as rungs; those with nothing to say (not set, not reached) share one."""
    found = []
    for state in ("present", "absent", "notReached"):
        chosen = [gate for gate in gates if (gate.state if gate.state in _QUIET else "present") == state]
        if state == "present":
            for gate in chosen:
                found.append(_rung(pen.y, gate))
                pen.y += _RUNG
        elif chosen:
            label = ", ".join(GATES[gate.stage] for gate in chosen)
            words = f"{label}: {OUTCOMES[state]}"
            found.append(Rung(pen.y, state, label, OUTCOMES[state], False, None, words))
            pen.y += _RUNG
    return tuple(found)


def _rung(y: int, gate: Gate) -> Rung:
    statement = gate.statements[0] if gate.statements else None
    detail = OUTCOMES[gate.state]
    if statement is not None:
        detail = place(statement).rpartition("/")[2]
        room = int((242 - 6.9 * len(GATES[gate.stage])) / 5.8)
        if len(detail) > room:
            detail = f"…{detail[1 - room :]}"
    words = f"{STAGES[gate.stage]}: {OUTCOMES[gate.state]}"
    if gate.decided:
        words += ", decided"
    if gate.note:
        words += f" ({gate.note})"
    return Rung(y, gate.state, GATES[gate.stage], detail, gate.decided, statement, words)
