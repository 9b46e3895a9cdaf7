"""What a call must be allowed to do: one or more actions, each on a resource and in a context."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.iam.requests import ContextValue

__all__ = ["Check"]


@dataclass(frozen=True, slots=True)
class Check:
    """One action to decide.

    ``resource`` is ``"*"`` where the action has none; ``derived`` is False where it has one that could
    not be told from the request. ``context`` holds the keys that this action adds to those of the call.
    """

    action: str
    resource: str = "*"
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    resource_account: str | None = None
    derived: bool = True
    unknown_keys: frozenset[str] = frozenset()
    """Condition keys, in lower case, that AWS gives this action and whose value could not be told; where a
    name ends in a slash, all that start so."""
    other_actions: tuple[str, ...] = ()
    """Actions of which one suffices where ``action`` is not allowed."""
    doubt: str = ""
    """What AWS's pages leave open where no statement allows this check; told with the denial."""
