"""moto's own judgement of permissions, set aside while a gate decides.

moto asks the policy on a bucket again when it serves an object, and the policy on a key for every call about
it, without looking at principals or conditions: a Deny for one user would refuse all of them. It also takes
``response-content-type`` in a presigned URL for a signed header that is missing. Policies on queues, topics,
functions, secrets, repositories and event buses it stores and does not ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.replacing import replaced

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["judgement_set_aside"]


def judgement_set_aside() -> AbstractContextManager[None]:
    """Have moto take every action as permitted and every presigned URL as signed while the block runs."""
    from moto.iam.access_control import IAMPolicy
    from moto.kms import policy_validator
    from moto.s3.responses import S3Response

    changes = (
        (IAMPolicy, "is_action_permitted", _permitted),
        (policy_validator, "check_statement", _says_nothing),
        (S3Response, "_invalid_headers", _finds_nothing),
    )
    return replaced(IAMPolicy, "_rolecall", lambda: changes)


def _permitted(_: Any, action: str, resource: str = "*") -> Any:
    from moto.iam.access_control import PermissionResult

    return PermissionResult.PERMITTED


def _says_nothing(statement: Any, resource: str, action: str) -> bool:
    return False


def _finds_nothing(_: Any, url: str, headers: dict[str, str]) -> bool:
    return False
