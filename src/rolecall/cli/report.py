"""``rolecall report``: build, merge, compare and open reports from their evidence."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from rolecall.errors import InputError, RolecallError
from rolecall.reports import Evidence, diff, merge, write_reports
from rolecall.reports.earlier import read_earlier, read_evidence
from rolecall.reports.merging import missing_parts
from rolecall.reports.one_chain import only_chains
from rolecall.reports.visible import visible

__all__ = ["configure"]

_EPILOG = """\
examples:
  rolecall report build reports/evidence.json --out reports
  rolecall report build reports/evidence.json --out reports --baseline last-week/evidence.json
  rolecall report build reports/evidence.json --history past-runs --chain assume-role --out one-chain
  rolecall report merge shard-1/evidence.json shard-2/evidence.json --out reports
  rolecall report diff last-week/evidence.json reports/evidence.json
  rolecall report open

exit codes: 0 fine; 1 (diff) something fails that did not before, (merge) a shard is missing;
            2 evidence that cannot be used
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.epilog = _EPILOG
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=type(parser))
    build = verbs.add_parser("build", help="every view of one run's evidence")
    build.add_argument("evidence", type=Path)
    build.add_argument("--baseline", type=Path, help="an earlier run's evidence, to compare with")
    build.add_argument("--history", type=Path, help="a folder of earlier evidence files")
    build.add_argument("--chain", action="append", help="this chain alone; may be repeated (default: all)")
    build.set_defaults(run=_build)
    merging = verbs.add_parser("merge", help="one report out of several runs (shards)")
    merging.add_argument("evidence", type=Path, nargs="+")
    merging.set_defaults(run=_merge)
    comparing = verbs.add_parser("diff", help="what changed between two runs")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    comparing.set_defaults(run=_diff)
    opening = verbs.add_parser("open", help="open the page in a browser")
    opening.add_argument("folder", type=Path, nargs="?", default=Path("reports"))
    opening.set_defaults(run=_open)
    for verb in (build, merging):
        verb.add_argument("--out", type=Path, default=Path("reports"), help="the folder (default: reports)")


def _build(options: argparse.Namespace) -> int:
    baseline, history = read_earlier(options.baseline, options.history)
    evidence = _of_chains(_read(options.evidence), options.chain)
    if options.chain:
        # Of other chains neither the page nor what it is compared with shall tell.
        baseline = only_chains(baseline, options.chain) if baseline is not None else None
        history = tuple(only_chains(one, options.chain) for one in history)
    return _write(evidence, options.out, baseline, history)


def _of_chains(evidence: Evidence, names: list[str] | None) -> Evidence:
    """The evidence of the named chains alone; of all, without names."""
    if not names:
        return evidence
    known = [chain.name for chain in evidence.chains]
    for name in names:
        if name not in known:
            raise InputError(f'there is no chain "{name}"', hint=f"there are {', '.join(known)}")
    return only_chains(evidence, names)


def _merge(options: argparse.Namespace) -> int:
    merged = merge([_read(path) for path in options.evidence])
    _write(merged, options.out, None, [])
    missing = missing_parts(merged.run)
    if missing:
        sys.stderr.write(f"rolecall: shard {', '.join(missing)} is not in this report\n")
    return 1 if missing else 0


def _write(evidence: Evidence, out: Path, baseline: Evidence | None, history: Sequence[Evidence]) -> int:
    written = write_reports(evidence, out, baseline=baseline, history=history)
    for path in written.values():
        _say(path)
    return 0


def _diff(options: argparse.Namespace) -> int:
    comparison = diff(_read(options.before), _read(options.after))
    for change in comparison.changes:
        reason = change.after.reason if change.after else ""
        if change.kind == "changed promise" and change.before and change.after:
            reason = f"{change.before.title} → {change.after.title}: {change.after.verdict}, {reason}"
        _say(f"{change.kind}: {change.key}" + (f": {reason}" if reason else ""))
    for document in comparison.documents:
        _say(f"document {document.kind}: {document.name}")
        for line in document.lines:
            _say(f"  {line.rstrip()}")
    if not comparison.changes and not comparison.documents:
        _say("nothing changed")
    return 1 if comparison.of("new") else 0


def _open(options: argparse.Namespace) -> int:
    page = options.folder / "index.html"
    if not page.is_file():
        raise InputError("is not there", file=str(page), hint="run pytest first, or name the report's folder")
    _say(page)
    if not webbrowser.open(page.resolve().as_uri()):
        raise RolecallError("no browser could be started; open the file above yourself, or set BROWSER")
    return 0


def _say(text: object) -> None:
    """One line of output; evidence is hostile input, also to a terminal."""
    sys.stdout.write(f"{visible(str(text)).replace(chr(10), ' ')}\n")


_read = read_evidence
