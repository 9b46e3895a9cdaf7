"""``rolecall schema``: the JSON Schema of a kind of policy, or of chain.yaml, for editors and tools."""

from __future__ import annotations

import argparse
import json
import sys

from rolecall.iam.schemas import KINDS, schema

__all__ = ["configure", "run"]

_EPILOG = """\
examples:
  rolecall schema trust > trust.schema.json
  rolecall schema chain > policies/chain.schema.json
  rolecall schema identity | jq '."$defs".conditionOperator.enum[]'

An editor completes chain.yaml when its first line is
  # yaml-language-server: $schema=../chain.schema.json
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "kind",
        choices=(*KINDS, "chain"),
        metavar="KIND",
        help=f"a kind of policy ({', '.join(KINDS)}), or chain for the manifest chain.yaml",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print one self-contained schema (JSON Schema 2020-12; draft-07 for the manifest)."""
    if options.kind == "chain":
        from rolecall.chains.schema import schema_text

        sys.stdout.write(schema_text())
        return 0
    sys.stdout.write(json.dumps(schema(options.kind), indent=2, ensure_ascii=False) + "\n")
    return 0
