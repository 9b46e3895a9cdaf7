"""What workers that crashed left behind, removed by the controller at the end."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from rolecall.errors import RolecallError

if TYPE_CHECKING:
    from pathlib import Path

    from rolecall.pytest_plugin.options import Options
    from rolecall.pytest_plugin.state import State

__all__ = ["remove_leftovers", "sweep_command"]


def sweep_command(options: Options, path: Path) -> str:
    """The command that removes what a ledger names, at the target of this run."""
    words = ["rolecall", "sweep", "--ledger", str(path)]
    if options.aws_target == "endpoint" and options.aws_endpoint_url:
        words += ["--aws-endpoint-url", options.aws_endpoint_url]
    for account in options.sandbox_accounts:
        words += ["--sandbox-account", account]
    for flag, value in (("--sandbox-role", options.sandbox_role), ("--aws-profile", options.aws_profile)):
        words += [flag, value] if value else []
    return shlex.join(words)


def remove_leftovers(state: State) -> None:
    """Go through the ledgers of this run that are still there; what stays is in ``state.left``."""
    from rolecall.targets.ledgers import find_ledgers, find_orphans

    state.orphans = find_orphans(state.options.ledger_dir, state.options.run_id)
    paths = find_ledgers(state.options.ledger_dir, state.options.run_id)
    if not paths:
        return
    from datetime import UTC, datetime

    from rolecall.targets.remote import remote_target
    from rolecall.targets.sweeping import sweep_ledger

    named: list[str] = []
    ending = state.ending
    if ending is not None and state.workshop is None:
        ending.again()
    left_to_us = ending.left if ending is not None else lambda: None
    for path in paths:
        try:
            target = remote_target(state.options, lambda: datetime.now(UTC), left=left_to_us)
            result = sweep_ledger(path, target, in_time=ending.in_time if ending is not None else None)
        except RolecallError as error:
            named.append(f"what {path} names: {error}")
            continue
        named.extend(str(left) for left in result.left)
        state.swept.extend((entry.thing.label, entry.thing.account) for entry in result.removed)
    state.ledgers = tuple(path for path in paths if path.exists())
    gone = tuple(f"{thing} in account {account}: " for thing, account in state.swept)
    first = [left for left in state.left if not left.startswith(gone)]
    state.left = list(dict.fromkeys([*first, *named]))
