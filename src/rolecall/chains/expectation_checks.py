"""Whether every expectation speaks of something that is declared and can be reached."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall.chains.expectations import (
    ActionExpectation,
    AssumersExpectation,
    Expectation,
    HopExpectation,
    OnlyExpectation,
    ReachExpectation,
)
from rolecall.chains.places import place_of
from rolecall.chains.problems import Problems, nearest
from rolecall.errors import InputError
from rolecall.iam.principals import read_principal

if TYPE_CHECKING:
    from rolecall.chains.model import Chain

__all__ = ["AUTOMATIC", "check_expectations"]

# What conditions of a trust policy pick their callers by: organizations, their units, patterns of ARNs.
_PICKED = re.compile(r"o-[a-z0-9]{10,32}(/.*)?$|arn:aws[a-z-]*:(iam|sts)::[0-9*?]+:.*[*?]")
AUTOMATIC = "auto-"
"""How the ids of automatic negative expectations start; a waiver may name one."""


def check_expectations(chain: Chain, problems: Problems, written: frozenset[str]) -> None:
    """Note what is wrong with the expectations, waivers and suppressions."""
    checks = _Checks(chain, problems, written)
    ids: dict[str, int | None] = {}
    for expectation in chain.expectations:
        if expectation.id in ids:
            line = ids[expectation.id]
            first = f" (first at line {line})" if line else ""
            problems.add(
                place_of(expectation.id, expectation),
                f'expect: the id "{expectation.id}" is used twice{first}',
            )
        if expectation.id.startswith(AUTOMATIC):
            problems.add(
                place_of(expectation.id, expectation), f"expect: ids must not start with {AUTOMATIC}"
            )
        place = place_of(expectation.id, expectation)
        ids.setdefault(expectation.id, place.line if place else None)
        checks.expectation(expectation)
    waived: set[str] = set()
    for i, waiver in enumerate(chain.waivers):
        name = waiver.expectation
        if name not in ids and name not in written and not name.startswith(AUTOMATIC):
            problems.add(
                place_of(name, waiver),
                f'waivers[{i}].expectation: no expectation has the id "{name}"',
                nearest(name, ids, what="declared"),
            )
        if name in waived:
            problems.add(place_of(name, waiver), f'waivers[{i}].expectation: "{name}" is waived already')
        waived.add(name)
    files = [document.path for document in chain.documents()]
    for i, suppression in enumerate(chain.suppressions):
        if suppression.file is not None and suppression.file not in files:
            problems.add(
                place_of(suppression.file, suppression),
                f'suppressions[{i}].file: the chain has no document "{suppression.file}"',
                nearest(suppression.file, files, what="used"),
            )


class _Checks:
    def __init__(self, chain: Chain, problems: Problems, written: frozenset[str]) -> None:
        self.chain = chain
        self.problems = problems
        self.written = written
        self.hop_names = {hop.name for hop in chain.hops if hop.name}
        self.sessions = {*chain.roles, *self.hop_names}
        self.reached = _reached(chain)
        self.paths: dict[tuple[str, str], bool] = {}

    def expectation(self, expectation: Expectation) -> None:
        match expectation:
            case ActionExpectation() | OnlyExpectation():
                self.actor(expectation, expectation.as_, expectation.frm)
                if isinstance(expectation, ActionExpectation):
                    self.denial(expectation)
            case ReachExpectation():
                if self.session(expectation, "reach", expectation.role):
                    self.way(expectation, "reach", expectation.role, expectation.frm)
            case AssumersExpectation():
                self.session(expectation, "assumers_of", expectation.role, roles_only=True)
                for name in expectation.exactly:
                    self.assumer(expectation, name)
            case HopExpectation():
                self.hop(expectation)

    def note(self, expectation: Expectation, place: object, message: str, hint: str | None = None) -> None:
        self.problems.add(place_of(place, expectation), f"expect ({expectation.id}): {message}", hint)

    def actor(self, expectation: ActionExpectation | OnlyExpectation, name: str, frm: str | None) -> None:
        chain = self.chain
        user = chain.users.get(name)
        if user is not None:
            if not user.access_key and isinstance(expectation, ActionExpectation):
                self.note(
                    expectation,
                    name,
                    f'as: the user "{name}" has no access key to make the call with',
                    f"add access_key: true to users.{name}",
                )
            return
        if name in self.sessions:
            self.way(expectation, "as", name, frm)
        elif name not in self.written:
            known = (*chain.users, *chain.roles, *sorted(self.hop_names))
            self.note(
                expectation,
                name,
                f'as: no user or role "{name}" is declared',
                nearest(name, known, what="declared"),
            )

    def session(self, expectation: Expectation, field: str, name: str, *, roles_only: bool = False) -> bool:
        known = self.chain.roles if roles_only else self.sessions
        if name in known:
            return True
        if name not in self.written:
            self.note(
                expectation,
                name,
                f'{field}: no role "{name}" is declared',
                nearest(name, sorted(known) if isinstance(known, set) else known, what="declared"),
            )
        return False

    def way(self, expectation: Expectation, field: str, name: str, frm: str | None) -> None:
        if frm is None:
            if name not in self.reached and not self.written:
                self.note(
                    expectation,
                    name,
                    f'{field}: no hop leads to "{name}" from a user or a provider',
                    f"add a hop, as: {{from: …, assume: {name}}}",
                )
            return
        starts = (*self.chain.users, *self.chain.providers, *self.sessions)
        if frm not in starts:
            if frm not in self.written:
                hint = nearest(frm, starts, what="declared")
                self.note(expectation, frm, f'from: no user, role or provider "{frm}" is declared', hint)
            return
        key = (name, frm)
        if key not in self.paths:
            self.paths[key] = self.chain.path_to(name, frm) is not None
        if not self.paths[key] and not self.written:
            self.note(expectation, frm, f'from: no hops lead from "{frm}" to "{name}"')

    def denial(self, expectation: ActionExpectation) -> None:
        if expectation.allowed and expectation.because is not None and not self.written:
            self.note(expectation, expectation, "because: only says why something is refused")
        if not expectation.actions and not self.written:
            self.note(expectation, expectation, "names no action")

    def assumer(self, expectation: AssumersExpectation, name: str) -> None:
        chain = self.chain
        if name in chain.users or name in self.sessions or name in chain.providers or name in self.written:
            return
        if _PICKED.match(name):
            return
        try:
            read_principal(name)
        except InputError:
            known = (*chain.users, *chain.roles, *chain.providers)
            self.note(
                expectation,
                name,
                f'exactly: "{name}" is neither declared nor a principal',
                nearest(name, known, what="declared"),
            )

    def hop(self, expectation: HopExpectation) -> None:
        if not self.session(expectation, "hop", expectation.role):
            return
        hops = self.chain.hops_into(expectation.role, expectation.frm)
        if len(hops) != 1:
            if self.written:
                return
            if hops:
                hint = f"say from: {' or '.join(dict.fromkeys(hop.frm for hop in hops))}, or the hop's name"
                self.note(
                    expectation, expectation.role, f'hop: several hops lead to "{expectation.role}"', hint
                )
            else:
                self.note(expectation, expectation.role, f'hop: no such hop leads to "{expectation.role}"')
            return
        for name in expectation.without:
            if not getattr(hops[0], name) or (name == "session_name" and hops[0].session_name == "rolecall"):
                self.note(expectation, name, f"without: the hop has no {name} to leave out")
        caller = expectation.changes.get("from")
        if caller is not None:
            starts = (*self.chain.users, *self.chain.providers, *self.sessions)
            if caller not in starts and caller not in self.written:
                hint = nearest(str(caller), starts, what="declared")
                self.note(
                    expectation, caller, f'with.from: no user, role or provider "{caller}" is declared', hint
                )
        if expectation.allowed and expectation.because is not None:
            self.note(expectation, expectation, "because: only says why something is refused")


def _reached(chain: Chain) -> set[str]:
    """Every role and hop name that some declared hops lead to from a user or a provider."""
    after: dict[str, list[tuple[str, str]]] = {}
    for hop in chain.hops:
        after.setdefault(hop.frm, []).append((hop.assume, hop.name))
    reached: set[str] = set()
    waiting = [*chain.users, *chain.providers]
    while waiting:
        for role, name in after.get(waiting.pop(), ()):
            for found in (role, name):
                if found and found not in reached:
                    reached.add(found)
                    waiting.append(found)
    return reached
