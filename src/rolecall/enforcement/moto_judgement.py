"""moto's own judgement of bucket and key policies, set aside while a gate decides.

moto asks the policy on a bucket again when it serves an object, and the policy on a key for every call about
it, without looking at principals or conditions: a Deny for one user would refuse all of them.
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
    """Have moto take every action as permitted by bucket and key policies while the block runs.

    Blocks may nest and end in any order: the last one puts back what moto had.
    """
    from moto.iam.access_control import IAMPolicy
    from moto.kms import policy_validator

    with _lock:
        held = IAMPolicy.__dict__.get(_MARK)
        if held is None:
            held = [0, IAMPolicy.is_action_permitted, policy_validator.check_statement]
            setattr(IAMPolicy, _MARK, held)
            IAMPolicy.is_action_permitted = _permitted
            policy_validator.check_statement = _says_nothing
        held[0] += 1
    try:
        yield
    finally:
        with _lock:
            held[0] -= 1
            if held[0] == 0:
                _, IAMPolicy.is_action_permitted, policy_validator.check_statement = held
                delattr(IAMPolicy, _MARK)


def _permitted(_: Any, action: str, resource: str = "*") -> Any:
    from moto.iam.access_control import PermissionResult

    return PermissionResult.PERMITTED


def _says_nothing(statement: Any, resource: str, action: str) -> bool:
    return False
