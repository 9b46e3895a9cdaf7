"""Callers whom a chain does not declare, and whom a trust policy may let in all the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.iam import Effect, Principal, PrincipalType, read_principal
from rolecall.iam.wildcards import has_wildcard
from rolecall.verdicts.callers import ChainCaller, stranger_caller
from rolecall.verdicts.disguises import STRANGER_NAME, as_wished

if TYPE_CHECKING:
    from datetime import datetime

    from rolecall.chains import Chain, Role
    from rolecall.iam import Statement

__all__ = ["outsiders"]

_STRANGER = "999999999999"
_NOBODY = f"arn:aws:iam::{_STRANGER}:user/{STRANGER_NAME}"
_POSITIVE = ("stringequals", "stringlike", "stringequalsignorecase", "arnequals", "arnlike")


def outsiders(chain: Chain, role: Role, now: datetime) -> tuple[tuple[str, ChainCaller], ...]:
    """Strangers with every permission, by the name that ``exactly`` would call them.

    The root user, an administrator of another account, an anonymous caller, AWS services, federated
    identities, everybody whom the trust policy names, and whoever fits the conditions by which it picks its
    callers: an organization, an account, a pattern of ARNs. Each comes as whoever its account could make of
    it as well: with the tags, the name and the source identity that the trust policy asks for.
    """
    own = chain.accounts[role.account]
    found: dict[str, ChainCaller] = {}

    def add(name: str, principal: Principal) -> None:
        found.setdefault(name, stranger_caller(name, principal))

    add("the root user", read_principal(f"arn:aws:iam::{own}:root"))
    add("anonymous", Principal(PrincipalType.ANONYMOUS, "anonymous"))
    add("another account", read_principal(_NOBODY))
    for name in ("ec2.amazonaws.com", "lambda.amazonaws.com", "accounts.google.com"):
        add(name, read_principal(name))
    for statement in role.trust.policy.statements:
        for kind, value in statement.principal.entries if statement.principal else ():
            for name, principal in _named(kind, value):
                if principal.account != own or kind in ("Service", "Federated"):
                    add(name, principal)
        if statement.effect is Effect.ALLOW:
            for name, caller in _picked(statement, frozenset(chain.accounts.values())):
                found.setdefault(name, caller)
    return tuple(
        (name, made)
        for name, caller in found.items()
        for made in (caller, *as_wished(role.trust.policy, caller, own, now))
    )


def _named(kind: str, value: str) -> Iterator[tuple[str, Principal]]:
    if kind == "AWS" and value != "*":
        account = value if value.isdigit() else value.split(":")[4] if value.count(":") >= 5 else ""
        if value.isdigit() or value.endswith(":root"):
            yield account, read_principal(f"arn:aws:iam::{account}:user/{STRANGER_NAME}")
        elif value.startswith("arn:"):
            yield value, _principal(value)
    elif kind in ("Service", "Federated") and value != "*":
        yield value, read_principal(value)


def _picked(statement: Statement, declared: frozenset[str]) -> Iterator[tuple[str, ChainCaller]]:
    """Strangers who have what the conditions of a statement ask of a caller: the rest is theirs to fit."""
    asked: dict[str, list[str]] = {}
    for condition in statement.conditions:
        operator = condition.operator.lower().rpartition(":")[2].removesuffix("ifexists")
        if operator in _POSITIVE:
            asked.setdefault(condition.key.lower(), []).extend(condition.values)
    arns = {value: _filled(value) for value in asked.get("aws:principalarn", ())}
    accounts = {value: _filled_account(value) for value in asked.get("aws:principalaccount", ())}
    organizations = {value: value for value in asked.get("aws:principalorgid", ())}
    paths = {
        value: value.replace("*", "").rstrip("/") + "/" for value in asked.get("aws:principalorgpaths", ())
    }
    if not (arns or accounts or organizations or paths):
        return
    for arn_name, arn in (arns or {"": ""}).items():
        for account_name, account in (accounts or {"": ""}).items():
            caller = _principal(arn or f"arn:aws:iam::{account or _STRANGER}:user/{STRANGER_NAME}")
            if caller.account in declared:
                continue  # within the chain's own accounts, its declared principals are all there is
            for place in (*organizations, *paths) or ("",):
                organization = (place.partition("/")[0] or "o-stranger") if place else None
                path = paths.get(place) or (f"{organization}/r-0000/" if organization else None)
                name = arn_name or account_name or place
                stranger = stranger_caller(name, caller)
                facts = replace(stranger.facts, organization_id=organization, organization_path=path)
                yield name, replace(stranger, facts=facts)


def _principal(arn: str) -> Principal:
    principal = read_principal(arn)
    return replace(principal, role_arn=arn) if principal.type is PrincipalType.ROLE else principal


def _filled(pattern: str) -> str:
    """An ARN that a pattern of ARNs covers, of an account that nobody knows where that is left open."""
    fields = pattern.split(":", 5)
    if len(fields) < 6 or fields[2] not in ("iam", "sts"):
        return _NOBODY if has_wildcard(pattern) else pattern
    account = _filled_account(fields[4])
    rest = fields[5].replace("*", "stranger").replace("?", "x")
    kind = (
        rest
        if rest.partition("/")[0] in ("user", "role", "assumed-role", "root")
        else f"user/{STRANGER_NAME}"
    )
    return f"arn:aws:{fields[2]}::{account}:{kind}"


def _filled_account(pattern: str) -> str:
    if not has_wildcard(pattern):
        return pattern
    kept = (
        pattern.replace("?", "9").replace("*", "9" * (12 - len(pattern.replace("*", ""))), 1).replace("*", "")
    )
    return kept if len(kept) == 12 and kept.isdigit() else _STRANGER
