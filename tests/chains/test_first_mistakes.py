"""What people get wrong in their first manifest is told so that the next try is right."""

from pathlib import Path

import pytest

from rolecall.chains import load_chain
from rolecall.errors import InputError

_MANIFEST = """\
version: 1
chain: first
accounts: {home: "111122223333"}
policies: {p: p.json}
users: {alice: {policies: [p], access_key: true}}
roles: {r: {trust: trust.json}}
hops:
  - {from: alice, assume: r}
expect:
  - {id: a, as: alice, deny: "s3:GetObject"}
"""
_FILES = {
    "p.json": '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}',
    "trust.json": '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", '
    '"Principal": {"AWS": "111122223333"}}}',
}


def told(folder: Path, old: str, new: str) -> str:
    assert old in _MANIFEST
    for name, text in _FILES.items():
        (folder / name).write_text(text)
    (folder / "chain.yaml").write_text(_MANIFEST.replace(old, new))
    with pytest.raises(InputError) as refused:
        load_chain(folder)
    return str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "advice"),
    [
        ("version: 1", 'version: "1"', "write the number without quotes"),
        ("access_key: true", "access_key: yes", "write true, without quotes"),
        ("version: 1\n", "", 'the field "version" is missing (Version of the manifest\'s format, as 1)'),
        ('"s3:GetObject"', "*", 'a value that starts with "*" needs quotes'),
        ('"111122223333"}', '"111122223333"', "from line 3"),
        ("{from: alice, assume: r}", "{from: alice, to: r}", "known: from, assume, "),
        ("policies: [p]", "policies: [ReadOnlyAccess]", "as arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("expect:\n", "rcps: {home: [[RCPFullAWSAccess]]}\nexpect:\n", "leave it out"),
        ("assume: r}", "assume: r, session_policy_arns: [arn:aws:s3:::b]}", "ARN of a managed policy"),
    ],
)
def test_a_first_mistake_comes_with_the_way_out(tmp_path, old, new, advice):
    assert advice in told(tmp_path, old, new)


def test_two_aliases_of_one_account_are_refused(tmp_path):
    said = told(tmp_path, '"111122223333"', '"111122223333", again: "111122223333"')
    assert "chain.yaml:3:41: accounts.again: 111122223333 is home already" in said


def test_because_without_a_reason_is_refused(tmp_path):
    assert "expected kind or stage" in told(tmp_path, '"s3:GetObject"', '"s3:GetObject", because: {}')


def test_a_waiver_that_nobody_approved_is_refused(tmp_path):
    waiver = "waivers: [{expectation: a, reason: r, approved_by: ' ', until: 2027-01-01}]\nexpect:\n"
    assert "waivers[0].approved_by: expected text" in told(tmp_path, "expect:\n", waiver)


def test_an_unreadable_action_is_told_once(tmp_path):
    assert told(tmp_path, '"s3:GetObject"', "s3").count("chain.yaml:") == 1
