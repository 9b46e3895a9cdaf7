"""``rolecall explain``: why one request is allowed or denied, in words."""

from __future__ import annotations

import argparse
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rolecall.cli.standard_input import standard_input
from rolecall.errors import InputError, UsageError
from rolecall.iam import Decision, Outcome, evaluate
from rolecall.iam.simulation import read_case
from rolecall.iam.wording import describe

if TYPE_CHECKING:
    from rolecall.chains import Chain

__all__ = ["configure"]

_EPILOG = """\
a case is what "rolecall simulate" takes, one JSON object; or ask about a declared chain:

examples:
  rolecall explain case.json
  rolecall explain --chain policies/assume-role --as assume-role-user ec2:DescribeInstances
  rolecall explain --chain policies/assume-role --as assume-role-role s3:GetObject --on arn:aws:s3:::b/k
  rolecall explain --chain policies/assume-role --as assume-role-user sts:AssumeRole --on assume-role-role
  rolecall explain --chain policies/session-tags --as blue ec2:StopInstances \\
      --when aws:ResourceTag/project=blue

exit codes: 0 allowed; 1 denied; 2 the input could not be used; 4 wrong usage
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.epilog = _EPILOG
    parser.add_argument("what", metavar="CASE|ACTION", help="a case file (- for stdin), or an action")
    parser.add_argument("--chain", type=Path, help="a chain's folder or manifest")
    parser.add_argument("--as", dest="who", metavar="NAME", help="a user, role or named hop of the chain")
    parser.add_argument(
        "--on",
        default="*",
        metavar="ARN",
        help="the resource: an ARN, or a user or role of the chain (default: *)",
    )
    parser.add_argument(
        "--when", action="append", default=[], metavar="KEY=VALUE", help="a context key; may be repeated"
    )
    parser.set_defaults(run=run, for_arns="--on")


def run(options: argparse.Namespace) -> int:
    """Explain one decision. Gives 0 when it is an allow, 1 when it is a denial."""
    if options.chain is None and (options.who or options.when or options.on != "*"):
        raise UsageError("--as, --on and --when are about a declared chain: say which with --chain")
    decision = _of_chain(options) if options.chain else _of_case(options)
    sys.stdout.write(describe(decision) + "\n")
    return 0 if decision.verdict is Outcome.ALLOWED else 1


def _of_case(options: argparse.Namespace) -> Decision:
    name = options.what
    if _is_action(name) and not Path(name).exists():
        raise UsageError(
            f"{name} is an action: say whose, as in rolecall explain --chain policies/CHAIN --as NAME {name}"
        )
    try:
        text = (standard_input().read() if name == "-" else Path(name).read_bytes()).decode()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=name) from None
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 text: {error.reason} at byte {error.start}", file=name) from None
    from rolecall.iam.strict_json import read_json

    case = read_json(text, file=name).value
    if isinstance(case, dict) and "Statement" in case:
        raise InputError(
            "is a policy, not a case",
            file=name,
            hint='a case names principal and action and holds the policies: see "rolecall simulate --help"',
        )
    try:
        request, policies = read_case(case)
    except InputError as error:
        raise InputError(error.message, file=error.file or name, hint=error.hint) from None
    return evaluate(request, policies)


def _of_chain(options: argparse.Namespace) -> Decision:
    from rolecall.chains import load_chain
    from rolecall.targets.managed_policies import shipped_policy
    from rolecall.verdicts import World

    chain = load_chain(_manifest(options.chain))
    if options.who is None:
        known = ", ".join((*chain.users, *chain.roles))
        raise UsageError(f"--chain needs --as NAME; the chain declares {known}")
    _check_who(options.who, chain)
    if not _is_action(options.what):
        raise UsageError(f'"{options.what}" is not one action: service:Name is wanted, such as s3:GetObject')
    _warn_of_unknown(options.what)
    world = World(chain, shipped_policy, datetime.now(UTC))
    caller = world.caller(options.who)
    return world.ask(caller, options.what, _resource(options.on, chain), _context(options.when))


def _check_who(name: str, chain: Chain) -> None:
    """Refuse whom the chain does not declare, and a session that no declared hop starts."""
    from rolecall.chains.problems import nearest

    sessions = (*chain.roles, *dict.fromkeys(hop.name for hop in chain.hops if hop.name))
    known = (*chain.users, *sessions, *chain.providers)
    if name not in known:
        message = f'no user, role, hop or provider "{name}" is declared in chain {chain.name}'
        raise InputError(message, file=chain.file, hint=nearest(name, known, what="declared"))
    if name in chain.providers and not any(hop.frm == name for hop in chain.hops):
        raise InputError(f'no hop starts from the provider "{name}"', file=chain.file)
    if name in sessions and name not in chain.users and chain.path_to(name) is None:
        message = f'no hop leads to "{name}" from a user or a provider'
        raise InputError(message, file=chain.file, hint=f"add a hop, as: {{from: …, assume: {name}}}")


def _manifest(path: Path) -> Path:
    """The manifest of one chain. Where a folder holds several, they are named."""
    if path.is_dir() and not (path / "chain.yaml").exists():
        from rolecall.chains import find_chains

        below = find_chains([path])
        if len(below) > 1:
            several = ", ".join(str(manifest.parent) for manifest in below)
            raise UsageError(f"--chain takes one chain, and below {path} there are several: {several}")
        return below[0]
    return path


def _is_action(text: str) -> bool:
    return re.fullmatch(r"[a-z0-9-]+:[A-Za-z0-9]+", text, re.ASCII) is not None


def _warn_of_unknown(action: str) -> None:
    from rolecall.iam.catalog import load_catalog

    catalog = load_catalog()
    if catalog.action_name(action) is None:
        near = catalog.nearest_action(action)
        advice = f"; did you mean {near}?" if near else ""
        sys.stderr.write(f"rolecall: AWS is not known to have the action {action}{advice}\n")


def _resource(told: str, chain: Chain) -> str:
    """An ARN as it is, and the ARN of what the chain declares by that name."""
    if told == "*" or told.startswith("arn:"):
        return told
    declared = (*chain.users, *chain.roles)
    if told in declared:
        return chain.arn_of(told)
    raise UsageError(
        f'--on takes an ARN, or a user or role of the chain ({", ".join(declared)}), not "{told}"'
    )


def _context(pairs: list[str]) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f'--when takes KEY=VALUE, not "{pair}"')
        context[key] = json.loads(value) if value.startswith("[") else value
    return context
