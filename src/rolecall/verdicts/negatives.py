"""Automatic negatives: what the trust policy of every hop must refuse, without anybody writing it down.

For every hop: each parameter that a condition of the trust policy names, dropped and changed; a caller of
another account and another principal of the caller's own; a session name outside its pattern; a duration
beyond the limit. A change that the trust policy itself would accept (a wildcard, another listed value, or
``…IfExists`` without the key) makes no negative: it is not what the trust policy promises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rolecall.chains import Because, HopExpectation, OidcProvider
from rolecall.chains.expectation_checks import AUTOMATIC
from rolecall.iam import Policies, Stage, explain
from rolecall.verdicts.callers import EVERYTHING
from rolecall.verdicts.world import World

if TYPE_CHECKING:
    from rolecall.chains import Chain, Hop
    from rolecall.iam import Policy
    from rolecall.verdicts.callers import ChainCaller

__all__ = ["negatives"]

_CHAINED = 3600
_STRANGER_ACCOUNTS = ("999999999999", "888888888888")
_STRANGER = "rolecall-stranger"
_STAND_INS = 3
_SIMPLE = {
    "external_id": ("sts:externalid",),
    "source_identity": ("sts:sourceidentity",),
    "session_name": ("sts:rolesessionname",),
    "mfa": ("aws:multifactorauthpresent", "aws:multifactorauthage"),
}
_OTHER = {
    "external_id": "rolecall-other-id",
    "source_identity": "rolecall-other",
    "session_name": "rolecall-other-session",
}


@dataclass(frozen=True, slots=True)
class _Change:
    """One way to spoil a hop. ``keys``: condition keys (lower case) that must be what refuses it."""

    name: str
    title: str
    without: tuple[str, ...] = ()
    changes: Mapping[str, Any] | None = None
    keys: tuple[str, ...] = ()


def negatives(chain: Chain) -> tuple[HopExpectation, ...]:
    """The automatic negatives of every hop that does not say ``negatives: false``.

    Their ids are ``auto-<from>-<role>-<change>`` (the hop's name in place of both, where it has one) and
    stay the same as long as the hop and its trust policy name the same things.
    """
    found: dict[str, HopExpectation] = {}
    heads: set[str] = set()
    # What an organization forbids comes before the trust policy; here only the latter is asked.
    world = World(replace(chain, scps={}, rcps={}), _everything, datetime(2000, 1, 1, tzinfo=UTC))
    for hop in chain.hops:
        if not hop.negatives:
            continue
        head = AUTOMATIC + _slug(hop.name or f"{hop.frm}-{hop.assume}")
        # a-b → c and a → b-c would be called the same.
        while head in heads:
            head += "-again"
        heads.add(head)
        guarded = bool(chain.rcps.get(chain.roles[hop.assume].account))
        for negative in _of_hop(world, hop, head):
            by_trust = negative.because is not None and negative.because.stage is Stage.RESOURCE
            kept = replace(negative, because=None) if guarded and by_trust else negative
            found.setdefault(negative.id, kept)
    return tuple(found.values())


def _of_hop(world: World, hop: Hop, head: str) -> Iterator[HopExpectation]:
    caller = _unhindered(world.caller(hop.frm))
    if not world.hop(hop, caller).allowed:
        return
    yield _expectation(hop, head, _beyond_the_limit(world.chain, hop), Because(stage=Stage.CALL))
    for change in (*_parameters(world, hop), *_callers(world, hop)):
        spoiled = hop.changed(change.without, change.changes or {})
        who = caller if spoiled.frm == hop.frm else _unhindered(world.caller(spoiled.frm))
        because = _refused_for(world, spoiled, who, change)
        if because is not None:
            yield _expectation(hop, head, change, because)


def _refused_for(world: World, hop: Hop, caller: ChainCaller, change: _Change) -> Because | None:
    """Why the trust policy refuses the spoiled hop; None where it does not, or for something else."""
    decided = world.hop(hop, caller)
    if decided.allowed or decided.refusal is not None:
        return None
    why = explain(decided.deciding)
    if Stage.RESOURCE not in why.blocked_by:
        return None
    if not change.keys:
        return Because(stage=Stage.RESOURCE)
    miss = why.nearest_miss
    if miss is not None:
        hit = miss.key if miss.key is not None and miss.key.lower() in change.keys else None
    else:
        named = (c.key for match in why.statements for c in match.statement.conditions)
        hit = next((key for key in named if key.lower() in change.keys), None)
    return Because(stage=Stage.RESOURCE, condition_key=hit) if hit else None


def _parameters(world: World, hop: Hop) -> Iterator[_Change]:
    keys = _condition_keys(world.chain.roles[hop.assume].trust.policy)
    for name, own in _SIMPLE.items():
        relevant = tuple(key for key in own if key in keys)
        if not relevant or not getattr(hop, name):
            continue
        if name != "session_name":
            yield _Change(f"without-{name}", f"without {name}", (name,), None, relevant)
        if name in _OTHER:
            yield _Change(f"other-{name}", f"with another {name}", (), {name: _OTHER[name]}, relevant)
    yield from _tags(hop, keys)
    yield from _claims(world.chain, hop, keys)


def _tags(hop: Hop, keys: frozenset[str]) -> Iterator[_Change]:
    for key in hop.tags:
        relevant = tuple(k for k in (f"aws:requesttag/{key.lower()}", "aws:tagkeys") if k in keys)
        if not relevant:
            continue
        rest = {name: value for name, value in hop.tags.items() if name != key}
        handed_on = tuple(name for name in hop.transitive_tags if name != key)
        without = {"tags": rest, "transitive_tags": handed_on}
        yield _Change(f"without-tag-{_slug(key)}", f"without the tag {key}", (), without, relevant)
        other = {"tags": {**hop.tags, key: "rolecall-other"}}
        yield _Change(f"other-tag-{_slug(key)}", f"with another value of the tag {key}", (), other, relevant)


def _claims(chain: Chain, hop: Hop, keys: frozenset[str]) -> Iterator[_Change]:
    provider = chain.providers.get(hop.frm)
    if not isinstance(provider, OidcProvider):
        return
    for claim in hop.claims:
        key = f"{provider.host}:{claim}".lower()
        if key in keys:
            other = {"claims": {**hop.claims, claim: "rolecall-other"}}
            yield _Change(
                f"other-claim-{_slug(claim)}", f"with another {claim} in the token", (), other, (key,)
            )


def _callers(world: World, hop: Hop) -> Iterator[_Change]:
    chain = world.chain
    if hop.frm in chain.providers:
        return
    known = {*chain.accounts.values()}
    account = next(number for number in _STRANGER_ACCOUNTS if number not in known)
    stranger = f"arn:{chain.partition}:iam::{account}:user/{_STRANGER}"
    yield _Change("another-account", "from another account", (), {"from": stranger})
    first = hop.frm if hop.frm in chain.users else chain.role_of(hop.frm).name
    own = chain.account_of(first)
    # The first of them that the trust policy refuses makes the negative; declared ones can be asked.
    others = [name for name in chain.users if _may_stand_in(chain, name, first, own, hop)]
    for other in (*others[:_STAND_INS], f"arn:{chain.partition}:iam::{own}:user/{_STRANGER}"):
        yield _Change("another-principal", "from another principal", (), {"from": other})


def _may_stand_in(chain: Chain, name: str, first: str, account: str, hop: Hop) -> bool:
    """Whether a declared user can be the other principal: then the target can be asked as well."""
    user = chain.users[name]
    if name == first or chain.accounts[user.account] != account or not user.access_key:
        return False
    return (user.mfa or not hop.mfa) and not chain.hops_into(hop.assume, name)


def _beyond_the_limit(chain: Chain, hop: Hop) -> _Change:
    chained = hop.frm not in chain.users and hop.frm not in chain.providers
    limit = _CHAINED if chained else chain.roles[hop.assume].max_session_duration
    return _Change("duration-beyond-limit", f"for {limit + 1} seconds", (), {"duration": limit + 1})


def _expectation(hop: Hop, head: str, change: _Change, because: Because | None) -> HopExpectation:
    return HopExpectation(
        id=f"{head}-{change.name}",
        role=hop.name or hop.assume,
        without=change.without,
        changes=change.changes or {},
        because=because,
        frm=hop.frm,
        title=f"Automatic: {hop.label} is refused {change.title}",
        place=hop.place,
    )


def _condition_keys(trust: Policy) -> frozenset[str]:
    return frozenset(c.key.lower() for statement in trust.statements for c in statement.conditions)


def _unhindered(caller: ChainCaller) -> ChainCaller:
    """The same caller with every permission of its own, so that only the trust policy can refuse."""
    return replace(caller, policies=Policies(identity=(EVERYTHING,)), has_mfa_device=True)


def _everything(arn: str) -> Policy:
    return EVERYTHING


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-") or "x"
