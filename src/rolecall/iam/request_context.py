"""The condition keys that AWS itself puts into a request: what follows from the caller and from the call.

Source: IAM User Guide, "AWS global condition context keys" (reference_policies_condition-keys) and the
principal table of "Policy variables" (reference_policies_variables).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from rolecall.iam.principals import Principal, PrincipalType

if TYPE_CHECKING:
    from rolecall.iam.requests import ContextValue

__all__ = ["CallFacts", "PrincipalFacts", "call_context", "principal_context"]

_TYPES = {
    PrincipalType.ROOT: "Account",
    PrincipalType.USER: "User",
    PrincipalType.FEDERATED_USER: "FederatedUser",
    PrincipalType.SESSION: "AssumedRole",
    PrincipalType.ROLE: "AssumedRole",
    PrincipalType.ANONYMOUS: "Anonymous",
}


@dataclass(frozen=True, slots=True)
class PrincipalFacts:
    """What is known of a caller beyond its ARN.

    ``tags`` are those of the user or role overlaid by session tags. ``token_issued`` is set for temporary
    credentials only; ``mfa_at`` when MFA was used for them. ``organization_path`` is spelled
    ``o-abc/r-def/ou-ghi/``. ``federated_context`` holds keys of the provider that stay usable later.
    """

    principal: Principal
    tags: Mapping[str, str] = field(default_factory=dict)
    token_issued: datetime | None = None
    mfa_at: datetime | None = None
    source_identity: str | None = None
    organization_id: str | None = None
    organization_path: str | None = None
    federated_provider: str | None = None
    federated_context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known of a call, whatever its service. ``now`` is an aware datetime."""

    now: datetime
    region: str
    secure: bool = True
    source_ip: str | None = None
    user_agent: str | None = None
    resource_account: str | None = None
    resource_organization_id: str | None = None
    resource_organization_path: str | None = None


def principal_context(facts: PrincipalFacts, now: datetime) -> dict[str, ContextValue]:
    """The keys that follow from the caller at that moment."""
    principal = facts.principal
    context: dict[str, ContextValue] = {
        "aws:PrincipalIsAWSService": principal.type is PrincipalType.SERVICE,
        "aws:ViaAWSService": False,
    }
    if principal.type is PrincipalType.SERVICE:
        context["aws:PrincipalServiceName"] = principal.name
        return context
    context["aws:PrincipalType"] = _TYPES.get(principal.type, "AssumedRole")
    context["aws:PrincipalAccount"] = principal.account or "anonymous"
    userid = _userid(principal)
    if userid is not None:
        context["aws:userid"] = userid
    if principal.type is PrincipalType.ANONYMOUS:
        return context
    context["aws:PrincipalArn"] = _principal_arn(principal)
    if principal.type is PrincipalType.USER:
        context["aws:username"] = principal.name
    for name, value in facts.tags.items():
        context[f"aws:PrincipalTag/{name}"] = value
    if facts.organization_id is not None:
        context["aws:PrincipalOrgID"] = facts.organization_id
    if facts.organization_path is not None:
        context["aws:PrincipalOrgPaths"] = (facts.organization_path,)
    if facts.token_issued is not None:
        context["aws:TokenIssueTime"] = _iso(facts.token_issued)
        context["aws:MultiFactorAuthPresent"] = facts.mfa_at is not None
        if facts.mfa_at is not None:
            context["aws:MultiFactorAuthAge"] = int((now - facts.mfa_at).total_seconds())
    if facts.source_identity is not None:
        context["aws:SourceIdentity"] = facts.source_identity
    if facts.federated_provider is not None:
        context["aws:FederatedProvider"] = facts.federated_provider
    context.update(facts.federated_context)
    return context


def call_context(facts: CallFacts) -> dict[str, ContextValue]:
    """The keys that follow from the call: time, network, region, and whose the resource is."""
    context: dict[str, ContextValue] = {
        "aws:CurrentTime": _iso(facts.now),
        "aws:EpochTime": int(facts.now.timestamp()),
        "aws:SecureTransport": facts.secure,
        "aws:RequestedRegion": facts.region,
    }
    if facts.source_ip is not None:
        context["aws:SourceIp"] = facts.source_ip
    if facts.user_agent:
        context["aws:UserAgent"] = facts.user_agent
    if facts.resource_account is not None:
        context["aws:ResourceAccount"] = facts.resource_account
    if facts.resource_organization_id is not None:
        context["aws:ResourceOrgID"] = facts.resource_organization_id
    if facts.resource_organization_path is not None:
        context["aws:ResourceOrgPaths"] = (facts.resource_organization_path,)
    return context


def _userid(principal: Principal) -> str | None:
    match principal.type:
        case PrincipalType.ROOT:
            return principal.account
        case PrincipalType.ANONYMOUS:
            return "anonymous"
        case PrincipalType.FEDERATED_USER:
            return f"{principal.account}:{principal.name}"
        case PrincipalType.SESSION:
            if principal.unique_id is None:
                return None
            return f"{principal.unique_id.partition(':')[0]}:{principal.session}"
        case _:
            return principal.unique_id


def _principal_arn(principal: Principal) -> str:
    # Conditions see the role, never the session.
    if principal.type is PrincipalType.SESSION:
        return principal.role_arn or (
            f"arn:{principal.partition}:iam::{principal.account}:role/{principal.name}"
        )
    return principal.arn


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
