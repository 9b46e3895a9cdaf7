"""``rolecall sweep``: remove what a run that was killed left behind."""

from __future__ import annotations

import argparse
import os
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rolecall.errors import InputError, TargetError, UsageError
from rolecall.reports.visible import visible

if TYPE_CHECKING:
    from rolecall.provisioning import TearDownResult
    from rolecall.targets.account import AccountTarget

__all__ = ["configure"]

_EPILOG = """\
Without --ledger everything under the path /rolecall/ that bears the tag rolecall:created-by is found, and
what is past its rolecall:expires is removed. What lies outside of that path and tag is never touched,
whatever a ledger says.

examples:
  rolecall sweep --sandbox-account 111122223333 --dry-run
  rolecall sweep --sandbox-account 111122223333 --older-than 2h
  rolecall sweep --sandbox-account 111122223333 --ledger reports/20260131T101500Z-1a2b3c4d.base.ledger.jsonl

exit codes: 0 nothing is left; 1 something is, and named; 2 no ledger; 3 the account cannot be used;
            4 wrong usage
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.epilog = _EPILOG
    which = parser.add_argument_group("what")
    which.add_argument(
        "--ledger", type=Path, action="append", metavar="FILE", help="a ledger; may be repeated"
    )
    which.add_argument("--older-than", type=_age, metavar="AGE", help="made that long ago: 90m, 2h, 3d")
    which.add_argument("--run", dest="of_run", metavar="ID", help="of that run, whatever its age")
    which.add_argument("--dry-run", action="store_true", help="list it, and remove nothing")
    where = parser.add_argument_group("where")
    where.add_argument("--sandbox-account", action="append", default=None, metavar="ID",
                       help="the account that may be written to [ROLECALL_SANDBOX_ACCOUNT]")  # fmt: skip
    where.add_argument("--sandbox-role", help="a role to assume in sandbox accounts other than one's own")
    where.add_argument("--deny-alias", action="append", default=None, metavar="PATTERN",
                       help="aliases that are never written to (default: *prod*)")  # fmt: skip
    where.add_argument("--aws-endpoint-url", metavar="URL", help="something that speaks AWS, instead of AWS")
    where.add_argument(
        "--aws-region", type=_region, default="us-east-1", help="where to look for what is not IAM's"
    )
    where.add_argument("--aws-profile", help="the AWS profile")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Sweep. Gives 0, or 1 when something is left."""
    if options.ledger and (options.older_than or options.of_run):
        raise UsageError("--ledger says what to remove: --older-than and --run do not go with it")
    target = _target(options)
    target.start()
    if options.ledger:
        return max(_tried(path, target, dry=options.dry_run) for path in options.ledger)
    return _by_mark(options, target)


def _tried(path: Path, target: AccountTarget, *, dry: bool) -> int:
    """One ledger; what is wrong with it keeps no other from being swept."""
    try:
        return _by_ledger(path, target, dry=dry)
    except (InputError, TargetError) as error:
        _warn(str(error))
        return error.exit_code


def _by_ledger(path: Path, target: AccountTarget, *, dry: bool) -> int:
    from rolecall.provisioning import State, read_ledger
    from rolecall.targets.sweeping import sweep_ledger

    if dry:
        for entry in read_ledger(path):
            if entry.state in (State.INTENDED, State.DONE):
                _say(f"would look for {entry.thing.label} in account {entry.thing.account} ({entry.state})")
        return 0
    result = sweep_ledger(path, target)
    if not (result.removed or result.left):
        _say("nothing of that ledger is left")
    return _result(result)


def _by_mark(options: argparse.Namespace, target: AccountTarget) -> int:
    from rolecall.targets.sweeping import find_left, sweep_found

    now = datetime.now(UTC)
    own = target.identity.account
    others = [account for account in target.sandbox_accounts if account != own]
    if others and not options.sandbox_role:
        _warn(f"{', '.join(others)} cannot be entered without --sandbox-role: only {own} is looked through")
        others = []
    every = [
        one for account in (own, *others) for one in find_left(target, account, options.aws_region, _warn)
    ]
    due = [one for one in every if one.due(now, options.older_than, options.of_run)]
    if options.dry_run:
        for one in due:
            run = one.run or "unknown"
            _say(f"would remove {one.thing.label} in account {one.thing.account} of run {run}")
        _say(f"{len(due)} of {len(every)} would go; nothing was removed")
        return 0
    if len(due) < len(every):
        _say(f"{len(every) - len(due)} are of younger runs and stay (see --older-than and --run)")
    result = sweep_found(due, target)
    if not every:
        _say("nothing of rolecall is left")
    return _result(result)


def _result(result: TearDownResult) -> int:
    for entry in result.removed:
        _say(f"removed {entry.thing.label}")
    for entry in result.foreign:
        _say(f"left alone, not ours: {entry.thing.label}")
    for left in result.left:
        _say(f"still there: {left}")
    if result.ledger_error:
        _warn(result.ledger_error)
    return 0 if result.clean else 1


def _target(options: argparse.Namespace) -> AccountTarget:
    import random
    import time

    from rolecall.probes.patience import Patience
    from rolecall.targets.account import AccountTarget, Remote
    from rolecall.targets.namespace import Namespace
    from rolecall.targets.remote import rails_of
    from rolecall.targets.retries import RetryBudget

    name = "endpoint" if options.aws_endpoint_url else "account"
    listed = (
        options.sandbox_account or os.environ.get("ROLECALL_SANDBOX_ACCOUNT", "").replace(",", " ").split()
    )
    rails, by_alias = rails_of(name, options.aws_endpoint_url, listed, options.deny_alias or ())
    remote = Remote(
        name, options.aws_region, options.aws_endpoint_url, options.aws_profile,
        {**{account: account for account in rails.allowed}, **by_alias}, options.sandbox_role,
    )  # fmt: skip
    namespace = Namespace("sweep", datetime.now(UTC))
    patience = Patience(time.sleep, time.monotonic, random.random)
    budget = RetryBudget(
        time.sleep, random.random, told=lambda o, why, s: _warn(f"{o}: {why}, again in {s:.1f} s")
    )
    return AccountTarget(remote, rails, namespace, Path(), patience, budget)


def _age(text: str) -> timedelta:
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"an age is like 90m, 2h or 3d, not {text!r}")
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[match[2]]
    return timedelta(**{unit: int(match[1])})


def _region(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-[0-9]+", text):
        raise argparse.ArgumentTypeError(f"a region is like eu-west-1, not {text!r}")
    return text


def _say(line: str) -> None:
    sys.stdout.write(visible(line) + "\n")  # names in it may come from a hostile file


def _warn(line: str) -> None:
    sys.stderr.write(f"rolecall: {visible(line)}\n")
