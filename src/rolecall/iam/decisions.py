"""The answer to a request, with everything needed to explain it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rolecall.iam.explanations import explain
from rolecall.iam.outcomes import Match, NearestMiss, Outcome

if TYPE_CHECKING:
    from rolecall.iam.policy_sets import Policies, Stage
    from rolecall.iam.requests import Request
    from rolecall.iam.switches import Switches

__all__ = ["Decision"]


@dataclass(frozen=True, slots=True)
class Decision:
    """One of three outcomes, the request and policies it came from, and why.

    ``stage`` is the one stage that AWS would report, ``blocked_by`` all stages that stood in the way.
    The properties compute on demand: whoever wants only the outcome pays for nothing else.
    """

    verdict: Outcome
    request: Request = field(repr=False)
    policies: Policies = field(repr=False)
    switches: Switches = field(repr=False)

    @property
    def allowed(self) -> bool:
        """Whether the verdict is ``allowed``."""
        return self.verdict is Outcome.ALLOWED

    @property
    def blocked_by(self) -> tuple[Stage, ...]:
        """Every stage that stood in the way, outermost first; empty when allowed."""
        return explain(self).blocked_by

    @property
    def stage(self) -> Stage:
        """The stage that decided: what allowed, or the one that AWS's message would name."""
        return explain(self).stage

    @property
    def statements(self) -> tuple[Match, ...]:
        """The deciding statements: the Deny statements of an explicit deny, else the Allow statements."""
        return explain(self).statements

    @property
    def nearest_miss(self) -> NearestMiss | None:
        """For an implicit deny, the Allow statement that came closest to matching."""
        return explain(self).nearest_miss

    @property
    def missing_context(self) -> tuple[str, ...]:
        """Condition keys that were asked for and absent, sorted."""
        return explain(self).missing_context

    @property
    def contested(self) -> tuple[str, ...]:
        """Names of the switches that would change this verdict: AWS's pages leave the case open."""
        return explain(self).contested
