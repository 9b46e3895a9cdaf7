"""Random cases through this engine and through @cloud-copilot/iam-simulate (run, never shipped).

    python benchmarks/differential/compare.py --cases 100000 --seed 1 [--modules DIR]

Without ``--modules`` the peer is installed from npm into a temporary directory. Exit code 1 when a
difference is left unexplained.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "iam"), str(ROOT / "src")]

from explained import DEPARTURES, explain  # noqa: E402
from random_cases import Cases  # noqa: E402

from rolecall.iam.simulation import decide_case  # noqa: E402

PEER = "@cloud-copilot/iam-simulate"
BATCH = 1000


def install(folder: Path) -> Path:
    """The peer, installed from npm into that folder."""
    subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), PEER], check=True
    )
    return folder


class Peer:
    """The peer in one Node process, answering batches of cases."""

    def __init__(self, modules: Path) -> None:
        self.process = subprocess.Popen(
            ["node", str(HERE / "peer.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PEER_MODULES": str(modules), "PEER_BATCH": str(BATCH)},
        )

    def decide(self, cases: list[dict[str, Any]]) -> list[str]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("".join(json.dumps(case) + "\n" for case in cases))
        self.process.stdin.flush()
        return [json.loads(self.process.stdout.readline())["decision"] for _ in cases]

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=60)


def numbered(seed: int) -> Iterator[dict[str, Any]]:
    """Cases without end, each with its number as id."""
    source, number = Cases(seed, shared=True), 0
    while True:
        number += 1
        yield {"id": str(number), **source.case()}


def compare(peer: Peer, count: int, seed: int) -> tuple[Counter[str], list[Mapping[str, Any]]]:
    """How often both agreed and why they did not; and the differences that nothing explains."""
    tally: Counter[str] = Counter()
    unexplained: list[Mapping[str, Any]] = []
    source = islice(numbered(seed), count)
    while batch := list(islice(source, BATCH)):
        for case, theirs in zip(batch, peer.decide(batch), strict=True):
            ours = decide_case(case, detail=False)["decision"]
            if ours == theirs:
                tally[f"agreed: {ours}"] += 1
            elif theirs.startswith("error"):
                tally["the peer refused the case"] += 1
            elif reason := explain(case, ours, theirs):
                tally[f"explained: {' + '.join(reason)}"] += 1
            else:
                tally["unexplained"] += 1
                unexplained.append({"ours": ours, "theirs": theirs, "case": case})
    return tally, unexplained


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--modules", type=Path, help="a folder whose node_modules holds the peer")
    parser.add_argument(
        "--show", type=int, default=5, help="how many unexplained cases to print, shortest first"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        peer = Peer(options.modules or install(Path(folder)))
        tally, unexplained = compare(peer, options.cases, options.seed)
        peer.close()
    for line, number in sorted(tally.items()):
        print(f"{number:>9,}  {line}")
    for kind in DEPARTURES:
        if any(kind.__name__ in line for line in tally):
            print(f"\n{kind.__name__}: {inspect.getdoc(kind)}")
    for difference in sorted(unexplained, key=lambda item: len(json.dumps(item)))[: options.show]:
        print(f"\nours {difference['ours']}, theirs {difference['theirs']}\n{json.dumps(difference['case'])}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    raise SystemExit(main())
