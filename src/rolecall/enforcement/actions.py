"""From an API call to the actions that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.checks import Check

if TYPE_CHECKING:
    from rolecall.enforcement.calls import ApiCall, Caller
    from rolecall.enforcement.environment import Environment

__all__ = ["checks_for"]


def checks_for(call: ApiCall, caller: Caller, environment: Environment) -> tuple[Check, ...]:
    """Every action that a call needs, each with its resource and context."""
    return (Check(f"{call.service}:{call.operation}", context={"ec2:Region": call.region}),)
