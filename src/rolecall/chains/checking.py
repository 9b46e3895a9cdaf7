"""What a chain must be besides well-formed: names that exist, limits of IAM and STS, ways that lead there.

Works on the chain itself, so a chain that was built in Python is held to the same rules. Limits: IAM and
STS API references; "IAM and AWS STS quotas" (reference_iam-quotas).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall.chains.expectation_checks import check_expectations
from rolecall.chains.hop_checks import MANAGED_HINT, check_hops, is_policy_arn
from rolecall.chains.places import place_of
from rolecall.chains.principals import Group, Role, User
from rolecall.chains.problems import Problems, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rolecall.chains.documents import PolicyDocument
    from rolecall.chains.model import Chain
    from rolecall.errors import InputError

__all__ = ["check_chain"]

_LONGEST = {"user": 64, "role": 64, "group": 128, "policy": 128}


def check_chain(chain: Chain, *, written: frozenset[str] = frozenset()) -> tuple[InputError, ...]:
    """Everything that is wrong with a chain, in the order of its manifest; empty where it is sound.

    ``written``: names that are declared but could not be built; they do not count as unknown.
    """
    problems = Problems(chain.file)
    _accounts(chain, problems, written)
    _names(chain, problems)
    holders: Iterable[tuple[str, User | Group | Role]] = [
        *(("users", user) for user in chain.users.values()),
        *(("groups", group) for group in chain.groups.values()),
        *(("roles", role) for role in chain.roles.values()),
    ]
    for field, holder in holders:
        _attachments(chain, f"{field}.{holder.name}", holder, problems, written)
    for user in chain.users.values():
        for name in user.groups:
            group = chain.groups.get(name)
            if group is None and name not in written:
                problems.add(
                    place_of(name, user),
                    f'users.{user.name}.groups: no group "{name}" is declared',
                    nearest(name, chain.groups, what="declared"),
                )
            elif group is not None and group.account != user.account:
                problems.add(
                    place_of(name, user), f'users.{user.name}.groups: "{name}" is in another account'
                )
    _tags(chain, problems)
    _resources(chain, problems)
    check_hops(chain, problems, written)
    check_expectations(chain, problems, written)
    return problems.sorted()


def _accounts(chain: Chain, problems: Problems, written: frozenset[str]) -> None:
    for alias, account_id in chain.accounts.items():
        if not re.fullmatch(r"[0-9]{12}", account_id, re.ASCII):
            problems.add(
                place_of(account_id, alias),
                f'accounts.{alias}: expected an account id of 12 digits, found "{account_id}"',
            )
    ids: dict[str, str] = {}
    for alias, account_id in chain.accounts.items():
        first = ids.setdefault(account_id, alias)
        if first != alias:
            problems.add(
                place_of(account_id, alias),
                f"accounts.{alias}: {account_id} is {first} already",
                "one alias an account: its SCPs and RCPs are those of the alias",
            )
    elements = (
        ("policies", chain.policies.values()),
        ("users", chain.users.values()),
        ("groups", chain.groups.values()),
        ("roles", chain.roles.values()),
        ("providers", chain.providers.values()),
        ("resources", chain.resources),
    )
    for field, items in elements:
        for item in items:
            where = f"{field}.{item.name}"
            if not item.account:
                if len(chain.accounts) > 1:
                    problems.add(
                        place_of(item),
                        f"{where}: several accounts are declared and none is called home",
                        f"say account: {' or '.join(chain.accounts)}",
                    )
            elif item.account not in chain.accounts and item.account not in written:
                _unknown_account(item.account, where + ".account", chain, problems, item)
    for alias in chain.organization.accounts if chain.organization else ():
        if alias not in chain.accounts and alias not in written:
            _unknown_account(alias, f"organization.accounts.{alias}", chain, problems, None)
    for field, levels in (("scps", chain.scps), ("rcps", chain.rcps)):
        for alias in levels:
            if alias not in chain.accounts and alias not in written:
                _unknown_account(alias, f"{field}.{alias}", chain, problems, None)


def _unknown_account(alias: str, where: str, chain: Chain, problems: Problems, item: object) -> None:
    hint = nearest(alias, chain.accounts, what="declared")
    problems.add(place_of(alias, item), f'{where}: no account "{alias}" is declared', hint)


def _names(chain: Chain, problems: Problems) -> None:
    """Names that an expectation could not tell apart, and names that IAM could not."""
    taken: dict[str, str] = {}
    for kind, items in (("user", chain.users), ("role", chain.roles), ("provider", chain.providers)):
        for name in items:
            if name in taken:
                problems.add(
                    place_of(name, items[name]),
                    f'"{name}" is both a {taken[name]} and a {kind}: expectations could not tell them apart',
                    "call one differently; its field name: keeps the name in IAM",
                )
            taken.setdefault(name, kind)
    in_iam: dict[tuple[str, str, str], str] = {}
    named: list[tuple[str, PolicyDocument | User | Group | Role]] = [
        *(("policy", item) for item in chain.policies.values()),
        *(("user", item) for item in chain.users.values()),
        *(("group", item) for item in chain.groups.values()),
        *(("role", item) for item in chain.roles.values()),
    ]
    for kind, item in named:
        longest = _LONGEST[kind]
        if len(item.aws_name) > longest:
            problems.add(
                place_of(item.aws_name, item),
                f'the name of the {kind} "{item.aws_name}" has {len(item.aws_name)} characters',
                f"IAM allows {longest}",
            )
        key = (kind, chain.accounts.get(item.account, item.account), item.aws_name.lower())
        if key in in_iam:
            problems.add(
                place_of(item),
                f'the {kind} "{item.name}" has the name of "{in_iam[key]}" in the same account',
                "IAM does not tell capital letters apart here",
            )
        in_iam.setdefault(key, item.name)


def _attachments(
    chain: Chain, where: str, holder: User | Group | Role, problems: Problems, written: frozenset[str]
) -> None:
    refs = [(f"{where}.policies", ref) for ref in holder.policies]
    boundary = None if isinstance(holder, Group) else holder.boundary
    if boundary is not None:
        refs.append((f"{where}.boundary", boundary))
    for field, ref in refs:
        policy = chain.policies.get(ref)
        if policy is not None:
            if policy.account != holder.account:
                problems.add(
                    place_of(ref, holder),
                    f'{field}: the policy "{ref}" is in account {policy.account}, not in {holder.account}',
                    "IAM attaches policies of the same account only",
                )
        elif ref not in written and not is_policy_arn(ref):
            problems.add(
                place_of(ref, holder),
                f'{field}: no policy "{ref}" is declared',
                nearest(ref, chain.policies, what="declared") + "; " + MANAGED_HINT,
            )
    if len(holder.policies) > 20:
        problems.add(place_of(holder), f"{where}.policies: IAM attaches at most 20 managed policies")
    for ref in {ref for ref in holder.policies if holder.policies.count(ref) > 1}:
        problems.add(place_of(ref, holder), f'{where}.policies: "{ref}" is listed twice')


def _tags(chain: Chain, problems: Problems) -> None:
    tagged: list[tuple[str, Mapping[str, str], object]] = [
        *((f"users.{item.name}", item.tags, item) for item in chain.users.values()),
        *((f"roles.{item.name}", item.tags, item) for item in chain.roles.values()),
        *((f"policies.{item.name}", item.tags, item) for item in chain.policies.values()),
    ]
    for where, tags, item in tagged:
        if len(tags) > 50:
            problems.add(place_of(item), f"{where}.tags: IAM allows at most 50 tags, found {len(tags)}")
        lowered: set[str] = set()
        for key in tags:
            if key.lower() in lowered:
                problems.add(place_of(key, item), f'{where}.tags: "{key}" is there twice but for its case')
            if key.lower().startswith("aws:"):
                problems.add(
                    place_of(key, item), f'{where}.tags: "{key}" starts with aws:, which is reserved'
                )
            lowered.add(key.lower())


def _resources(chain: Chain, problems: Problems) -> None:
    taken: set[tuple[str, str, str]] = set()
    for item in chain.resources:
        key = (item.kind, item.account, item.name)
        if key in taken and item.kind != "ec2_instance":
            problems.add(place_of(item), f'resources: the {item.kind} "{item.name}" is declared twice')
        taken.add(key)
