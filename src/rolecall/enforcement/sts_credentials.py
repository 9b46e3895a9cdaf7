"""Handing out temporary credentials: a Session in the environment's store, and its wire form."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.sessions import Session, SessionKind
from rolecall.iam import Principal, PrincipalType

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment
    from rolecall.enforcement.sts_roles import NamedRole

__all__ = ["assumed_role_user", "credentials", "issue", "role_session_principal", "token_size"]

_LARGEST_TOKEN = 4096


def issue(
    environment: Environment,
    kind: SessionKind,
    principal: Principal,
    seconds: int,
    *,
    smallest_token: int | None = None,
    **more: Any,
) -> Session:
    """A new session that lives ``seconds`` from now, remembered by the environment.

    ``smallest_token`` is the ``MinimumSessionTokenSize`` of the call; ``more`` are the further fields of
    Session.
    """
    token = environment.new_token()
    if smallest_token is not None and smallest_token > len(token):
        token = environment.new_token(smallest_token)[:smallest_token]
    now = environment.clock().replace(microsecond=0)
    session = Session(
        kind=kind,
        principal=principal,
        account=principal.account or environment.account_id,
        access_key_id=environment.new_id("ASIA"),
        secret_access_key=environment.new_secret(),
        session_token=token,
        issued=now,
        expires=now + timedelta(seconds=seconds),
        **more,
    )
    environment.sessions.add(session)
    return session


def credentials(session: Session) -> dict[str, Any]:
    """The ``Credentials`` member of an STS answer."""
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
        "Expiration": session.expires,
    }


def token_size(session: Session) -> dict[str, int]:
    """``SessionTokenSize`` and ``SessionTokenUtilization``: bytes, and percent of the largest token."""
    size = len(session.session_token)
    return {"SessionTokenSize": size, "SessionTokenUtilization": -(-size * 100 // _LARGEST_TOKEN)}


def role_session_principal(role: NamedRole, session_name: str) -> Principal:
    """The principal of a role session. Its ARN leaves the role's path out; ``role_arn`` keeps it."""
    return Principal(
        PrincipalType.SESSION,
        f"arn:{role.partition}:sts::{role.account}:assumed-role/{role.name}/{session_name}",
        role.account,
        role.partition,
        role.name,
        role.path,
        session=session_name,
        role_arn=role.arn,
        unique_id=role.id,
    )


def assumed_role_user(session: Session) -> dict[str, str]:
    """The ``AssumedRoleUser`` member: ``AROA…:session`` and the session's ARN."""
    return {
        "AssumedRoleId": f"{session.role_id}:{session.principal.session}",
        "Arn": session.principal.arn,
    }
