"""The kind of a document from its elements alone."""

from __future__ import annotations

import pytest

from rolecall.iam.lint import detect_kind

ASSUME = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}


@pytest.mark.parametrize(
    ("statements", "kind"),
    [
        ([{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}], "identity"),
        ([ASSUME], "trust"),
        (ASSUME, "trust"),
        ([{**ASSUME, "Action": ["STS:AssumeRole", "sts:TagSession"]}], "trust"),
        ([{**ASSUME, "Resource": "*"}], "resource"),
        ([ASSUME, {**ASSUME, "Action": "s3:GetObject"}], "resource"),
        ([{"Effect": "Deny", "NotPrincipal": "*", "Action": "s3:*", "Resource": "*"}], "resource"),
        ([], "identity"),
        (None, "identity"),
        ([3], "identity"),
    ],
)
def test_kind(statements, kind):
    assert detect_kind({"Version": "2012-10-17", "Statement": statements}) == kind


@pytest.mark.parametrize("value", [None, [], "text", 3, {}])
def test_what_is_no_policy_counts_as_identity(value):
    assert detect_kind(value) == "identity"
