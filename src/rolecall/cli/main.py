"""Options and dispatch. Every command is a module of its own, imported only when it runs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import rolecall
from rolecall.errors import RolecallError

__all__ = ["main"]

COMMANDS = {
    "init": "lay down a suite with one working chain in a new repository",
    "validate": "check manifests and their documents without running anything",
    "lint": "find what AWS would refuse, and what it would not, in policies",
    "schema": "print the JSON Schema of a kind of policy",
    "simulate": "decide requests: JSON Lines in, JSON Lines out",
    "explain": "say in words why one request is allowed or denied",
    "serve": "moto that enforces IAM like AWS, over HTTP",
    "sweep": "remove what a killed run left in a sandbox account",
    "runner-policy": "print the policy that a run against an account needs",
    "report": "build, merge, compare and open reports",
}

_EPILOG = """\
exit codes: 0 fine; 1 something was found; 2 the input could not be used;
            3 the target could not be used; 4 wrong usage
run "rolecall COMMAND --help" for what a command takes, with examples
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        self.print_usage(sys.stderr)
        self.exit(4, f"{self.prog}: {message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command. Gives the exit code; a user's mistake is one line on standard error."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _Parser(
        prog="rolecall",
        description="Proves what an AWS role chain grants.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"rolecall {rolecall.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    chosen = next((word for word in arguments if not word.startswith("-")), None)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(
            name, help=summary, description=summary, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if name == chosen:
            import_module(f"rolecall.cli.{name.replace('-', '_')}").configure(command)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except RolecallError as error:
        from rolecall.reports.visible import visible

        sys.stderr.write(f"rolecall: {visible(str(error))}\n")  # names in it may come from a hostile file
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has gone: nothing is left to say, and Python must not try at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
