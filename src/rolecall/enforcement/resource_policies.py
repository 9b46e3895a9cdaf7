"""The policy on a resource, as moto holds it, and the account that owns the resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.enforcement.checks import Check
    from rolecall.enforcement.environment import Environment
    from rolecall.iam.documents import Policy

__all__ = ["policy_on"]


def policy_on(environment: Environment, check: Check, region: str) -> tuple[Policy | None, str | None]:
    """The resource-based policy that applies to a check, and the owner where the ARN does not tell."""
    return None, None
