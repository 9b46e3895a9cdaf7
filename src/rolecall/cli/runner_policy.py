"""``rolecall runner-policy``: the least that a run against an account needs."""

from __future__ import annotations

import argparse
import json
import re
import sys
from importlib.resources import files
from typing import Any

from rolecall.errors import UsageError

__all__ = ["configure", "runner_policy"]

_EPILOG = """\
The policy reaches nothing outside of the IAM path /rolecall/. Inside of it a run creates principals with
whatever policies its chains name, so whoever holds it can do what such a principal can: use an account for
nothing else, and give --boundary-arn here and to the run to cap them.

examples:
  rolecall runner-policy > runner-policy.json
  rolecall runner-policy --account-id 111122223333 --boundary-arn arn:aws:iam::111122223333:policy/sandbox-cap
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.epilog = _EPILOG
    parser.add_argument("--account-id", help="the sandbox account (default: whichever the policy is in)")
    parser.add_argument("--boundary-arn", help="permit users and roles with this permissions boundary only")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print it."""
    policy = runner_policy(options.account_id, options.boundary_arn)
    sys.stdout.write(json.dumps(policy, indent=2) + "\n")
    return 0


def runner_policy(account: str | None = None, boundary_arn: str | None = None) -> dict[str, Any]:
    """The policy as data. Raises UsageError for what is no account id or no ARN of a policy."""
    text = (files("rolecall.targets") / "runner_policy.json").read_text(encoding="utf-8")
    if account is not None:
        if not re.fullmatch(r"[0-9]{12}", account):
            raise UsageError(f'"{account}" is not an account id: twelve digits')
        text = text.replace("arn:aws:iam::*:", f"arn:aws:iam::{account}:")
    policy: dict[str, Any] = json.loads(text)
    if boundary_arn is None:
        return policy
    if not re.fullmatch(r"arn:aws[\w-]*:iam::(aws|[0-9]{12}):policy/.+", boundary_arn):
        raise UsageError(f'"{boundary_arn}" is not the ARN of a policy')
    capped = {"iam:CreateRole", "iam:CreateUser"}
    for statement in policy["Statement"]:
        if statement["Sid"] == "CreateWhatIsMarked":
            own = {
                **statement,
                "Sid": "CreateWhatIsCapped",
                "Action": sorted(capped),
                "Condition": {
                    "StringEquals": {
                        **statement["Condition"]["StringEquals"],
                        "iam:PermissionsBoundary": boundary_arn,
                    }
                },
            }
            statement["Action"] = [action for action in statement["Action"] if action not in capped]
    policy["Statement"].append(own)
    return policy
