"""``rolecall lint``: policies, folders of policies, and files in which policies live."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

import rolecall
from rolecall.cli.lint_files import lint_paths
from rolecall.iam.lint import FORMATS, Severity, render
from rolecall.iam.schemas import KINDS
from rolecall.reports.repository import file_in_repository

__all__ = ["configure", "run"]

_EPILOG = """\
reads policies, CloudFormation templates (JSON and YAML), Terraform plans (terraform show -json) and
the answer of "aws iam get-account-authorization-details"; of folders the .json, .yaml, .yml, .template files

examples:
  rolecall lint policies/
  rolecall lint --kind scp guardrail.json
  rolecall lint --format sarif template.yaml > lint.sarif
  rolecall lint --severity security --format json plan.json
  terraform show -json plan | rolecall lint -

exit codes: 0 nothing at or above the severity; 1 findings at or above it; 2 a file that cannot be read
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.epilog = _EPILOG
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file, a folder, or - for standard input")
    parser.add_argument(
        "--kind",
        choices=["auto", *KINDS],
        default="auto",
        help="the kind of policy (default: from its elements)",
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="how findings are written")
    parser.add_argument(
        "--severity",
        choices=[one.value for one in Severity],
        default=None,
        help="fail on, and show, findings of at least this severity (default: fail on errors, show all)",
    )
    parser.add_argument(
        "--skip-others",
        action="store_true",
        help="pass over named files that hold no policies, as is done in folders",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Lint every path. Gives 0, 1 for findings at or above the level, 2 for what cannot be read."""
    level = Severity(options.severity or "error")
    shown = Severity(options.severity or "suggestion")
    findings = lint_paths(options.paths, options.kind, shown, skip_others=options.skip_others)
    unreadable = failed = False
    held = []
    for finding in findings:
        unreadable = unreadable or finding.rule == "json"
        failed = failed or finding.severity.rank <= level.rank
        if options.format == "sarif":
            held.append(replace(finding, file=file_in_repository(finding.file or "")))
        else:
            sys.stdout.write(render([finding], options.format))
    if options.format == "sarif":
        sys.stdout.write(render(held, "sarif", version=rolecall.__version__))
    return 2 if unreadable else 1 if failed else 0
