"""Parts of moto's IAM that answer unlike AWS and can only be mended inside moto.

moto gives users, groups, instance profiles and policies ids without AWS's prefixes (IAM User Guide, "IAM
identifiers", unique ids), and refuses trust policies that AWS accepts (version 2008-10-17, newer actions).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiError
from rolecall.enforcement.replacing import Change, replaced
from rolecall.enforcement.strict_iam.boundaries import shown_boundary
from rolecall.enforcement.strict_iam.documents import read_trust_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from rolecall.enforcement.environment import Environment

__all__ = ["moto_replaced", "moto_replacements"]

_ID_LENGTH = 17
_HIDDEN = "RESPONSE_KEY_PATH_TO_TRANSFORMER"


def moto_replaced(environment: Environment) -> AbstractContextManager[None]:
    """Have the replacements in moto while the block runs."""
    from moto.iam import models
    from moto.iam.responses import IamResponse

    def changes() -> Iterator[Change]:
        for name, value in moto_replacements(environment).items():
            yield models, name, value
        yield IamResponse, _HIDDEN, _shown_in_answers(getattr(IamResponse, _HIDDEN))

    return replaced(models, "_rolecall", changes)


def _shown_in_answers(original: dict[str, Any]) -> dict[str, Any]:
    """ListUsers leaves the boundary out (IAM API Reference, ListUsers), as moto's ListRoles does."""
    never = original["ListRolesResponse.Roles.Role.PermissionsBoundary"]
    return {**original, "ListUsersResponse.Users.User.PermissionsBoundary": never}


def moto_replacements(environment: Environment) -> dict[str, Any]:
    """What to put in place of which name in ``moto.iam.models`` while the environment is in force.

    The caller puts the originals back. Names are looked up there at call time.
    """
    from moto.iam import models

    def new_id(prefix: str) -> str:
        return environment.new_id(prefix, _ID_LENGTH)

    return {
        "User": _with_id(models.User, "AIDA", new_id),
        "Group": _with_id(models.Group, "AGPA", new_id),
        "InstanceProfile": _with_id(models.InstanceProfile, "AIPA", new_id),
        "random_policy_id": lambda: new_id("ANPA"),
        "IAMPolicyDocumentValidator": _identity_validator(models.IAMPolicyDocumentValidator),
        "IAMTrustPolicyDocumentValidator": _trust_validator(models.IAMTrustPolicyDocumentValidator),
    }


def _with_id(original: Any, prefix: str, new_id: Callable[[str], str]) -> Any:
    """A subclass whose objects carry an id with AWS's prefix, and show their permissions boundary."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        original.__init__(self, *args, **kwargs)
        self.id = new_id(prefix)

    body: dict[str, Any] = {"__init__": __init__, "__module__": original.__module__}
    if not hasattr(original, "permissions_boundary"):
        body["permissions_boundary"] = property(shown_boundary)
    return type(original.__name__, (original,), body)


def _identity_validator(original: Any) -> Any:
    """moto's own checks, without its demand for a version: inline policies may leave it out."""

    class Validator(original):  # type: ignore[misc]
        def __init__(self, policy_document: str) -> None:
            super().__init__(_as_2012(policy_document))

    return Validator


def _trust_validator(original: Any) -> Any:
    """moto's checks of every policy, and ours of trust policies instead of moto's."""
    common = original.__mro__[1]

    class Validator(original):  # type: ignore[misc]
        def __init__(self, policy_document: str) -> None:
            super().__init__(_as_2012(policy_document))
            self._text = policy_document

        def validate(self) -> None:
            from moto.iam.exceptions import MalformedPolicyDocument

            try:
                read_trust_policy(self._text)
            except ApiError as error:
                raise MalformedPolicyDocument(error.message) from None
            common.validate(self)

    return Validator


def _as_2012(text: str) -> str:
    try:
        data = json.loads(text)
    except ValueError:
        return text
    return json.dumps({**data, "Version": "2012-10-17"}) if isinstance(data, dict) else text
