"""The condition keys that a call of AssumeRole and its kin carries: what its parameters put into the request.

Sources: IAM User Guide, "IAM and AWS STS condition context keys" and "Pass session tags in AWS STS".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.iam.requests import ContextValue

__all__ = ["RoleCall", "role_call_context", "role_call_requests", "session_tag_context"]


@dataclass(frozen=True, slots=True)
class RoleCall:
    """What is passed to AssumeRole, and what it meets.

    ``tags`` are passed with the call, ``inherited`` the caller's transitive session tags,
    ``transitive_keys`` the keys that this call makes transitive. ``source_identity`` is the one that is
    passed or inherited, ``source_identity_passed`` says which. ``mfa``: a valid code is sent along.
    ``role_tags`` are those of the role itself.
    ``action`` is another one for web and SAML identities; ``claims`` are the keys that those bring.
    """

    role_session_name: str
    external_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    inherited: Mapping[str, str] = field(default_factory=dict)
    transitive_keys: tuple[str, ...] = ()
    source_identity: str | None = None
    mfa: bool = False
    role_tags: Mapping[str, str] = field(default_factory=dict)
    source_identity_passed: bool = True
    action: str = "sts:AssumeRole"
    claims: Mapping[str, ContextValue] = field(default_factory=dict)

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that must all be allowed on the role."""
        actions = [self.action]
        if self.tags or self.inherited:
            actions.append("sts:TagSession")
        if self.source_identity is not None:
            actions.append("sts:SetSourceIdentity")
        return tuple(actions)


def role_call_context(call: RoleCall) -> dict[str, ContextValue]:
    """The keys of the request. An inherited tag stands in for the role's own tag of that key."""
    inherited = {key.lower(): value for key, value in call.inherited.items()}
    context: dict[str, ContextValue] = {**call.claims, "sts:RoleSessionName": call.role_session_name}
    for key, value in call.role_tags.items():
        seen = inherited.get(key.lower(), value)
        context[f"aws:ResourceTag/{key}"] = seen
        context[f"iam:ResourceTag/{key}"] = seen
    context.update(session_tag_context(call.tags, (*call.inherited, *call.transitive_keys)))
    if call.external_id is not None:
        context["sts:ExternalId"] = call.external_id
    if call.source_identity is not None:
        context["sts:SourceIdentity"] = call.source_identity
    if call.mfa:
        context["aws:MultiFactorAuthPresent"] = True
        context["aws:MultiFactorAuthAge"] = 0
    return context


def role_call_requests(call: RoleCall) -> tuple[tuple[str, dict[str, ContextValue]], ...]:
    """What has to be allowed on the role: each action with the keys that it sees.

    An inherited source identity is no parameter of the call: only ``sts:SetSourceIdentity`` sees it.
    """
    whole = role_call_context(call)
    passed = whole
    if not call.source_identity_passed:
        passed = {key: value for key, value in whole.items() if key != "sts:SourceIdentity"}
    return tuple((action, whole if action == "sts:SetSourceIdentity" else passed) for action in call.actions)


def session_tag_context(tags: Mapping[str, str], transitive: Sequence[str]) -> dict[str, ContextValue]:
    """The keys of tags that are passed with a call, and of the tag keys that are transitive from it on."""
    context: dict[str, ContextValue] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    if tags:
        context["aws:TagKeys"] = tuple(tags)
    if transitive:
        context["sts:TransitiveTagKeys"] = tuple(transitive)
    return context
