"""Where a chain runs, behind one small Protocol: moto, server, endpoint, account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
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
        """Accounts that may be written to: an id, or a chain's alias and an id (``home=111122223333``)."""

    @property
    def sandbox_role(self) -> str | None:
        """The role to assume in sandbox accounts other than the credentials' own."""

    @property
    def denied_aliases(self) -> Sequence[str]:
        """Patterns of account aliases that must not be written to; empty for the default."""

    @property
    def boundary_arn(self) -> str | None:
        """The permissions boundary of every user and role that is created."""

    @property
    def patience(self) -> float:
        """Seconds that a promise may take to come true."""

    @property
    def ledger_dir(self) -> Path:
        """Where ledgers lie."""

    @property
    def run_id(self) -> str:
        """What this run is called in paths and tags; one for all of its workers."""

    @property
    def worker(self) -> str:
        """The worker of xdist, empty without."""


def make_target(
    settings: TargetSettings,
    clock: Callable[[], datetime],
    told: Callable[[str], None] = lambda _: None,
    left: Callable[[], float | None] = lambda: None,
) -> Target:
    """The target of a run, not started. ``told`` hears of waits; ``left``: seconds to the end of a process
    that was told to end. Raises UsageError for an unknown target.
    """
    region = settings.aws_region or "us-east-1"
    if settings.aws_target in ("moto", "server"):
        return EmbeddedTarget(settings.aws_target, region, clock)
    if settings.aws_target in ("endpoint", "account"):
        from rolecall.targets.remote import remote_target

        return remote_target(settings, clock, told=told, left=left)
    raise UsageError(f"there is no target {settings.aws_target}")
