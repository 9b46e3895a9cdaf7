"""Reasons of promises that cannot be one in the chain."""

from pathlib import Path

import pytest

from rolecall.chains import load_chain
from rolecall.chains.because_checks import impossible_reasons

_ATTACHED = ', policies: ["arn:aws:iam::aws:policy/AmazonEC2FullAccess"]'
_MANIFEST = f"""\
version: 1
chain: reasons
accounts: {{home: "111122223333"}}
policies: {{p: p.json}}
users: {{alice: {{policies: [p], access_key: true}}}}
roles: {{r: {{trust: trust.json{_ATTACHED}}}}}
hops:
  - {{from: alice, assume: r}}
expect:
"""
_FILES = {
    "p.json": '{"Version": "2012-10-17", "Statement": {"Sid": "Shut", "Effect": "Deny", "Action": "*", '
    '"Resource": "*"}}',
    "trust.json": '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", '
    '"Principal": {"AWS": "111122223333"}}}',
}


def told(folder: Path, because: str, manifest: str = _MANIFEST) -> list[str]:
    for name, text in _FILES.items():
        (folder / name).write_text(text)
    line = f'  - {{id: a, as: alice, deny: "s3:GetObject", because: {because}}}\n'
    (folder / "chain.yaml").write_text(manifest + line)
    return [str(one) for one in impossible_reasons(load_chain(folder))]


@pytest.mark.parametrize(
    ("because", "said"),
    [
        (
            "{policy: q.json}",
            '10:64: expect (a): because.policy: the chain has no policy or document "q.json"',
        ),
        ("{policy: q.json}", 'did you mean "p.json"?'),
        ("{policy: AmazonEC2FullAccess}", 'did you mean "arn:aws:iam::aws:policy/AmazonEC2FullAccess"?'),
        (
            "{policy: p, statement: Shutt}",
            'no statement of p has the Sid or number "Shutt" (did you mean "Shut"?',
        ),
        ("{policy: trust.json, statement: 1}", 'no statement of trust.json has the Sid or number "1"'),
        ("{stage: boundary}", "because.stage: no permissions boundary is declared for it"),
        ("{stage: session}", "because.stage: no session policy is declared for it"),
        ("{stage: scp}", "because.stage: no service control policy is declared for it"),
        ("{stage: rcp}", "because.stage: no resource control policy is declared for it"),
    ],
)
def test_a_reason_that_the_chain_cannot_give_is_told(tmp_path: Path, because: str, said: str) -> None:
    (only,) = told(tmp_path, because)
    assert said in only


@pytest.mark.parametrize(
    "because",
    [
        "{policy: p}",
        "{policy: p.json, statement: Shut}",
        "{policy: trust.json, statement: 0}",
        "{policy: 'arn:aws:iam::aws:policy/AmazonEC2FullAccess', statement: 3}",
        "{statement: 99}",  # what the attached policy says is not known here
        "{stage: identity}",
        "{stage: resource}",
        "{stage: call}",
        "implicit",
    ],
)
def test_a_reason_that_may_be_one_is_left_alone(tmp_path: Path, because: str) -> None:
    assert told(tmp_path, because) == []


def test_a_statement_that_no_document_has_is_told_where_all_are_known(tmp_path: Path) -> None:
    (only,) = told(tmp_path, "{statement: 99}", _MANIFEST.replace(_ATTACHED, ""))
    assert 'no statement has the Sid or number "99" (known: Shut, 0)' in only


def test_a_stage_is_looked_for_where_the_promise_is_about(tmp_path: Path) -> None:
    bounded = _MANIFEST.replace("roles: {r: {", "roles: {r: {boundary: p, ")
    assert len(told(tmp_path, "{stage: boundary}", bounded)) == 1  # alice has none
    assert (
        told(tmp_path, "{stage: boundary}", _MANIFEST.replace("access_key", "boundary: p, access_key")) == []
    )
