"""From where a call comes: condition keys that neither the chain's documents nor the promise can tell.

The address, the network and the program of a caller are not declared anywhere, so a verdict that turns with
them says nothing about the promise. Source: IAM User Guide, "AWS global condition context keys", properties
of the network and of the request.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Iterator
from itertools import islice, product
from typing import TYPE_CHECKING

from rolecall.iam import Request, evaluate

if TYPE_CHECKING:
    from rolecall.iam import Decision, Policy

__all__ = ["hanging_key", "turns_with"]

_ADDRESSES = frozenset({"aws:sourceip", "aws:vpcsourceip"})
_KEYS = _ADDRESSES | {
    "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce", "aws:useragent", "aws:referer",
}  # fmt: skip
_ELSEWHERE = ("198.51.100.77", "8.8.8.8", "2001:db8:ffff::77")
_MOST = 64

Values = dict[str, dict[str | None, None]]


def hanging_key(decisions: Iterable[Decision], told: Collection[str] = (), *, every: bool = False) -> str:
    """The key with which one of the decisions turns (with ``every``: all of them); empty where they stand.

    ``told`` are keys that the promise gives.
    """
    asked: dict[int, Values] = {}
    settled = frozenset(key.lower() for key in told)
    found = ""
    for decision in decisions:
        key = turns_with(decision, settled, asked)
        if key and not every:
            return key
        if every and not key:
            return ""
        found = key
    return found


def turns_with(decision: Decision, told: Collection[str] = (), asked: dict[int, Values] | None = None) -> str:
    """The key of the caller's whereabouts with which this decision turns; empty where it stands.

    ``asked`` remembers what policies ask for, from one decision to the next.
    """
    remembered = {} if asked is None else asked
    values: Values = {}
    for policy in _all(decision):
        known = remembered.get(id(policy))
        if known is None:
            known = remembered[id(policy)] = _asked_by(policy)
        for key, candidates in known.items():
            if key not in told:
                values.setdefault(key, {}).update(candidates)
    if not values:
        return ""
    request = decision.request
    for chosen in islice(product(*values.values()), _MOST):
        context = {key: value for key, value in request.context.items() if key not in values}
        context.update({key: value for key, value in zip(values, chosen, strict=True) if value is not None})
        other = Request(
            request.principal, request.action, request.resource, request.resource_account, context
        )
        if evaluate(other, decision.policies, decision.switches).allowed is not decision.allowed:
            return next(_written(decision, values))
    return ""


def _written(decision: Decision, values: Values) -> Iterator[str]:
    for policy in _all(decision):
        for statement in policy.statements:
            for condition in statement.conditions:
                if condition.key.lower() in values:
                    yield condition.key


def _asked_by(policy: Policy) -> Values:
    found: Values = {}
    for statement in policy.statements:
        for condition in statement.conditions:
            key = condition.key.lower()
            if key not in _KEYS:
                continue
            candidates = found.setdefault(key, {})
            candidates.update(
                dict.fromkeys(_ELSEWHERE) if key in _ADDRESSES else {None: None, "elsewhere": None}
            )
            for value in condition.values:
                if key in _ADDRESSES:
                    candidates.update(dict.fromkeys(_address_in(value)))
                else:
                    candidates[value.replace("*", "x").replace("?", "x")] = None
    return found


def _address_in(block: str) -> Iterator[str]:
    try:
        yield str(ipaddress.ip_network(block, strict=False).network_address)
    except ValueError:
        return


def _all(decision: Decision) -> Iterator[Policy]:
    policies = decision.policies
    yield from policies.identity
    yield from policies.boundary or ()
    yield from policies.session or ()
    if policies.resource is not None:
        yield policies.resource
    for levels in (policies.scps, policies.rcps):
        for level in levels:
            yield from level
