"""How fast the engine decides, beside @cloud-copilot/iam-simulate in the same run.

    python benchmarks/engine.py [--modules DIR] [--seconds 2] [--memory 1000000]

Both warm, one process each. Our documents are parsed once and asked again and again, as a suite does;
the peer's functions take JSON documents and read them on every call. The peer is asked through
runUnsafeSimulation (no input validation) where it can answer so, else through runSimulation.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE / "differential"), str(ROOT / "tests" / "iam"), str(ROOT / "src")]

from compare import install  # noqa: E402
from random_cases import Cases  # noqa: E402

from rolecall.iam import Policies, Request, closure, evaluate, parse_policy, read_principal  # noqa: E402
from rolecall.iam.simulation import decide_case, read_case  # noqa: E402

Json = dict[str, Any]
MANAGED = (
    "AmazonEC2FullAccess",
    "AmazonS3FullAccess",
    "IAMFullAccess",
    "AmazonDynamoDBFullAccess",
    "AmazonVPCFullAccess",
    "AWSLambda_FullAccess",
    "AmazonRDSFullAccess",
    "CloudWatchFullAccess",
    "AmazonSQSFullAccess",
    "ReadOnlyAccess",
)


def document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def small_case() -> Json:
    """(a) One user, one statement, one trust policy."""
    role = "arn:aws:iam::111122223333:role/r"
    return {
        "principal": "arn:aws:iam::111122223333:user/u",
        "action": "sts:AssumeRole",
        "resource": role,
        "resource_account": "111122223333",
        "context": {"sts:ExternalId": "x"},
        "identity_policies": [document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role})],
        "resource_policy": document(
            {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
        ),
    }


def large_case(*, one_service: bool) -> Json:
    """(b) 10 policies, each 20 statements, each 4 conditions; only the last statement allows.

    ``one_service``: every statement is for the action and resource that is asked for, and fails at its
    last condition, so that nothing can be skipped.
    """
    services = ["ec2:Describe*", "sqs:*", "dynamodb:*Item", "kms:Decrypt", "iam:Get*", "s3:Get*"]
    policies = []
    for number in range(10):
        statements = []
        for index in range(20):
            last = number == 9 and index == 19
            action = "s3:Get*" if one_service or last else services[(number + index) % len(services)]
            found = "*" if one_service or last else f"arn:aws:s3:::bucket-{number}-{index}/*"
            statements.append(
                {
                    "Effect": "Allow",
                    "Action": [action, "s3:GetObject"] if one_service else action,
                    "Resource": found,
                    "Condition": {
                        "StringLike": {"aws:PrincipalTag/team": ["red*", "blue*"]},
                        "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.0/24"]},
                        "DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"},
                        "StringEquals": {"aws:RequestedRegion": "eu-west-1" if last else "us-west-2"},
                    },
                }
            )
        policies.append(document(*statements))
    return {
        "principal": "arn:aws:iam::111122223333:user/u",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::bucket/x",
        "resource_account": "111122223333",
        "context": {
            "aws:PrincipalTag/team": "blue-1",
            "aws:SourceIp": "203.0.113.9",
            "aws:CurrentTime": "2026-01-01T00:00:00Z",
            "aws:RequestedRegion": "eu-west-1",
        },
        "identity_policies": policies,
    }


def per_second(call: Callable[[], object], seconds: float) -> float:
    """How often ``call`` runs in a second, warm."""
    for _ in range(50):
        call()
    count, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        for _ in range(20):
            call()
        count += 20
    return count / spent


def ours_per_second(case: Json, seconds: float) -> float:
    _, policies = read_case(case)
    principal, context = read_principal(case["principal"]), case["context"]

    def ask() -> None:
        request = Request(principal, case["action"], case["resource"], case["resource_account"], context)
        verdict = evaluate(request, policies).verdict
        assert verdict == "allowed", verdict

    return per_second(ask, seconds)


def peer_per_second(case: Json, seconds: float, modules: Path) -> float:
    """The faster of the peer's two functions that gives the right answer."""
    rates = []
    for unsafe in ("1", ""):
        run = subprocess.run(
            ["node", str(HERE / "differential" / "peer.mjs"), "--time", str(seconds)],
            input=json.dumps(case),
            env={**os.environ, "PEER_MODULES": str(modules), "PEER_UNSAFE": unsafe},
            capture_output=True,
            text=True,
        )
        answer = json.loads(run.stdout) if run.returncode == 0 else {"decision": None}
        if answer["decision"] == "allowed":
            rates.append(float(answer["per_second"]))
    return max(rates)


