"""Sizes are counted as AWS counts them, per kind and per place of storage."""

from __future__ import annotations

import json

import pytest

from rolecall.iam.schemas import validate_document
from rolecall.iam.schemas.sizes import counted_size


def document(size: int, **extra: object) -> str:
    """A policy that counts exactly ``size`` characters."""
    statement = {"Sid": "", "Effect": "Deny", "Action": "s3:*", **extra}
    empty = json.dumps({"Version": "2012-10-17", "Statement": statement}, separators=(",", ":"))
    statement["Sid"] = "a" * (size - len(empty))
    return json.dumps({"Version": "2012-10-17", "Statement": statement}, separators=(",", ":"))


ANY = {"Resource": "*"}
TRUST = {"Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
RCP = {"Principal": "*", "Resource": "*"}


@pytest.mark.parametrize(
    ("kind", "stored_as", "limit", "severity", "extra"),
    [
        ("identity", "managed", 6144, "error", ANY),
        ("identity", "user-inline", 2048, "error", ANY),
        ("identity", "group-inline", 5120, "error", ANY),
        ("identity", "role-inline", 10240, "error", ANY),
        ("identity", None, 6144, "warning", ANY),
        ("identity", None, 10240, "error", ANY),
        ("boundary", None, 6144, "error", ANY),
        ("session", None, 2048, "error", ANY),
        ("trust", None, 2048, "warning", TRUST),
        ("trust", None, 4096, "error", TRUST),
        ("scp", None, 5120, "error", ANY),
        ("rcp", None, 5120, "error", RCP),
        ("resource", None, 20480, "warning", RCP),
    ],
)
def test_one_character_too_many_is_a_finding(kind, stored_as, limit, severity, extra):
    def sizes(text):
        return [
            one.severity.value
            for one in validate_document(text, kind, stored_as=stored_as)
            if one.rule == "size" and f"may have {limit:,}" in one.message
        ]

    assert sizes(document(limit, **extra)) == []
    assert sizes(document(limit + 1, **extra)) == [severity]


def test_white_space_is_free_in_iam_and_counted_by_organizations():
    padded = json.dumps(json.loads(document(2000, **ANY)), indent=400)
    assert len(padded) > 5120
    assert counted_size(padded) == 2000
    assert validate_document(padded, "identity", stored_as="user-inline") == ()
    (finding,) = validate_document(padded, "scp")
    assert (finding.rule, finding.severity) == ("size", "warning")
    assert "without its white space" in finding.message


def test_policies_of_aws_itself_are_not_measured():
    assert validate_document(document(9000, **ANY), "identity", stored_as="aws-managed") == ()
