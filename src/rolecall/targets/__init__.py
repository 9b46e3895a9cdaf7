"""Where a chain runs, behind one small Protocol: moto, server, endpoint, account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from rolecall.errors import UsageError
from rolecall.targets.embedded import EmbeddedTarget
from rolecall.targets.protocol import Target

__all__ = ["EmbeddedTarget", "Target", "TargetSettings", "make_target"]

if TYPE_CHECKING:
    from collections.abc import Sequence


class TargetSettings(Protocol):
    """What a target is chosen by; the options of the pytest plugin have these."""

    @property
    def aws_target(self) -> str:
        """moto, server, endpoint or account."""

    @property
    def aws_endpoint_url(self) -> str | None:
        """The address of an endpoint target."""

    @property
    def aws_region(self) -> str | None:
        """The region to use, None for the chains' own."""

    @property
    def aws_profile(self) -> str | None:
        """The profile to provision with."""

    @property
    def sandbox_accounts(self) -> Sequence[str]:
        """Accounts that may be written to."""


def make_target(settings: TargetSettings, clock: Callable[[], datetime]) -> Target:
    """The target of a run, not started. Raises UsageError for one that does not exist."""
    region = settings.aws_region or "us-east-1"
    if settings.aws_target in ("moto", "server"):
        return EmbeddedTarget(settings.aws_target, region, clock)
    raise UsageError(
        f"the target {settings.aws_target} is not there yet",
    )
