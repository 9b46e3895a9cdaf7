"""``rolecall explain``: why one request is allowed or denied, in words."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rolecall.errors import InputError, UsageError
from rolecall.iam import Decision, Outcome, evaluate
from rolecall.iam.simulation import read_case
from rolecall.iam.wording import describe

__all__ = ["configure"]

_EPILOG = """\
a case is what "rolecall simulate" takes, one JSON object; or ask about a declared chain:

examples:
  rolecall explain case.json
  rolecall explain --chain policies/assume-role --as assume-role-user ec2:DescribeInstances
  rolecall explain --chain policies/assume-role --as assume-role-role s3:GetObject --on arn:aws:s3:::b/k
  rolecall explain --chain policies/abac --as dev ec2:StopInstances --when aws:ResourceTag/team=blue

exit codes: 0 allowed; 1 denied; 2 the input could not be used
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.epilog = _EPILOG
    parser.add_argument("what", metavar="CASE|ACTION", help="a case file (- for stdin), or an action")
    parser.add_argument("--chain", type=Path, help="a chain's folder or manifest")
    parser.add_argument("--as", dest="who", metavar="NAME", help="a user or role of the chain")
    parser.add_argument("--on", default="*", metavar="ARN", help="the resource (default: *)")
    parser.add_argument(
        "--when", action="append", default=[], metavar="KEY=VALUE", help="a context key; may be repeated"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Explain one decision. Gives 0 when it is an allow, 1 when it is a denial."""
    decision = _of_chain(options) if options.chain else _of_case(options)
    sys.stdout.write(describe(decision) + "\n")
    return 0 if decision.verdict is Outcome.ALLOWED else 1


def _of_case(options: argparse.Namespace) -> Decision:
    name = options.what
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read: {error}",
            file=name,
            hint="to ask about an action of a chain, give --chain and --as",
        ) from None
    from rolecall.iam.strict_json import read_json

    request, policies = read_case(read_json(text, file=name).value)
    return evaluate(request, policies)


def _of_chain(options: argparse.Namespace) -> Decision:
    from rolecall.chains import load_chain
    from rolecall.targets.managed_policies import shipped_policy
    from rolecall.verdicts import World

    chain = load_chain(options.chain)
    if options.who is None:
        known = ", ".join((*chain.users, *chain.roles))
        raise UsageError(f"--chain needs --as NAME; the chain declares {known}")
    chain.principal(options.who)
    if options.what.count(":") != 1:
        raise UsageError(f'"{options.what}" is not an action: service:Name is wanted')
    world = World(chain, shipped_policy, datetime.now(UTC))
    return world.ask(world.caller(options.who), options.what, options.on, _context(options.when))


def _context(pairs: list[str]) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f'--when takes KEY=VALUE, not "{pair}"')
        context[key] = json.loads(value) if value.startswith("[") else value
    return context
