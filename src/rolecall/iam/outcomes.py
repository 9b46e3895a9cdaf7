"""What IAM answers, and what a request met on the way: the words in which a decision is explained."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.iam.documents import Policy, Statement
    from rolecall.iam.policy_sets import Stage

__all__ = ["Match", "NearestMiss", "Outcome"]


class Outcome(StrEnum):
    """The three answers of IAM, spelled as the policy simulator spells them."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


@dataclass(frozen=True, slots=True)
class Match:
    """A statement that matched: its policy, and how ``rolecall simulate`` calls that policy."""

    stage: Stage
    label: str
    policy: Policy
    statement: Statement


@dataclass(frozen=True, slots=True)
class NearestMiss:
    """The Allow statement that came closest, and the one element of it that did not match.

    ``element`` is Principal, Action, Resource or Condition; ``wanted`` is what the statement says and
    ``found`` what the request had (None: the key was missing). ``operator`` and ``key`` for a condition.
    """

    match: Match
    element: str
    wanted: tuple[str, ...]
    found: str | tuple[str, ...] | None
    operator: str | None = None
    key: str | None = None
