"""AssumeRole: who may take which role, for how long, and what the session inherits.

Source: STS API Reference, AssumeRole; IAM User Guide, "Roles terms and concepts" (role chaining).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiCall, ApiError, Caller
from rolecall.enforcement.sessions import SessionKind
from rolecall.enforcement.strict_iam.constraints import validation_error
from rolecall.enforcement.sts_authorization import require_on_role
from rolecall.enforcement.sts_credentials import (
    assumed_role_user,
    credentials,
    issue,
    role_session_principal,
    token_size,
)
from rolecall.enforcement.sts_mfa import use_mfa
from rolecall.enforcement.sts_roles import NamedRole, named_role
from rolecall.enforcement.sts_session_policies import (
    packed_size,
    read_session_policies,
    resolve_session_policies,
)
from rolecall.enforcement.sts_session_tags import SessionTags, read_session_tags
from rolecall.iam import PrincipalType
from rolecall.iam.role_call_context import RoleCall, role_call_requests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.environment import Environment
    from rolecall.enforcement.sessions import Session

__all__ = ["assume_role", "check_duration", "source_identity_of"]

_HOUR = 3600
_ROLE_SESSIONS = (SessionKind.ROLE, SessionKind.WEB_IDENTITY, SessionKind.SAML)


def assume_role(call: ApiCall, caller: Caller, environment: Environment) -> dict[str, Any]:
    """The answer to AssumeRole, or the ApiError that AWS would answer."""
    params = call.params
    if caller.principal.type is PrincipalType.ROOT:
        raise ApiError("AccessDenied", "Roles may not be assumed by root accounts.", 403)
    if params.get("ProvidedContexts"):
        # STS signs the assertions itself; to leave them out would drop the keys that policies go by.
        raise validation_error("The context assertions in ProvidedContexts are not ones that STS has signed.")
    role = named_role(environment, params["RoleArn"])
    policies = read_session_policies(params)
    tags = read_session_tags(params, caller.session)
    source_identity = source_identity_of(params.get("SourceIdentity"), caller.session)
    mfa = use_mfa(environment, caller, params)

    asked = _role_call(params, role, tags, source_identity, mfa=mfa)
    for action, context in role_call_requests(asked):
        require_on_role(call, environment, caller, action, role, context)
    seconds = check_duration(params.get("DurationSeconds"), role, caller.session)

    size = packed_size(policies, tags.all)
    session = issue(
        environment,
        SessionKind.ROLE,
        role_session_principal(role, params["RoleSessionName"]),
        seconds,
        smallest_token=params.get("MinimumSessionTokenSize"),
        role_arn=role.arn,
        role_id=role.id,
        tags=tags.all,
        transitive_tag_keys=tags.all_transitive_keys,
        source_identity=source_identity,
        session_policies=resolve_session_policies(environment, role.account, policies),
    )
    answer: dict[str, Any] = {
        "Credentials": credentials(session),
        "AssumedRoleUser": assumed_role_user(session),
        **token_size(session),
    }
    if size is not None:
        answer["PackedPolicySize"] = size
    if source_identity is not None:
        answer["SourceIdentity"] = source_identity
    return answer


def check_duration(asked: int | None, role: NamedRole, session: Session | None) -> int:
    """Seconds that the new session lives: as asked, else an hour.

    Raises ValidationError above the role's maximum, and above an hour when a role session assumes
    a further role.
    """
    if asked is None:
        return _HOUR
    if session is not None and session.kind in _ROLE_SESSIONS and asked > _HOUR:
        raise validation_error(
            "The requested DurationSeconds exceeds the 1 hour session limit "
            "for roles assumed by role chaining."
        )
    if asked > role.max_session_duration:
        raise validation_error(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    return asked


def source_identity_of(passed: str | None, session: Session | None) -> str | None:
    """The source identity of the new session: inherited if the caller has one, else as passed.

    It never changes along a chain: raises ValidationError for another one.
    """
    inherited = session.source_identity if session else None
    if inherited is not None and passed is not None and passed != inherited:
        raise validation_error("The source identity is already set for this assume role session")
    return inherited or passed


def _role_call(
    params: Mapping[str, Any],
    role: NamedRole,
    tags: SessionTags,
    source_identity: str | None,
    *,
    mfa: bool,
) -> RoleCall:
    return RoleCall(
        params["RoleSessionName"],
        params.get("ExternalId"),
        tags.passed,
        tags.inherited,
        tags.transitive_keys,
        source_identity,
        mfa,
        role.tags,
        "SourceIdentity" in params,
    )
