"""Whether the hops of a chain can be made at all. Limits: STS API reference, AssumeRole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall.chains.places import place_of
from rolecall.chains.problems import Problems, nearest

if TYPE_CHECKING:
    from rolecall.chains.hops import Hop
    from rolecall.chains.model import Chain

__all__ = ["MANAGED_HINT", "check_hops", "is_policy_arn"]

MANAGED_HINT = "or give the ARN of a managed policy, as arn:aws:iam::aws:policy/ReadOnlyAccess"


def is_policy_arn(ref: str) -> bool:
    """Whether this is the ARN of a managed policy: of AWS, or of a customer."""
    return re.fullmatch(r"arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/.+", ref, re.ASCII) is not None


def check_hops(chain: Chain, problems: Problems, written: frozenset[str]) -> None:
    """Note what is wrong with the hops."""
    pairs: set[tuple[str, str]] = set()
    names: set[str] = set()
    every = {hop.name for hop in chain.hops if hop.name}
    for i, hop in enumerate(chain.hops):
        where = f"hops[{i}]"
        _ends(chain, hop, where, every, problems, written)
        _parameters(chain, hop, where, problems, written)
        if (hop.frm, hop.assume) in pairs and not hop.name:
            problems.add(
                place_of(hop),
                f"{where}: a hop from {hop.frm} to {hop.assume} is declared already",
                "give this one a name, so that expectations can say which is meant",
            )
        pairs.add((hop.frm, hop.assume))
        if hop.name and (
            hop.name in names
            or hop.name in chain.users
            or hop.name in chain.roles
            or hop.name in chain.providers
        ):
            problems.add(place_of(hop.name, hop), f'{where}.name: "{hop.name}" is taken')
        names.add(hop.name)


def _ends(
    chain: Chain, hop: Hop, where: str, names: set[str], problems: Problems, written: frozenset[str]
) -> None:
    starts = (*chain.users, *chain.roles, *chain.providers, *sorted(names))
    if hop.frm not in starts and hop.frm not in written:
        problems.add(
            place_of(hop.frm, hop),
            f'{where}.from: no user, role or provider "{hop.frm}" is declared',
            nearest(hop.frm, starts, what="declared"),
        )
    if hop.assume not in chain.roles and hop.assume not in written:
        problems.add(
            place_of(hop.assume, hop),
            f'{where}.assume: no role "{hop.assume}" is declared',
            nearest(hop.assume, chain.roles, what="declared"),
        )
    user = chain.users.get(hop.frm)
    if user is not None and not user.access_key:
        problems.add(
            place_of(hop.frm, hop),
            f'{where}.from: the user "{user.name}" has no access key to make the call with',
            f"add access_key: true to users.{user.name}",
        )


def _parameters(chain: Chain, hop: Hop, where: str, problems: Problems, written: frozenset[str]) -> None:
    role = chain.roles.get(hop.assume)
    chained = hop.frm in chain.roles or any(hop.frm == other.name for other in chain.hops if other.name)
    if hop.duration is not None:
        if chained and hop.duration > 3600:
            problems.add(
                place_of(hop),
                f"{where}.duration: a role that assumes a role gets one hour at the most (3600)",
            )
        elif role is not None and hop.duration > role.max_session_duration:
            problems.add(
                place_of(hop),
                f"{where}.duration: {hop.duration} is more than the role's {role.max_session_duration}",
                f"set max_session_duration of roles.{role.name}",
            )
    user = chain.users.get(hop.frm)
    if hop.mfa and (user is None or not user.mfa):
        problems.add(
            place_of(hop),
            f'{where}.mfa: "{hop.frm}" has no MFA device',
            f"add mfa: true to users.{hop.frm}" if user else "only users have MFA devices",
        )
    if hop.frm in chain.providers:
        for name in ("external_id", "source_identity", "tags", "transitive_tags", "mfa"):
            if getattr(hop, name):
                problems.add(
                    place_of(hop),
                    f"{where}.{name}: is no parameter of AssumeRoleWithWebIdentity or AssumeRoleWithSAML",
                    "say it in claims, as the provider would",
                )
    elif hop.claims:
        problems.add(place_of(hop), f'{where}.claims: "{hop.frm}" is not a provider')
    for key in hop.transitive_tags:
        if key not in hop.tags:
            problems.add(
                place_of(key, hop),
                f'{where}.transitive_tags: "{key}" is not among the tags of the hop',
                nearest(key, hop.tags, what="set"),
            )
    if len(hop.tags) > 50:
        problems.add(place_of(hop), f"{where}.tags: STS allows at most 50 session tags")
    for ref in hop.session_policy_arns:
        policy = chain.policies.get(ref)
        if policy is not None:
            if role is not None and policy.account != role.account:
                problems.add(
                    place_of(ref, hop),
                    f'{where}.session_policy_arns: "{ref}" is in {policy.account}, not in {role.account}',
                    "STS takes managed policies of the role's own account",
                )
        elif ref not in written and not is_policy_arn(ref):
            problems.add(
                place_of(ref, hop),
                f'{where}.session_policy_arns: no policy "{ref}" is declared',
                nearest(ref, chain.policies, what="declared") + "; " + MANAGED_HINT,
            )
