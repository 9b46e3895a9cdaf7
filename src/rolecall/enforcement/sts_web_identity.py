"""AssumeRoleWithWebIdentity: a role for whoever holds a token of a provider that the role trusts.

Sources: STS API Reference, AssumeRoleWithWebIdentity; IAM User Guide, "IAM and AWS STS condition
context keys" (reference_policies_iam-condition-keys).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiCall, ApiError
from rolecall.enforcement.sessions import SessionKind
from rolecall.enforcement.strict_iam.accounts import is_known_account
from rolecall.enforcement.sts_assume_role import check_duration
from rolecall.enforcement.sts_authorization import provider_caller, require_on_role
from rolecall.enforcement.sts_credentials import (
    assumed_role_user,
    credentials,
    issue,
    role_session_principal,
    token_size,
)
from rolecall.enforcement.sts_federated_claims import tags_from_claims
from rolecall.enforcement.sts_roles import NamedRole, named_role
from rolecall.enforcement.sts_session_policies import (
    packed_size,
    read_session_policies,
    resolve_session_policies,
)
from rolecall.enforcement.sts_tokens import IdToken, read_id_token, verify_id_token
from rolecall.iam.role_call_context import RoleCall, role_call_requests

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment

__all__ = ["assume_role_with_web_identity"]

_BUILT_IN = frozenset({"accounts.google.com", "cognito-identity.amazonaws.com"})
"""Issuers of tokens that IAM knows without a provider of the account's own."""

_SOURCE_IDENTITY = "https://aws.amazon.com/source_identity"
_ALWAYS = ("sub", "azp", "amr", "email")
_GITHUB = (
    "actor", "actor_id", "enterprise_id", "environment", "job_workflow_ref", "ref", "repository",
    "repository_id", "repository_owner", "repository_owner_id", "repository_visibility", "workflow",
)  # fmt: skip
_PERSISTENT = ("aud", "sub", "amr")


def assume_role_with_web_identity(call: ApiCall, environment: Environment) -> dict[str, Any]:
    """The answer to AssumeRoleWithWebIdentity, or the ApiError that AWS would answer."""
    params = call.params
    role = named_role(environment, params["RoleArn"])
    policies = read_session_policies(params)
    token = read_id_token(params["WebIdentityToken"])
    provider = _provider(environment, role, token)
    keys = environment.issuers.get(token.issuer)
    if keys is None:
        raise ApiError(
            "IDPCommunicationError",
            f"Couldn't reach the identity provider https://{token.issuer}: no keys are pinned for it here",
            400,
        )
    verify_id_token(token, keys, environment.clock())
    tags = tags_from_claims(token.claims)
    source_identity = token.claims.get(_SOURCE_IDENTITY)

    caller = provider_caller(provider, role.account, role.partition)
    claims = _claims_context(token)
    asked = RoleCall(
        params["RoleSessionName"],
        tags=tags.passed,
        transitive_keys=tags.transitive_keys,
        source_identity=source_identity,
        role_tags=role.tags,
        action="sts:AssumeRoleWithWebIdentity",
        claims={**claims, "aws:FederatedProvider": provider},
    )
    for action, context in role_call_requests(asked):
        require_on_role(call, environment, caller, action, role, context)
    seconds = check_duration(params.get("DurationSeconds"), role, None)

    size = packed_size(policies, tags.all)
    session = issue(
        environment,
        SessionKind.WEB_IDENTITY,
        role_session_principal(role, params["RoleSessionName"]),
        seconds,
        smallest_token=params.get("MinimumSessionTokenSize"),
        role_arn=role.arn,
        role_id=role.id,
        tags=tags.all,
        transitive_tag_keys=tags.all_transitive_keys,
        source_identity=source_identity,
        session_policies=resolve_session_policies(environment, role.account, policies),
        federated_provider=provider,
        federated_context=_persistent(token, claims),
    )
    answer: dict[str, Any] = {
        "Credentials": credentials(session),
        "AssumedRoleUser": assumed_role_user(session),
        **token_size(session),
        "SubjectFromWebIdentityToken": token.claims["sub"],
        "Provider": provider,
        "Audience": token.audiences[0],
    }
    if size is not None:
        answer["PackedPolicySize"] = size
    if source_identity is not None:
        answer["SourceIdentity"] = source_identity
    return answer


def _provider(environment: Environment, role: NamedRole, token: IdToken) -> str:
    """The provider in the role's account that stands for the token's issuer, and accepts its audience."""
    if token.issuer in _BUILT_IN:
        return token.issuer
    arn = f"arn:{role.partition}:iam::{role.account}:oidc-provider/{token.issuer}"
    known = role.partition == environment.partition and is_known_account(environment, role.account)
    provider = environment.iam(role.account).open_id_providers.get(arn) if known else None
    if provider is None:
        raise ApiError(
            "InvalidIdentityToken",
            f"No OpenIDConnect provider found in your account for {token.claims['iss']}",
            400,
        )
    accepted = set(provider.client_id_list or ())
    if not accepted & {*token.audiences, token.claims.get("azp")}:
        raise ApiError("InvalidIdentityToken", "Incorrect token audience", 400)
    return arn


def _claims_context(token: IdToken) -> dict[str, str | tuple[str, ...]]:
    """The condition keys of the token: ``<issuer>:aud`` and the claims that IAM knows of its issuer."""
    issuer = token.issuer
    audiences = token.audiences
    found: dict[str, str | tuple[str, ...]] = {
        f"{issuer}:aud": audiences[0] if len(audiences) == 1 else audiences
    }
    if issuer == "accounts.google.com" and isinstance(token.claims.get("azp"), str):
        # Google's aud key holds azp, and oaud the audience.
        found[f"{issuer}:oaud"] = found[f"{issuer}:aud"]
        found[f"{issuer}:aud"] = token.claims["azp"]
    names = (*_ALWAYS, *(_GITHUB if issuer.endswith("actions.githubusercontent.com") else ()))
    for name in names:
        value = token.claims.get(name)
        if isinstance(value, str):
            found[f"{issuer}:{name}"] = value
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            found[f"{issuer}:{name}"] = tuple(value)
    return found


def _persistent(token: IdToken, claims: dict[str, str | tuple[str, ...]]) -> dict[str, str | tuple[str, ...]]:
    """What later calls of the session still see: only the built-in providers leave anything."""
    if token.issuer not in _BUILT_IN:
        return {}
    wanted = {f"{token.issuer}:{name}" for name in _PERSISTENT}
    return {key: value for key, value in claims.items() if key in wanted}
