"""The hops that a caller would try: what AssumeRole lets its caller choose, chosen to please a trust policy.

Session name, session tags and source identity are the caller's to choose ("AssumeRole", STS API Reference),
so they keep nobody out. An external id is no secret to those who work with it ("The confused deputy
problem", IAM User Guide), but one has to be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rolecall.chains import Hop
from rolecall.iam import Effect
from rolecall.probes.wishes import wishes_of

if TYPE_CHECKING:
    from rolecall.chains import Role
    from rolecall.iam import Policy, Statement

__all__ = ["chosen_hops"]

_TAG = "aws:requesttag/"


def chosen_hops(
    role: Role, name: str, *, username: str = "", insider: bool, mfa: bool = False
) -> Iterator[Hop]:
    """A hop of ``name`` without parameters, then one for each Allow statement that asks for some.

    ``username`` stands for the variable of that name. ``insider``: the caller is declared, so that external
    ids are at its hand; ``mfa``: the caller has a device of its own.
    """
    plain = Hop(name, role.name, "rolecall-probe")
    yield plain
    for statement in role.trust.policy.statements:
        if statement.effect is Effect.ALLOW:
            hop = _pleasing(role.trust.policy, statement, plain, username or "x", insider=insider, mfa=mfa)
            if hop != plain:
                yield hop


def _pleasing(
    policy: Policy, statement: Statement, plain: Hop, username: str, *, insider: bool, mfa: bool
) -> Hop:
    changes: dict[str, object] = {"mfa": mfa}
    tags: dict[str, str] = {}
    for lowered, (key, asked) in wishes_of(policy, statement).items():
        value = asked.replace("${aws:username}", username).replace("*", "x").replace("?", "x")
        match lowered:
            case "sts:externalid" if insider:
                changes["external_id"] = value
            case "sts:rolesessionname":
                changes["session_name"] = value
            case "sts:sourceidentity" | "aws:sourceidentity":
                changes["source_identity"] = value
            case _ if lowered.startswith(_TAG):
                tags[key[len(_TAG) :]] = value
    if tags:
        changes["tags"] = tags
    return plain.changed((), changes)
