"""Size: one manifest of 200 roles, 200 users and 2,000 expectations; then 50 chains in 50 folders.

    python benchmarks/shapes.py [--pairs 200] [--chains 50] [--workers 2]

Both are generated in a temporary folder. Printed: how long the manifest takes to load (validated, in this
process, best of three), and the wall time of whole pytest runs, from starting Python to the report.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.metadata import entry_points
from pathlib import Path

SRC = Path(__file__).parents[1] / "src"
CHECK = "def test_expectation(expectation, verify):\n    verify(expectation)\n"


def statement(**fields: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **fields}]}, indent=2)


def write_chain(folder: Path, name: str, account: str, pairs: int) -> int:
    """A chain of users that each assume a role of their own, ten expectations a pair; how many there are."""
    folder.mkdir(parents=True)
    (folder / "work.json").write_text(
        statement(Action=["s3:ListAllMyBuckets", "iam:ListRoles"], Resource="*")
    )
    users, roles, hops, expect, policies = [], [], [], [], []
    for n in range(pairs):
        user, role = f"user-{n}", f"role-{n}"
        arn = f"arn:aws:iam::{account}:role/{role}"
        (folder / f"assume-{n}.json").write_text(statement(Action="sts:AssumeRole", Resource=arn))
        condition = {"StringEquals": {"sts:ExternalId": f"id-{n}"}}
        principal = {"AWS": f"arn:aws:iam::{account}:user/{user}"}
        (folder / f"trust-{n}.json").write_text(
            statement(Action="sts:AssumeRole", Principal=principal, Condition=condition)
        )
        policies.append(f"  assume-{n}: assume-{n}.json")
        users.append(f"  {user}: {{policies: [assume-{n}], access_key: true}}")
        roles.append(f"  {role}: {{trust: trust-{n}.json, policies: [work]}}")
        hops.append(f"  - {{from: {user}, assume: {role}, external_id: id-{n}}}")
        expect += [
            f"  - {{id: reach-{n}, reach: {role}}}",
            f'  - {{id: list-{n}, as: {role}, allow: "s3:ListAllMyBuckets"}}',
            f'  - {{id: roles-{n}, as: {role}, allow: "iam:ListRoles"}}',
            f'  - {{id: no-users-{n}, as: {role}, deny: "iam:ListUsers", because: implicit}}',
            f'  - {{id: no-queues-{n}, as: {role}, deny: "sqs:ListQueues", because: implicit}}',
            f'  - {{id: user-no-buckets-{n}, as: {user}, deny: "s3:ListAllMyBuckets", because: implicit}}',
            f'  - {{id: user-no-roles-{n}, as: {user}, deny: "iam:ListRoles", because: implicit}}',
            f"  - {{id: without-{n}, hop: {role}, without: external_id, because: {{stage: trust}}}}",
            f'  - {{id: only-{n}, as: {user}, only: "sts:AssumeRole"}}',
            f"  - {{id: who-{n}, assumers_of: {role}, exactly: [{user}]}}",
        ]
    lines = [
        "version: 1", f"chain: {name}", f'accounts: {{home: "{account}"}}',
        "policies:", "  work: work.json", *policies, "users:", *users, "roles:", *roles,
        "hops:", *hops, "expect:", *expect,
    ]  # fmt: skip
    (folder / "chain.yaml").write_text("\n".join(lines) + "\n")
    return len(expect)


def run(folder: Path, workers: int) -> tuple[float, str]:
    """Wall time of a pytest run in a folder, and its last line."""
    (folder / "test_chains.py").write_text(CHECK)
    (folder / "pytest.ini").write_text("[pytest]\n")
    plugin = [] if entry_points(group="pytest11", name="rolecall") else ["-p", "rolecall.pytest_plugin"]
    spread = ["-n", str(workers)] if workers else []
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *spread, "-q", "-p", "no:cacheprovider"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
    )
    took = time.perf_counter() - began
    tail = (done.stdout.strip() or done.stderr.strip()).splitlines()[-1]
    if done.returncode:
        print(done.stdout[-3000:], done.stderr[-2000:])
    return took, tail


def load_seconds(folder: Path) -> float:
    sys.path.insert(0, str(SRC))
    from rolecall.chains import load_chain

    took = []
    for _ in range(3):
        began = time.perf_counter()
        load_chain(folder)
        took.append(time.perf_counter() - began)
    return min(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--chains", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        if options.pairs:
            big = root / "big"
            count = write_chain(big / "policies" / "big", "big", "123456789012", options.pairs)
            print(f"one manifest: {options.pairs} roles, {options.pairs} users, {count} expectations")
            print(f"  loads in        {load_seconds(big / 'policies' / 'big'):.2f} s")
            took, tail = run(big, options.workers)
            print(f"  verified in     {took:.1f} s with -n {options.workers} ({tail})")
        if options.chains:
            many = root / "many"
            count = sum(
                write_chain(many / "policies" / f"c{n}", f"c{n}", f"{100000000000 + n}", 1)
                for n in range(options.chains)
            )
            took, tail = run(many, options.workers)
            print(f"{options.chains} chains in {options.chains} folders, {count} expectations")
            print(f"  verified in     {took:.1f} s with -n {options.workers} ({tail})")


if __name__ == "__main__":
    main()
