"""What no expectation exercises: statements, and principals that a trust policy lists beside others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rolecall.chains import load_chain
from rolecall.reports import Expectation, Expected, Gate, Prediction, StatementRef, Step
from rolecall.reports.coverage_of import coverage_of
from rolecall.reports.documents_of import DocumentIndex
from tests.reports.sample import HOME

MANIFEST = f"""\
version: 1
chain: several
region: eu-west-1
accounts: {{home: "{HOME}", partner: "404040404040"}}
users:
  alice: {{access_key: true}}
  bob: {{access_key: true}}
roles:
  reader: {{trust: trust.json}}
hops:
  - {{from: alice, assume: reader, session_name: someone}}
expect:
  - {{id: reached, reach: reader}}
"""
LISTED = [f"arn:aws:iam::{HOME}:user/alice", f"arn:aws:iam::{HOME}:user/bob", "404040404040"]


def gaps(
    folder: Path, *callers: str, state: str = "allowed", verdict: str = "passed", role: str = "reader"
) -> list[str]:
    """The branches that are left when these came, and their hop was answered so by the trust policy."""
    (folder / "chain.yaml").write_text(MANIFEST, encoding="utf-8")
    statement = {"Effect": "Allow", "Principal": {"AWS": LISTED}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    (folder / "trust.json").write_text(json.dumps(trust), encoding="utf-8")
    chain = load_chain(folder / "chain.yaml")
    documents = DocumentIndex(folder)
    policy = chain.roles["reader"].trust.policy
    ref: StatementRef = documents.reference(policy, policy.statements[0])
    gate = Gate("resource_policy", state, True, (ref,))  # type: ignore[arg-type]
    found = [
        Expectation(
            f"e{number}",
            "reach",
            "t",
            "reader",
            verdict,  # type: ignore[arg-type]
            "r",
            Expected("allowed"),
            predicted=Prediction(
                "allowed",
                "identity_policies",
                "r",
                steps=(
                    Step(caller, "sts:AssumeRole", f"arn:aws:iam::{HOME}:role/x/{role}", "allowed", (gate,)),
                ),
            ),
        )
        for number, caller in enumerate(callers)
    ]
    coverage = coverage_of(chain, found, documents)
    assert coverage.total == 3
    assert coverage.exercised == 3 - len(coverage.gaps)
    return [gap.branch.removeprefix("principal ").rpartition("/")[2] for gap in coverage.gaps]


ALICE, BOB = LISTED[:2]


@pytest.mark.parametrize(
    ("callers", "left"),
    [
        ((), ["alice", "bob", "404040404040"]),
        ((ALICE,), ["bob", "404040404040"]),
        ((ALICE, BOB), ["404040404040"]),
        ((f"arn:aws:iam::{HOME}:user/rolecall/rc-01234567-bob",), ["alice", "404040404040"]),
        ((f"arn:aws:iam::{HOME}:user/not-bob",), ["alice", "bob", "404040404040"]),
        ((f"arn:aws:sts::{HOME}:assumed-role/bob/s",), ["alice", "bob", "404040404040"]),
        (("arn:aws:sts::404040404040:assumed-role/any/s",), ["alice", "bob"]),
    ],
)
def test_a_principal_that_is_listed_beside_others_is_a_branch_of_its_own(
    tmp_path: Path, callers: tuple[str, ...], left: list[str]
) -> None:
    assert gaps(tmp_path, *callers) == left


def test_what_was_not_answered_or_not_shown_exercises_no_branch(tmp_path: Path) -> None:
    assert len(gaps(tmp_path, ALICE, state="implicitDeny")) == 3
    assert len(gaps(tmp_path, ALICE, verdict="inconclusive")) == 3
    assert len(gaps(tmp_path, ALICE, role="another")) == 3
