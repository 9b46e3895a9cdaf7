"""The picture of a chain: strands of hops, drawn downward, each hop a ladder of its gates.

A strand is one unbroken way from a principal that nobody assumes. Gates on the caller's side stand in
the caller's account, those on the role's side in the role's, so that an account's border runs
through a hop just where AWS asks the other side (IAM User Guide, "Cross-account policy evaluation logic").
All geometry is here; the template only draws. What stands beside each other on one line has its place in
any font (``measure``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rolecall.reports.page.measure import Type, lines, without_beginning, without_end, without_middle
from rolecall.reports.visible import visible
from rolecall.reports.words import CALLER_GATES, GATES, LIMITS, OUTCOMES, STAGES, ordered, place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.reports.evidence import Chain, Gate, Hop, Principal, StatementRef

__all__ = ["Picture", "Strand", "picture"]

WIDTH = 340
_NODE, _RUNG, _TITLE, _GAP, _LABEL, _NOTE, _LINE = 50, 24, 26, 20, 24, 16, 15
_STRONG, _SMALL, _PLACE = Type(12.5, bold=True), Type(11.5), Type(11)
_BESIDE = 6
"""Between two texts on one line."""
_ROOM_HEAD, _ROOM_NOTE, _ROOM_PLACE, _ROOM_NODE, _ROOM_ACCOUNT = 272, 276, 259, 254, 290
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
    lines: tuple[str, ...] = ()
    """What is known of it, small, below the name."""
    note: str = ""
    """Stands beside the name; it is among the lines where there is no room."""
    whole: str = ""
    """The name in full."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A gate of a ladder. ``state`` as in a gate, or ``limits``; ``statement`` is what a click leads to.

    ``where`` is a second line: the place of the statement, or what else is known of the gate.
    """

    y: int
    height: int
    state: str
    label: str
    detail: str
    where: str
    decided: bool
    statement: StatementRef | None
    words: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """A hop: its heading, its rungs, and the two rails from ``y`` down to ``end``."""

    y: int
    end: int
    heading: tuple[str, ...]
    """One line or two; the outcome stands at the end of the first."""
    outcome: str
    rungs: tuple[Rung, ...]
    notes: tuple[str, ...]
    """What was observed, why gates are not asked, what the call carries."""
    lines: tuple[tuple[str, ...], ...]
    """The notes as they are drawn under the heading, each in its lines."""
    top: int
    """Where the line from the caller starts."""
    bottom: int
    """Where the line to the role ends."""

    @property
    def head(self) -> int:
        """How high the heading is."""
        return _head(self.heading)


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
    principals |= {
        hop.name: principals[hop.role] for hop in chain.hops if hop.name and hop.role in principals
    }
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
            told = without_end(visible(f"account {name} {number}"), _ROOM_ACCOUNT, _SMALL)
            self.accounts.append(Box(start, self.y - start, "account", told))
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
        name = without_middle(visible(key), _ROOM_NODE, _STRONG)
        told = lines(visible(f"{kind} · {detail}" if detail else kind), _ROOM_NODE, _SMALL, 2)
        if note and _STRONG.width(name) + _BESIDE + _SMALL.width(note) > _ROOM_NODE:
            told, note = (*told, note), ""
        height = _NODE + _LINE * (len(told) - 1)
        self.principals.append(Box(self.y, height, kind, name, told, note, visible(key)))
        self.y += height


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
        small = tuple(lines(visible(note), _ROOM_NOTE, _SMALL, 3) for note in notes)
        heading = _heading(numbers[id(hop)], hop)
        pen.y += _head(heading) + _NOTE * sum(map(len, small)) + _NOTE // 2
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
        ladders.append(Ladder(start, end, heading, hop.outcome, rungs, notes, small, top, pen.y))
        pen.principal(hop.session, principals, hop)
    pen.y += 12
    pen.leave()
    words = "; ".join(f"{hop.source} assumes {hop.session}: {OUTCOMES[hop.outcome]}" for hop in hops)
    return Strand(pen.y + 4, tuple(pen.accounts), tuple(pen.principals), tuple(ladders), words)


def _heading(number: int, hop: Hop) -> tuple[str, ...]:
    """In one line where the outcome has its place beside it in any font, else the action in a second."""
    first, action = f"hop {number}:", visible(hop.action.removeprefix("sts:"))
    used = _STRONG.width(f"{first} {action}") + _BESIDE + _STRONG.width(OUTCOMES[hop.outcome])
    return (f"{first} {action}",) if used <= _ROOM_HEAD else (first, without_end(action, _ROOM_HEAD, _STRONG))


def _head(heading: tuple[str, ...]) -> int:
    return _TITLE + _LINE * (len(heading) - 1)


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
        pen.y += found[-1].height
    return tuple(found)


def _rung(y: int, gate: Gate, said: str) -> Rung:
    statement = gate.statements[0] if gate.statements else None
    detail = said or OUTCOMES[gate.state]
    words = f"{STAGES[gate.stage]}: {detail}"
    where = ""
    if statement is not None:
        words += f" by {place(statement)}"
        where = _ending(statement)
    elif gate.note and gate.stage == "call":
        where = without_end(visible(gate.note), _ROOM_PLACE, _PLACE)
    if gate.decided:
        words += ", decided"
    if gate.note:
        words += f" ({gate.note})"
    height = _RUNG + _LINE * bool(where)
    return Rung(y, height, gate.state, GATES[gate.stage], detail, where, gate.decided, statement, words)


def _limits(hop: Hop, pen: _Pen) -> tuple[Rung, ...]:
    """The session policies that the call passes on, a rung for each document."""
    found = []
    for statement in {item.document: item for item in reversed(hop.session_policies)}.values():
        words = f"session policy that this call passes: the session can do nothing beyond {statement.policy}"
        height = _RUNG + _LINE
        found.append(Rung(pen.y, height, "limits", LIMITS, "", _ending(statement), False, statement, words))
        pen.y += height
    return tuple(reversed(found))


def _ending(statement: StatementRef) -> str:
    """The place of a statement without its folders; its end tells most."""
    return without_beginning(visible(place(statement).rpartition("/")[2]), _ROOM_PLACE, _PLACE)


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
        yield f"with {', '.join(said)}"
