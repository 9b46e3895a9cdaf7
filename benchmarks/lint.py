"""Schema and lint of all AWS managed policies that moto ships, on one core, beside parliament and cfn-lint.

Run: python benchmarks/lint.py [--sample N]
The others run only when they are installed; parliament needs setuptools < 81 (pkg_resources). They are slow:
they see every Nth policy and their time is scaled up.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable

from jsonschema import Draft202012Validator
from moto.iam.aws_managed_policies import aws_managed_policies_data

from rolecall.iam.catalog import load_catalog
from rolecall.iam.lint import Linter
from rolecall.iam.schemas import schema, validate_document


def main() -> int:
    """Print one line a tool: seconds of CPU for all policies, and what it found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=40, help="the others see every Nth policy (default 40)")
    sample = parser.parse_args().sample
    texts = [
        json.dumps(entry["Document"], indent=2) for entry in json.loads(aws_managed_policies_data).values()
    ]
    print(f"{len(texts)} policies, {sum(map(len, texts)) / 1e6:.1f} MB, Python {sys.version.split()[0]}")
    start = time.process_time()
    linter = Linter.of(load_catalog())
    report("rolecall: read the catalog", time.process_time() - start)
    measure(
        "rolecall: schema",
        texts,
        1,
        lambda text: len(validate_document(text, "identity", stored_as="aws-managed")),
    )
    measure(
        "rolecall: schema and lint",
        texts,
        1,
        lambda text: len(linter.lint_document(text, "identity", stored_as="aws-managed")),
    )
    reference = Draft202012Validator(schema("identity"))
    measure(
        "jsonschema alone, same schema, reused validator",
        texts,
        sample,
        lambda text: sum(1 for _ in reference.iter_errors(json.loads(text))),
    )
    measure_parliament(texts, sample)
    measure_cfn_lint(texts, sample)
    return 0


def measure(name: str, texts: list[str], step: int, count: Callable[[str], int]) -> None:
    """CPU seconds over every step-th text, scaled to all of them."""
    chosen = texts[::step]
    count(chosen[0])
    found = crashed = 0
    start = time.process_time()
    for text in chosen:
        try:
            found += count(text)
        except Exception:
            crashed += 1
    spent = (time.process_time() - start) * len(texts) / len(chosen)
    report(
        name,
        spent,
        f"{found} findings in {len(chosen)} policies" + (f", {crashed} crashed" if crashed else ""),
    )


def report(name: str, seconds: float, note: str = "") -> None:
    """One line of the table."""
    print(f"{name:<52}{seconds:>9.2f} s  {note}")


def measure_parliament(texts: list[str], step: int) -> None:
    """parliament, when it can be imported."""
    try:
        import parliament
    except ImportError as error:
        print(f"parliament: left out ({error})")
        return
    measure("parliament", texts, step, lambda text: len(parliament.analyze_policy_string(text).findings))


def measure_cfn_lint(texts: list[str], step: int) -> None:
    """cfn-lint, which wants every policy in a template."""
    try:
        from cfnlint.api import lint_all
    except ImportError as error:
        print(f"cfn-lint: left out ({error})")
        return

    def count(text: str) -> int:
        properties = {"PolicyDocument": json.loads(text)}
        resources = {"Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}}
        return len(lint_all(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})))

    measure("cfn-lint, one policy a template", texts, step, count)


if __name__ == "__main__":
    sys.exit(main())
