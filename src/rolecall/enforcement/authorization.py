"""Deciding one action of one caller: the caller's policies as moto holds them now, put to the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.calls import Caller
    from rolecall.enforcement.environment import Environment
    from rolecall.iam.decisions import Decision
    from rolecall.iam.documents import Policy
    from rolecall.iam.requests import ContextValue

__all__ = ["authorize"]


def authorize(
    environment: Environment,
    caller: Caller,
    action: str,
    resource_arn: str,
    context: Mapping[str, ContextValue],
    *,
    service: str,
    resource_policy: Policy | None = None,
    resource_account: str | None = None,
) -> Decision:
    """The engine's decision on one action.

    In: the caller, ``service:Action``, the resource's ARN (``"*"`` where the action has none), the
    context keys of the request (what follows from the principal and the clock is added here), the
    policy on the resource and the account that owns it. Reads moto's IAM state at the moment of the call.
    """
    raise NotImplementedError
