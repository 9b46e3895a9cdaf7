"""moto's own judgement of permissions, set aside while a gate decides.

moto asks the policy on a bucket again when it serves an object, and the policy on a key for every call about
it, without looking at principals or conditions: a Deny for one user would refuse all of them. It also takes
``response-content-type`` in a presigned URL for a signed header that is missing. Policies on queues, topics,
functions, secrets, repositories and event buses it stores and does not ask.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["judgement_set_aside"]

_lock = threading.Lock()
_MARK = "_rolecall_users"


@contextmanager
def judgement_set_aside() -> Iterator[None]:
    """Have moto take every action as permitted and every presigned URL as signed while the block runs.

    Blocks may nest and end in any order: the last one puts back what moto had.
    """
    from moto.iam.access_control import IAMPolicy
    from moto.kms import policy_validator
    from moto.s3.responses import S3Response

    with _lock:
        held = IAMPolicy.__dict__.get(_MARK)
        if held is None:
            held = [
                0,
                IAMPolicy.is_action_permitted,
                policy_validator.check_statement,
                S3Response._invalid_headers,
            ]
            setattr(IAMPolicy, _MARK, held)
            IAMPolicy.is_action_permitted = _permitted
            policy_validator.check_statement = _says_nothing
            S3Response._invalid_headers = _finds_nothing
        held[0] += 1
    try:
        yield
    finally:
        with _lock:
            held[0] -= 1
            if held[0] == 0:
                _, IAMPolicy.is_action_permitted, policy_validator.check_statement, before = held
                S3Response._invalid_headers = before
                delattr(IAMPolicy, _MARK)


def _permitted(_: Any, action: str, resource: str = "*") -> Any:
    from moto.iam.access_control import PermissionResult

    return PermissionResult.PERMITTED


def _says_nothing(statement: Any, resource: str, action: str) -> bool:
    return False


def _finds_nothing(_: Any, url: str, headers: dict[str, str]) -> bool:
    return False
