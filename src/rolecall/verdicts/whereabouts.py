"""Condition keys that neither the chain's documents nor the promise can tell.

From where a call comes (address, network, program) is declared nowhere, and what a call carries (the service
that a role is passed to, a prefix, tags, an external id) is its caller's to choose, so a verdict that turns
with them says nothing about the promise. Source: IAM User Guide, "AWS global condition context keys"; Service
Authorization Reference, the condition keys of each service.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice, product
from typing import TYPE_CHECKING

from rolecall.iam import Request, evaluate
from rolecall.iam.compiled import compiled

if TYPE_CHECKING:
    from rolecall.iam import Decision, Policy
    from rolecall.iam.catalog import Catalog
    from rolecall.iam.documents import Condition

__all__ = ["hanging_key", "turns_with"]

_ADDRESSES = frozenset({"aws:sourceip", "aws:vpcsourceip"})
_NETWORK = _ADDRESSES | {
    "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce", "aws:useragent", "aws:referer",
}  # fmt: skip
_CARRIED = ("aws:requesttag/", "aws:tagkeys")
_ELSEWHERE = ("198.51.100.77", "8.8.8.8", "2001:db8:ffff::77")
_OTHERS: dict[str, tuple[str, ...]] = {
    "numeric": ("0", "2000000000"),
    "date": ("1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z"),
    "bool": ("true", "false"),
}
_VARIABLE = re.compile(r"\$\{([^},]+)[^}]*\}")
_MOST = 200


def hanging_key(
    decisions: Iterable[Decision],
    told: Collection[str] = (),
    *,
    every: bool = False,
    carried: Catalog | None = None,
    declared: Callable[[str], bool] = lambda _: True,
) -> str:
    """The key with which one of the decisions turns (with ``every``: all of them); empty where they stand.

    ``told`` are keys that the promise gives. With a catalog, what it says that a call may carry counts too,
    and so do the tags of resources that are not ``declared``.
    """
    settled = frozenset(key.lower() for key in told)
    found = ""
    for decision in decisions:
        key = turns_with(decision, settled, carried=carried, declared=declared)
        if key and not every:
            return key
        if every and not key:
            return ""
        found = key
    return found


def turns_with(
    decision: Decision,
    told: Collection[str] = (),
    *,
    carried: Catalog | None = None,
    declared: Callable[[str], bool] = lambda _: True,
) -> str:
    """The key with which this decision turns; empty where it stands."""
    request = decision.request
    tags_known = declared(request.resource)
    values: dict[str, dict[str | None, None]] = {}
    written: dict[str, str] = {}
    for condition in _asked(decision):
        key = condition.key.lower()
        unknown = key in _NETWORK or (carried is not None and _is_carried(key, decision, carried, tags_known))
        if key in told or not unknown:
            continue
        written.setdefault(key, condition.key)
        values.setdefault(key, {}).update(dict.fromkeys(_candidates(condition, request)))
    if not values:
        return ""
    for chosen in islice(product(*values.values()), _MOST):
        context = {key: value for key, value in request.context.items() if key not in values}
        picked = dict(zip(values, chosen, strict=True))
        context.update({key: value for key, value in picked.items() if value is not None})
        owner = request.resource_account
        other = Request(request.principal, request.action, request.resource, owner, context)
        if evaluate(other, decision.policies, decision.switches).allowed is not decision.allowed:
            return next(written[key] for key, value in picked.items() if value != request.context.get(key))
    return ""


def _asked(decision: Decision) -> Iterator[Condition]:
    """The conditions of every statement on the action."""
    action = decision.request.action.lower()
    for policy in _all(decision):
        for form in compiled(policy, decision.switches).statements:
            if form.statement.conditions and form.matches_action(action):
                yield from form.statement.conditions


def _is_carried(key: str, decision: Decision, catalog: Catalog, tags_known: bool) -> bool:
    """Whether AWS lists an absent key for the action or its resources: a key of the service, or of tags."""
    request = decision.request
    own = key.partition(":")[0] == request.action.partition(":")[0].lower()
    tags = _CARRIED if tags_known else (*_CARRIED, "aws:resourcetag/")
    if not (own or key.startswith(tags)) or key in request.context:
        return False
    listed, action = catalog.condition_key(key), catalog.action(request.action)
    if listed is None or action is None:
        return False
    given = {*action.condition_keys, *(name for use in action.resources for name in use.condition_keys)}
    return listed.name.lower() in {name.lower() for name in given}


def _candidates(condition: Condition, request: Request) -> Iterator[str | None]:
    if condition.key.lower() in _ADDRESSES:
        for block in condition.values:
            yield from _address_in(block)
        yield from _ELSEWHERE
        return
    yield None
    operator = condition.operator.lower().rpartition(":")[2]
    for value in condition.values if operator != "null" else ():
        filled = _VARIABLE.sub(lambda match: str(request.context.get(match[1].lower(), "x")), value)
        yield filled.replace("*", "x").replace("?", "x")
    family = next((family for family in _OTHERS if operator.startswith(family)), "")
    yield from _OTHERS.get(family, ("elsewhere",))


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
