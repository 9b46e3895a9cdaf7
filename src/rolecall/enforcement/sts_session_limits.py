"""What temporary credentials may not call, whatever policies say.

Sources: STS API Reference, GetSessionToken, GetFederationToken and AssumeRole ("Permissions"), and IAM
User Guide, "Compare AWS STS credentials" (id_credentials_sts-comparison).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.calls import ApiCall, ApiError, Caller
from rolecall.enforcement.sessions import SessionKind

if TYPE_CHECKING:
    from rolecall.enforcement.sessions import Session

__all__ = ["check_session_limits"]

_FROM_LONG_TERM_CREDENTIALS_ONLY = ("GetSessionToken", "GetFederationToken")


def check_session_limits(call: ApiCall, caller: Caller | None) -> None:
    """Raise AWS's error when the caller's kind of session may not make the call.

    GetSessionToken and GetFederationToken take long-term credentials only. A federated user may call
    GetCallerIdentity and nothing else of STS, and nothing of IAM. Credentials of GetSessionToken may call
    AssumeRole and GetCallerIdentity, and IAM only if MFA was used for them.
    """
    session = caller.session if caller else None
    if session is None or caller is None:
        return
    if call.service == "sts":
        _check_sts(call, caller, session)
    elif call.service == "iam" and _is_barred_from_iam(session):
        # IAM does not even know such credentials: they are answered like an unknown key.
        raise ApiError("InvalidClientTokenId", "The security token included in the request is invalid", 403)


def _check_sts(call: ApiCall, caller: Caller, session: Session) -> None:
    if call.operation in _FROM_LONG_TERM_CREDENTIALS_ONLY:
        raise ApiError("AccessDenied", f"Cannot call {call.operation} with session credentials", 403)
    allowed: tuple[str, ...] | None = None
    if session.kind is SessionKind.FEDERATED_USER or session.kind is SessionKind.ROOT_TASK:
        allowed = ("GetCallerIdentity",)
    elif session.kind is SessionKind.SESSION_TOKEN:
        allowed = ("GetCallerIdentity", "AssumeRole")
    if allowed is not None and call.operation not in allowed:
        raise ApiError(
            "AccessDenied",
            f"User: {caller.principal.arn} is not authorized to perform: sts:{call.operation}",
            403,
        )


def _is_barred_from_iam(session: Session) -> bool:
    if session.kind is SessionKind.FEDERATED_USER:
        return True
    return session.kind is SessionKind.SESSION_TOKEN and session.mfa_at is None
