"""Options and dispatch. Every command is a module of its own, imported only when it runs."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import NoReturn

import rolecall
from rolecall.errors import RolecallError

__all__ = ["main"]

COMMANDS = {
    "init": "lay down a suite with one working chain in a new repository",
    "validate": "check manifests and their documents without running anything",
    "lint": "find what AWS would refuse, and what it would not, in policies",
    "schema": "print the JSON Schema of a kind of policy, or of chain.yaml",
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
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(4, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _not_taken(left: Sequence[str], options: argparse.Namespace) -> str:
    """What to say of words that a command does not know; ``for_arns`` is its option that takes ARNs."""
    option = getattr(options, "for_arns", None)
    if option and any(word.startswith("arn:") for word in left):
        return f"a resource is given with {option}: {option} {left[0]}"
    return f"does not take {' '.join(left)}"


def _nearest_command(word: str | None) -> str:
    close = get_close_matches(word or "", COMMANDS, n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command. Gives the exit code; a user's mistake is one line on standard error."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # not every terminal can show every name
    parser = _Parser(
        prog="rolecall",
        description="Proves what an AWS role chain grants.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"rolecall {rolecall.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    chosen = next((word for word in arguments if not word.startswith("-")), None)
    if chosen is not None and chosen not in COMMANDS:
        parser.error(f'there is no command "{chosen}"{_nearest_command(chosen)}')
    for name, summary in COMMANDS.items():
        command = commands.add_parser(
            name, help=summary, description=summary, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if name == chosen:
            import_module(f"rolecall.cli.{name.replace('-', '_')}").configure(command)
    options, left = parser.parse_known_args(arguments)
    if left:
        commands.choices[options.command].error(_not_taken(left, options))
    if sys.stdout is None and options.command != "serve":  # it was closed by whoever started us
        sys.stderr.write("rolecall: standard output is closed: nothing can be answered\n")
        return 2
    try:
        code = int(options.run(options))
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except RolecallError as error:
        from rolecall.reports.visible import visible

        sys.stderr.write(f"rolecall: {visible(str(error))}\n")  # names in it may come from a hostile file
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has gone: nothing is left to say.
        _say_no_more()
        return 0
    except OSError as error:
        if error.filename is not None:
            raise  # no command lets a file's error get this far
        _say_no_more()
        sys.stderr.write(f"rolecall: the answer cannot be written: {error.strerror}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def _say_no_more() -> None:
    """Python must not try to write what is left in its buffer when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
