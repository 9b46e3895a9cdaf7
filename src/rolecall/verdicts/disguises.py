"""What another account's administrator makes of its own principals, to please a trust policy.

Tags, names, MFA devices and the source identity of sessions are that account's to give, so a condition on
them keeps nobody of a foreign account out ("AWS global condition context keys", IAM User Guide: properties of
the principal are those of its own account).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.iam import Effect, Principal, PrincipalType
from rolecall.probes import wishes_of

if TYPE_CHECKING:
    from datetime import datetime

    from rolecall.iam import Policy
    from rolecall.verdicts.callers import ChainCaller

__all__ = ["STRANGER_NAME", "as_wished"]

STRANGER_NAME = "stranger"
_TAG = "aws:principaltag/"


def as_wished(trust: Policy, caller: ChainCaller, own_account: str, now: datetime) -> Iterator[ChainCaller]:
    """The caller as each Allow statement of the trust policy would have it, where its account can do that.

    A user whom nobody names may also be a session of a role there, or have another name.
    """
    principal = caller.principal
    kinds = (PrincipalType.USER, PrincipalType.ROLE, PrincipalType.SESSION)
    if principal.type not in kinds or principal.account == own_account:
        return
    nobody_named = principal.type is PrincipalType.USER and principal.name == STRANGER_NAME
    for statement in trust.statements:
        if statement.effect is not Effect.ALLOW:
            continue
        wishes = {
            key: (written, _plain(value)) for key, (written, value) in wishes_of(trust, statement).items()
        }
        tags = {
            written[len(_TAG) :]: value for key, (written, value) in wishes.items() if key.startswith(_TAG)
        }
        _, source_identity = wishes.get("aws:sourceidentity", ("", None))
        _, username = wishes.get("aws:username", ("", STRANGER_NAME))
        if principal.type is PrincipalType.USER:
            user = _user(principal, username or STRANGER_NAME) if nobody_named else principal
            yield replace(caller, principal=user, facts=replace(caller.facts, principal=user, tags=tags))
        if principal.type is not PrincipalType.USER or nobody_named:
            session = _session(principal) if nobody_named else principal
            facts = replace(
                caller.facts,
                principal=session,
                tags=tags,
                source_identity=source_identity,
                token_issued=now,
            )
            yield replace(caller, principal=session, facts=facts, has_mfa_device=False)


def _plain(value: str) -> str:
    return value.replace("*", "x").replace("?", "x")


def _user(principal: Principal, name: str) -> Principal:
    arn = f"arn:{principal.partition}:iam::{principal.account}:user/{name}"
    return replace(principal, arn=arn, name=name)


def _session(principal: Principal) -> Principal:
    account, partition = principal.account, principal.partition
    return Principal(
        PrincipalType.SESSION,
        f"arn:{partition}:sts::{account}:assumed-role/{STRANGER_NAME}/{STRANGER_NAME}",
        account,
        partition,
        STRANGER_NAME,
        session=STRANGER_NAME,
        role_arn=f"arn:{partition}:iam::{account}:role/{STRANGER_NAME}",
    )