def managed_policies() -> list[Json]:
    """AWS's own managed policies, as moto ships them."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    known = json.loads(aws_managed_policies_data)
    return [known[name]["Document"] for name in MANAGED]


def closure_seconds() -> tuple[float, float, int, int]:
    """(c) Seconds: the first closure in a process and the best of five; actions asked, actions allowed."""
    from rolecall.iam.catalog import load_catalog

    documents = managed_policies()
    names = load_catalog().action_names
    principal = read_principal("arn:aws:iam::111122223333:user/u")
    times, found = [], ()
    for _ in range(5):
        start = time.perf_counter()
        policies = Policies(identity=tuple(parse_policy(item) for item in documents))
        found = closure(principal, policies, names)
        times.append(time.perf_counter() - start)
    return times[0], min(times), len(names), len(found)


def peer_closure_seconds(modules: Path, sample: int = 100) -> float:
    """What the peer needs for the same question: one action on ``*``, over and over, extrapolated to all."""
    case = {
        "principal": "arn:aws:iam::111122223333:user/u",
        "action": "ec2:DescribeInstances",
        "resource": "*",
        "resource_account": "111122223333",
        "identity_policies": managed_policies(),
    }
    from rolecall.iam.catalog import load_catalog

    names = load_catalog().action_names
    return len(names) / peer_per_second(case, sample / 50, modules)


def end_to_end(folder: Path, count: int, modules: Path) -> tuple[float, float, float]:
    """(d) Seconds for a file of random cases, process start included: ours, ours with detail, the peer's."""
    source = Cases(11, shared=True)
    lines = folder / "cases.jsonl"
    lines.write_text("".join(json.dumps({"id": str(n), **source.case()}) + "\n" for n in range(count)))
    code = "import sys; from rolecall.cli import main; sys.exit(main())"
    ours = [sys.executable, "-c", code, "simulate"]
    found = []
    for command in ([*ours, "--no-detail"], ours, ["node", str(HERE / "differential" / "peer.mjs")]):
        start = time.perf_counter()
        with lines.open() as stdin:
            run = subprocess.run(
                command,
                stdin=stdin,
                stdout=subprocess.PIPE,
                env={**os.environ, "PEER_MODULES": str(modules), "PYTHONPATH": str(ROOT / "src")},
            )
        found.append(time.perf_counter() - start)
        assert run.stdout.count(b"\n") == count
    return found[0], found[1], found[2]


def memory(count: int) -> tuple[int, int]:
    """Highest resident size in kB after a tenth of the cases and after all; every document is new."""
    source = Cases(5)
    lines = [json.dumps(source.case()) for _ in range(2000)]
    early = 0
    for number in range(count):
        case = json.loads(lines[number % len(lines)].replace("bucket/home", f"bucket/{number}/home"))
        case["context"]["svc:n"] = str(number)
        decide_case(case, detail=number % 10 == 0)
        if number == count // 10:
            early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return early, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--modules", type=Path, help="a folder whose node_modules holds the peer")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each measurement runs")
    parser.add_argument("--cases", type=int, default=20_000, help="cases of the end-to-end measurement")
    parser.add_argument("--memory", type=int, default=0, help="cases of the memory measurement (0: none)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        modules = options.modules or install(folder)
        print(f"{'':52}{'rolecall':>14}{'peer':>14}{'ratio':>10}")
        for title, case in (
            ("(a) user, one statement, trust: decisions/s", small_case()),
            ("(b) 10 x 20 x 4, mixed services: decisions/s", large_case(one_service=False)),
            ("(b) 10 x 20 x 4, nothing to skip: decisions/s", large_case(one_service=True)),
        ):
            ours, theirs = (
                ours_per_second(case, options.seconds),
                peer_per_second(case, options.seconds, modules),
            )
            print(f"{title:52}{ours:>14,.0f}{theirs:>14,.0f}{ours / theirs:>9,.0f}x")
        first, best, asked, allowed = closure_seconds()
        theirs = peer_closure_seconds(modules)
        title = f"(c) closure, {asked:,} actions, 10 policies: s"
        print(f"{title:52}{best:>14.3f}{theirs:>14,.1f}{theirs / best:>9,.0f}x")
        print(
            f"    first in the process {first:.3f} s; {allowed:,} actions allowed; the peer by extrapolation"
        )
        short, detailed, theirs = end_to_end(folder, options.cases, modules)
        title = f"(d) {options.cases:,} JSON Lines end to end: s"
        print(f"{title:52}{short:>14.2f}{theirs:>14.2f}{theirs / short:>9.1f}x")
        print(f"    with detail {detailed:.2f} s")
    if options.memory:
        early, late = memory(options.memory)
        print(f"highest memory after {options.memory // 10:,} cases: {early:,} kB")
        print(f"highest memory after {options.memory:,} cases: {late:,} kB")


if __name__ == "__main__":
    main()
