"""Sessions that users (and root) make for themselves and others: GetSessionToken, GetFederationToken.

Sources: STS API Reference, the pages of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiCall, Caller
from rolecall.enforcement.sessions import SessionKind
from rolecall.enforcement.strict_iam.constraints import validation_error
from rolecall.enforcement.sts_authorization import require
from rolecall.enforcement.sts_credentials import credentials, issue, token_size
from rolecall.enforcement.sts_mfa import use_mfa
from rolecall.enforcement.sts_session_policies import (
    packed_size,
    read_session_policies,
    resolve_session_policies,
)
from rolecall.enforcement.sts_session_tags import read_session_tags
from rolecall.iam import Principal, PrincipalType

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment

__all__ = ["get_federation_token", "get_session_token"]

_TWELVE_HOURS = 43200
_ROOT_HOUR = 3600


def get_session_token(call: ApiCall, caller: Caller, environment: Environment) -> dict[str, Any]:
    """The answer to GetSessionToken. Needs no permission; carries MFA if a code was given."""
    mfa = use_mfa(environment, caller, call.params)
    session = issue(
        environment,
        SessionKind.SESSION_TOKEN,
        caller.principal,
        _seconds(call, caller),
        smallest_token=call.params.get("MinimumSessionTokenSize"),
        mfa_at=environment.clock() if mfa else None,
    )
    return {"Credentials": credentials(session), **token_size(session)}


def get_federation_token(call: ApiCall, caller: Caller, environment: Environment) -> dict[str, Any]:
    """The answer to GetFederationToken: a federated user, limited to session policies and the caller."""
    params = call.params
    policies = read_session_policies(params)
    tags = read_session_tags(params, None)
    name = params["Name"]
    partition = environment.partition
    arn = f"arn:{partition}:sts::{caller.account}:federated-user/{name}"
    require(call, environment, caller, "sts:GetFederationToken", arn, tags.context())
    if tags:
        require(call, environment, caller, "sts:TagSession", arn, tags.context())
    size = packed_size(policies, tags.all)
    session = issue(
        environment,
        SessionKind.FEDERATED_USER,
        Principal(
            PrincipalType.FEDERATED_USER,
            arn,
            caller.account,
            partition,
            name,
            issuer=caller.principal.arn,
            unique_id=f"{caller.account}:{name}",
        ),
        _seconds(call, caller),
        smallest_token=params.get("MinimumSessionTokenSize"),
        tags=tags.all,
        session_policies=resolve_session_policies(environment, caller.account, policies),
    )
    return {
        "Credentials": credentials(session),
        "FederatedUser": {"FederatedUserId": f"{caller.account}:{name}", "Arn": arn},
        "PackedPolicySize": size or 0,
        **token_size(session),
    }


def _seconds(call: ApiCall, caller: Caller) -> int:
    """As asked, else twelve hours; root gets an hour at most."""
    asked: int = call.params.get("DurationSeconds") or _TWELVE_HOURS
    if caller.principal.type is not PrincipalType.ROOT:
        return asked
    if "DurationSeconds" in call.params and asked > _ROOT_HOUR:
        raise validation_error(
            "The requested DurationSeconds exceeds the 1 hour session limit for the root user."
        )
    return min(asked, _ROOT_HOUR)
