"""The condition keys that a call of AssumeRole carries: what its parameters put into the request.

Sources: IAM User Guide, "IAM and AWS STS condition context keys" and "Pass session tags in AWS STS".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.iam.requests import ContextValue

__all__ = ["RoleCall", "role_call_context"]


@dataclass(frozen=True, slots=True)
class RoleCall:
    """What is passed to AssumeRole, and what it meets.

    ``tags`` are passed with the call, ``inherited`` the caller's transitive session tags,
    ``transitive_keys`` the keys that this call makes transitive. ``source_identity`` is the one that is
    passed or inherited. ``mfa``: a valid code is sent along. ``role_tags`` are those of the role itself.
    """

    role_session_name: str
    external_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    inherited: Mapping[str, str] = field(default_factory=dict)
    transitive_keys: tuple[str, ...] = ()
    source_identity: str | None = None
    mfa: bool = False
    role_tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that must all be allowed on the role."""
        actions = ["sts:AssumeRole"]
        if self.tags or self.inherited:
            actions.append("sts:TagSession")
        if self.source_identity is not None:
            actions.append("sts:SetSourceIdentity")
        return tuple(actions)


def role_call_context(call: RoleCall) -> dict[str, ContextValue]:
    """The keys of the request. An inherited tag stands in for the role's own tag of that key."""
    inherited = {key.lower(): value for key, value in call.inherited.items()}
    context: dict[str, ContextValue] = {"sts:RoleSessionName": call.role_session_name}
    for key, value in call.role_tags.items():
        seen = inherited.get(key.lower(), value)
        context[f"aws:ResourceTag/{key}"] = seen
        context[f"iam:ResourceTag/{key}"] = seen
    context.update({f"aws:RequestTag/{key}": value for key, value in call.tags.items()})
    if call.tags:
        context["aws:TagKeys"] = tuple(call.tags)
    transitive = (*call.inherited, *call.transitive_keys)
    if transitive:
        context["sts:TransitiveTagKeys"] = transitive
    if call.external_id is not None:
        context["sts:ExternalId"] = call.external_id
    if call.source_identity is not None:
        context["sts:SourceIdentity"] = call.source_identity
    if call.mfa:
        context["aws:MultiFactorAuthPresent"] = True
        context["aws:MultiFactorAuthAge"] = 0
    return context
