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
from rolecall.reports.words import CALLER_GATES, GATES, LIMITS, OUTCOMES, STAGES, ordered, place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.reports.evidence import Chain, Gate, Hop, Principal, StatementRef

__all__ = ["Picture", "Strand", "picture"]

WIDTH = 340
_NODE, _RUNG, _TITLE, _GAP, _LABEL, _NOTE = 50, 24, 26, 20, 24, 16
_NOT_ASKED = "not asked"
"""Whoever an identity provider vouches for calls STS without a principal of AWS: none of a caller is there
(IAM User Guide, "Identity providers and federation"); the role's side decides alone."""


@dataclass(frozen=True, slots=True)
class Box:
    """A principal (``kind`` user, role …) or an account (``kind`` account), at ``y``."""

    y: int
    height: int
    kind: str
    name: str
    detail: str
    note: str = ""
    whole: str = ""
    """The name in full."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One line of a ladder. ``state`` as in a gate, or ``limits``; ``statement`` is what a click leads to."""

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
    action: str
    outcome: str
    rungs: tuple[Rung, ...]
    notes: tuple[str, ...]
    """What the call carries, and why gates are not asked: small lines under the heading."""
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
        ending = next((strand for strand in strands if strand[-1].session == hop.source), None)
        if ending is not None:
            ending.append(hop)
        else:
            strands.append([hop])
    principals = {item.key: item for item in chain.principals}
    numbers = {id(hop): number for number, hop in enumerate(chain.hops, 1)}
    drawn = [_draw(chain, principals, strand, numbers) for strand in strands]
    principals |= {
        hop.name: principals[hop.role] for hop in chain.hops if hop.name and hop.role in principals
    }
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
        detail = path if path.count("/") > 1 else ""
        if hop is not None:
            detail = f"{hop.role} · session {hop.session_name}" if hop.name else f"session {hop.session_name}"
        kept: list[str] = [item.verdict for item in self.chain.expectations if item.principal == key]
        note = f"{kept.count('passed')} of {len(kept)} kept" if kept else ""
        self.principals.append(
            Box(
                self.y,
                _NODE,
                kind,
                _both_ends(key, 26),
                _short(f"{kind} · {detail}" if detail else kind, 44),
                note,
                visible(key),
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
        caller = [gate for gate in ordered(hop.gates) if gate.stage in CALLER_GATES]
        role = [gate for gate in ordered(hop.gates) if gate.stage not in CALLER_GATES]
        top = pen.y
        pen.y += _GAP
        start = pen.y
        signed_in = hop.source in principals and principals[hop.source].kind == "federated"
        notes = tuple(_notes(chain, hop, signed_in))
        pen.y += _TITLE + _NOTE * len(notes) + (_NOTE // 2 if notes else 0)
        rungs = _rungs(caller, pen, _NOT_ASKED if signed_in else "")
        if target != account:
            pen.y += 8
            pen.leave()
            pen.y += 10
            pen.enter(target)
            account = target
        rungs += _rungs(role, pen)
        rungs += _limits(hop, pen)
        end = pen.y
        pen.y += _GAP
        ladders.append(
            Ladder(start, end, numbers[id(hop)], hop.action, hop.outcome, rungs, notes, top, pen.y)
        )
        pen.principal(hop.session, principals, hop)
    pen.y += 12
    pen.leave()
    words = "; ".join(f"{hop.source} assumes {hop.session}: {OUTCOMES[hop.outcome]}" for hop in hops)
    return Strand(pen.y + 4, tuple(pen.accounts), tuple(pen.principals), tuple(ladders), words)


def _short(text: str, room: int) -> str:
    shown = visible(text)
    return shown if len(shown) <= room else f"{shown[: room - 1]}…"


def _both_ends(name: str, room: int) -> str:
    """A name that is too long without its middle: names of one kind mostly begin alike."""
    shown = visible(name)
    return shown if len(shown) <= room else f"{shown[: room // 2 - 1]}…{shown[-room // 2 :]}"


def _alone(chain: Chain, who: Principal) -> Strand:
    pen = _Pen(chain)
    pen.enter(who.account)
    pen.principal(who.key, {who.key: who}, None)
    pen.y += 12
    pen.leave()
    return Strand(pen.y + 4, tuple(pen.accounts), tuple(pen.principals), (), f"{who.key}: no hop")


def _account(principals: dict[str, Principal], key: str) -> str:
    return principals[key].account if key in principals else ""


def _rungs(gates: list[Gate], pen: _Pen, absent: str = "") -> tuple[Rung, ...]:
    """Every gate as a rung. ``absent`` is what one that does not apply says, where not the usual words."""
    found = []
    for gate in gates:
        found.append(_rung(pen.y, gate, absent if gate.state == "absent" else ""))
        pen.y += _RUNG
    return tuple(found)


def _rung(y: int, gate: Gate, said: str) -> Rung:
    statement = gate.statements[0] if gate.statements else None
    detail = said or OUTCOMES[gate.state]
    words = f"{STAGES[gate.stage]}: {detail}"
    if statement is not None:
        detail = _ending(place(statement), GATES[gate.stage])
    elif gate.note and gate.stage == "call":
        detail = _short(gate.note, 32)
    if gate.decided:
        words += ", decided"
    if gate.note:
        words += f" ({gate.note})"
    return Rung(y, gate.state, GATES[gate.stage], detail, gate.decided, statement, words)


def _limits(hop: Hop, pen: _Pen) -> tuple[Rung, ...]:
    """The session policies that the call passes on, a rung for each document."""
    found = []
    for statement in {item.document: item for item in reversed(hop.session_policies)}.values():
        words = f"session policy that this call passes: the session can do nothing beyond {statement.policy}"
        detail = _ending(place(statement), LIMITS)
        found.append(Rung(pen.y, "limits", LIMITS, detail, False, statement, words))
        pen.y += _RUNG
    return tuple(reversed(found))


def _ending(where: str, label: str) -> str:
    """The end of a place, which tells most, as much as there is room for beside a label."""
    detail = visible(where.rpartition("/")[2])
    room = int((242 - 6.9 * len(label)) / 5.8)
    return detail if len(detail) <= room else f"…{detail[1 - room :]}"


def _observed(chain: Chain, hop: Hop) -> str:
    """What the target answered to the hop, as far as promises to reach a role and calls of its session tell.

    The ladder itself is the engine's prediction. Whoever reached a role came by every hop on the way.
    """
    found = ""
    for item in chain.expectations:
        if item.observed is not None and any(
            call.principal == hop.session_arn and call.outcome != "inconclusive"
            for call in item.observed.calls
        ):
            found = "allowed"
        if item.kind == "reach" and item.observed is not None and item.hop is not None:
            if item.hop == hop.id and item.observed.outcome != "inconclusive":
                return item.observed.outcome
            if item.observed.outcome == "allowed" and hop.id in _way_to(chain, item.hop):
                found = "allowed"
    return found


def _way_to(chain: Chain, last: str) -> set[str]:
    """The hops before one, as long as there is but one way to come."""
    found: set[str] = set()
    at = next((hop for hop in chain.hops if hop.id == last), None)
    while at is not None and at.id not in found:
        found.add(at.id)
        before = [hop for hop in chain.hops if hop.session == at.source]
        at = before[0] if len(before) == 1 else None
    return found


def _notes(chain: Chain, hop: Hop, signed_in: bool) -> Iterable[str]:
    seen = _observed(chain, hop)
    told = f"predicted {'allowed' if hop.outcome == 'allowed' else 'denied'}"
    yield f"{told}, observed {seen}" if seen else f"{told}, not observed by itself"
    if signed_in:
        yield "a sign-in from outside: the role's side decides"
    if hop.settings:
        said = (f"{name.replace('_', ' ')} {value}" for name, value in sorted(hop.settings.items()))
        yield _short(f"with {', '.join(said)}", 46)
