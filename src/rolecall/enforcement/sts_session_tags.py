"""Session tags: what a call passes, what it inherits along a chain, and what conditions see of both.

Source: IAM User Guide, "Pass session tags in AWS STS" (id_session-tags).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiError
from rolecall.iam.role_call_context import session_tag_context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.sessions import Session
    from rolecall.iam.requests import ContextValue

__all__ = ["SessionTags", "read_session_tags"]


@dataclass(frozen=True, slots=True)
class SessionTags:
    """The tags of a session in the making.

    ``passed`` are those of the call, ``inherited`` the transitive tags of the calling session.
    ``transitive_keys`` are the keys that this call makes transitive.
    """

    passed: Mapping[str, str]
    inherited: Mapping[str, str]
    transitive_keys: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether ``sts:TagSession`` is needed: tags that are only inherited need it too."""
        return bool(self.passed or self.inherited)

    @property
    def all(self) -> dict[str, str]:
        """The session tags of the new session."""
        return {**self.inherited, **self.passed}

    @property
    def all_transitive_keys(self) -> tuple[str, ...]:
        """The keys that the new session hands on when it assumes a further role."""
        return (*self.inherited, *self.transitive_keys)

    def context(self) -> dict[str, ContextValue]:
        """``aws:RequestTag/…``, ``aws:TagKeys`` and ``sts:TransitiveTagKeys``, where they are present."""
        return session_tag_context(self.passed, self.all_transitive_keys)


def read_session_tags(params: Mapping[str, Any], session: Session | None) -> SessionTags:
    """The tags of an AssumeRole or GetFederationToken call.

    In: the call's ``Tags`` and ``TransitiveTagKeys``, and the session of the caller, if it is one.
    Raises InvalidParameterValue for repeated keys (case does not count), for transitive keys without a
    tag, and for a tag that would override an inherited one.
    """
    passed = {tag["Key"]: tag.get("Value", "") for tag in params.get("Tags") or ()}
    keys = {key.lower() for key in passed}
    if len(keys) < len(params.get("Tags") or ()):
        raise _invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    inherited = _inherited(session)
    if keys & {key.lower() for key in inherited}:
        raise _invalid(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive "
            "tag key from the calling session."
        )
    wanted = {key.lower() for key in params.get("TransitiveTagKeys") or ()}
    if not wanted <= keys:
        raise _invalid("The specified transitive tag key must be included in the requested tags.")
    return SessionTags(passed, inherited, tuple(key for key in passed if key.lower() in wanted))


def _inherited(session: Session | None) -> dict[str, str]:
    if session is None:
        return {}
    transitive = {key.lower() for key in session.transitive_tag_keys}
    return {key: value for key, value in session.tags.items() if key.lower() in transitive}


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidParameterValue", message, 400)
