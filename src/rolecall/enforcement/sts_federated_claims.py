"""Session tags and source identity that an identity provider vouches for.

Source: IAM User Guide, "Pass session tags in AWS STS": the claims ``https://aws.amazon.com/tags`` and
``https://aws.amazon.com/source_identity`` of a token, and the attributes of a SAML assertion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiError
from rolecall.enforcement.sts_session_tags import SessionTags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["tags_from_attributes", "tags_from_claims"]

_TAGS = "https://aws.amazon.com/tags"
_SAML = "https://aws.amazon.com/SAML/Attributes/"
_LIMIT = 50


def tags_from_claims(claims: Mapping[str, Any]) -> SessionTags:
    """The session tags of a token: nested (``principal_tags``) or flattened (``…/principal_tags/Key``)."""
    nested = claims.get(_TAGS)
    nested = nested if isinstance(nested, dict) else {}
    raw = dict(nested.get("principal_tags") or {})
    prefix = f"{_TAGS}/principal_tags/"
    raw.update({key[len(prefix) :]: value for key, value in claims.items() if key.startswith(prefix)})
    transitive = nested.get("transitive_tag_keys") or claims.get(f"{_TAGS}/transitive_tag_keys") or ()
    return _tags({key: _first(value) for key, value in raw.items()}, transitive)


def tags_from_attributes(attributes: Mapping[str, Sequence[str]]) -> SessionTags:
    """The session tags of an assertion: ``PrincipalTag:Key`` and ``TransitiveTagKeys``."""
    prefix = f"{_SAML}PrincipalTag:"
    tags = {
        name[len(prefix) :]: values[0]
        for name, values in attributes.items()
        if name.startswith(prefix) and values
    }
    return _tags(tags, attributes.get(f"{_SAML}TransitiveTagKeys", ()))


def _tags(tags: dict[str, str], transitive: Sequence[str]) -> SessionTags:
    wanted = {key.lower() for key in transitive}
    known = {key.lower() for key in tags}
    too_long = any(not 1 <= len(key) <= 128 or len(value) > 256 for key, value in tags.items())
    if len(known) < len(tags) or not wanted <= known or len(tags) > _LIMIT or too_long:
        raise ApiError("InvalidIdentityToken", "The session tags in the token are invalid.", 400)
    return SessionTags(tags, {}, tuple(key for key in tags if key.lower() in wanted))


def _first(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return str(value[0]) if value else ""
    return str(value)
