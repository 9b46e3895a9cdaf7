"""``rolecall schema``: the JSON Schema of a kind of policy, for editors and other tools."""

from __future__ import annotations

import argparse
import json
import sys

from rolecall.iam.schemas import KINDS, schema

__all__ = ["configure", "run"]

_EPILOG = """\
examples:
  rolecall schema trust > trust.schema.json
  rolecall schema identity | jq '."$defs".conditionOperator.enum[]'
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.epilog = _EPILOG
    parser.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print one self-contained schema (JSON Schema 2020-12)."""
    sys.stdout.write(json.dumps(schema(options.kind), indent=2, ensure_ascii=False) + "\n")
    return 0
