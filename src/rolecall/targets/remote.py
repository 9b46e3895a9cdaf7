"""From settings to the target of an account or endpoint."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rolecall.errors import UsageError
from rolecall.probes.patience import Patience, Waiting
from rolecall.targets.account import AccountTarget, Remote
from rolecall.targets.namespace import Namespace
from rolecall.targets.rails import DENIED_ALIASES, Rails, is_loopback, read_sandbox_accounts, refuse_aws
from rolecall.targets.retries import RetryBudget

if TYPE_CHECKING:
    from rolecall.targets import TargetSettings

__all__ = ["rails_of", "remote_target"]


def rails_of(
    name: str, endpoint_url: str | None, sandbox_accounts: Sequence[str], denied_aliases: Sequence[str]
) -> tuple[Rails, dict[str, str]]:
    """The rails for settings, and sandbox account ids by alias. Raises UsageError."""
    allowed, by_alias = read_sandbox_accounts(sandbox_accounts)
    if not all(pattern.strip() for pattern in denied_aliases):
        raise UsageError("--deny-alias is empty: that would let every alias pass. Leave it out for *prod*")
    patterns = tuple(denied_aliases) or DENIED_ALIASES
    if name == "endpoint" and endpoint_url is not None:
        refuse_aws(endpoint_url)
    loopback = name == "endpoint" and endpoint_url is not None and is_loopback(endpoint_url)
    return Rails(allowed, patterns, loopback, root_refused=name == "account"), by_alias


def remote_target(
    settings: TargetSettings,
    clock: Callable[[], datetime],
    *,
    sleep: Callable[[float], None] = time.sleep,
    timer: Callable[[], float] = time.monotonic,
    chance: Callable[[], float] = random.random,
    told: Callable[[str], None] = lambda _: None,
    left: Callable[[], float | None] = lambda: None,
) -> AccountTarget:
    """The target, not started. ``told`` hears one line for each wait; ``left``: seconds to the end of a
    process that was told to end. Raises UsageError.
    """
    name = settings.aws_target
    if name == "endpoint" and not settings.aws_endpoint_url:
        raise UsageError("--aws-target=endpoint needs --aws-endpoint-url")
    url = settings.aws_endpoint_url if name == "endpoint" else None
    rails, by_alias = rails_of(name, url, settings.sandbox_accounts, settings.denied_aliases)

    def waiting(who: Waiting) -> None:
        told(
            f"waiting for {who.principal}: {who.action} ({who.seen}), {who.gone:.0f} s of {who.budget:.0f} s"
        )

    def retrying(operation: str, why: str, seconds: float) -> None:
        told(f"{operation}: {why}, again in {seconds:.1f} s")

    return AccountTarget(
        Remote(
            name,
            settings.aws_region or "us-east-1",
            url,
            settings.aws_profile,
            by_alias,
            settings.sandbox_role,
            settings.boundary_arn,
        ),
        rails,
        Namespace(settings.run_id, clock(), settings.worker),
        settings.ledger_dir,
        Patience(sleep, timer, chance, settings.patience, told=waiting),
        RetryBudget(sleep, chance, told=retrying, left=left),
        clock=clock,
    )
