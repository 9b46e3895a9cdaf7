"""moto's own judgement of bucket policies, set aside while a gate decides.

moto asks a bucket's policy again when it serves an object, without looking at principals or conditions: a
Deny for one user would refuse all of them.
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
    """Have moto take every action as permitted by bucket policies while the block runs.

    Blocks may nest and end in any order: the last one puts moto's method back.
    """
    from moto.iam.access_control import IAMPolicy, PermissionResult

    def permitted(_: Any, action: str, resource: str = "*") -> Any:
        return PermissionResult.PERMITTED

    with _lock:
        held = IAMPolicy.__dict__.get(_MARK)
        if held is None:
            held = [0, IAMPolicy.is_action_permitted]
            setattr(IAMPolicy, _MARK, held)
            IAMPolicy.is_action_permitted = permitted
        held[0] += 1
    try:
        yield
    finally:
        with _lock:
            held[0] -= 1
            if held[0] == 0:
                IAMPolicy.is_action_permitted = held[1]
                delattr(IAMPolicy, _MARK)
