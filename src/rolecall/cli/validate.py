"""``rolecall validate``: manifests and their documents, checked without running anything."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from rolecall.chains import find_chains, load_chain
from rolecall.cli.unknown_names import unknown_names
from rolecall.errors import InputError
from rolecall.runs import ChainLinter, document_uses

__all__ = ["configure"]

_EPILOG = """\
examples:
  rolecall validate
  rolecall validate policies/assume-role

exit codes: 0 all is well; 1 AWS would refuse a policy document, a name is unknown, or a promise gives a
            reason that the chain does not have; 2 a manifest cannot be used
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="folders or manifests (default: policies)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Load every manifest and validate every document; tell all that is wrong, not only the first."""
    unusable = broken = False
    linter = ChainLinter(datetime.now(UTC).date())
    for manifest in find_chains(options.paths or [Path("policies")]):
        try:
            chain = load_chain(manifest)
        except InputError as mistake:
            unusable = True
            sys.stderr.write(f"{mistake}\n")
            continue
        errors = [str(finding) for use in document_uses([chain], linter) for finding in use.errors()]
        errors.extend(map(str, unknown_names(chain)))
        for error in errors:
            broken = True
            sys.stderr.write(f"{error}\n")
        if not errors:
            documents = sum(1 for _ in chain.documents())
            said = f"{len(chain.expectations)} expectations, {documents} documents"
            sys.stdout.write(f"{manifest}: {chain.name} is well formed ({said})\n")
            if not chain.expectations:
                sys.stdout.write(f"{manifest}: nothing is promised yet (add expect:)\n")
    return 2 if unusable else 1 if broken else 0
