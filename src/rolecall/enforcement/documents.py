"""Policy documents as moto stores them, parsed once and kept while they are in use."""

from __future__ import annotations

from functools import lru_cache

from rolecall.enforcement.calls import ApiError
from rolecall.errors import MalformedPolicyDocument
from rolecall.iam.documents import Policy, parse_policy

__all__ = ["stored_policy"]


def stored_policy(text: str, name: str) -> Policy:
    """The Policy of a stored document; ``name`` is what explanations call it.

    Raises ApiError InternalFailure for a text that is no policy: AWS would not have stored it, and to
    leave it out could drop a Deny.
    """
    try:
        return _parsed(text, name)
    except MalformedPolicyDocument as error:
        raise ApiError(
            "InternalFailure", f"The stored policy {name} cannot be evaluated: {error}", 500
        ) from error


@lru_cache(maxsize=4096)
def _parsed(text: str, name: str) -> Policy:
    return parse_policy(text, name=name)
