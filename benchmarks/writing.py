"""What the report costs: the share of a whole ``pytest`` run that goes into evidence and its views.

    python benchmarks/writing.py [--runs 3]

Three runs on the embedded moto: one chain, fifty chains, and fifty chains with 5,000 expectations together.
Counted as the report's: turning each verdict into evidence and handing it over, and at the end coverage,
schema and lint of all documents, redaction, and writing all five files. The rest of the wall time of the
process, imports and interpreter included, is the run's.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import entry_points
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from suite import ROOT, with_rolecall

CALLED = ("ec2:Describe*", "iam:List*", "iam:Get*", "autoscaling:Describe*", "sqs:List*")
"""Most of these are probed by a call. What the engine decides alone makes a run too quick to compare with."""
MEASURE = """
import atexit, json, os, time
import rolecall.pytest_plugin.reporting as reporting
import rolecall.pytest_plugin.verifying as verifying
import rolecall.reports.handover as handover

spent = {"each": 0.0, "end": 0.0}

def counted(function, kind):
    def run(*arguments, **named):
        start = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            spent[kind] += time.perf_counter() - start
    return run

verifying.record_expectation = counted(verifying.record_expectation, "each")
handover.pack = counted(handover.pack, "each")
handover.unpack = counted(handover.unpack, "each")
reporting.write = counted(reporting.write, "end")
atexit.register(lambda: open(os.environ["SPENT"], "w").write(json.dumps(spent)))
"""


def add_promises(folder: Path, each: int) -> None:
    """Give every chain of a suite more denials, of actions that its user has no permission for."""
    sys.path.insert(0, str(ROOT / "src"))
    from rolecall.iam.catalog import load_catalog

    catalog = load_catalog()
    actions = itertools.islice((name for pattern in CALLED for name in catalog.expand(pattern)), each)
    lines = [
        f'  - {{id: more-{n:03}, as: assume-role-user, deny: "{action}"}}' for n, action in enumerate(actions)
    ]
    for file in folder.glob("policies/*/chain.yaml"):
        file.write_text(file.read_text().rstrip() + "\n" + "\n".join(lines) + "\n")


def measured(command: list[str], folder: Path) -> tuple[float, dict[str, float]]:
    """Seconds of one run, and those of them that were spent on the report."""
    spent = folder / "spent.json"
    path = os.pathsep.join((str(folder), str(ROOT / "src")))
    environment = {**os.environ, "PYTHONPATH": path, "SPENT": str(spent)}
    started = time.perf_counter()
    installed = any(point.name == "rolecall" for point in entry_points(group="pytest11"))
    plugins = ["-p", "measure", *([] if installed else ["-p", "rolecall.pytest_plugin"])]
    subprocess.run([*command, *plugins], cwd=folder, env=environment, capture_output=True, check=False)
    return time.perf_counter() - started, json.loads(spent.read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"{'chains':>7} {'promises':>9} {'run s':>7} {'each s':>7} {'end s':>7} {'share':>7}   medians")
    for chains, more in ((1, 0), (50, 0), (50, 93)):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            command = with_rolecall(folder, chains)
            (folder / "measure.py").write_text(MEASURE)
            if more:
                add_promises(folder, more)
            found = [measured(command, folder) for _ in range(options.runs)]
            evidence = json.loads((folder / "reports" / "evidence.json").read_text())
        promises = sum(len(chain["expectations"]) for chain in evidence["chains"])
        whole = statistics.median(seconds for seconds, _ in found)
        each = statistics.median(spent["each"] for _, spent in found)
        end = statistics.median(spent["end"] for _, spent in found)
        print(
            f"{chains:>7} {promises:>9,} {whole:>7.2f} {each:>7.2f} {end:>7.2f} {(each + end) / whole:>7.1%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
