"""AWS's own managed policies, as moto ships them: no schema error, and no lint error without a reason."""

from __future__ import annotations

import json
import random

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.policy_validation import IAMPolicyDocumentValidator, IAMTrustPolicyDocumentValidator

POLICIES = {name: entry["Document"] for name, entry in json.loads(aws_managed_policies_data).items()}

ROOT_ONLY = "written for sessions of the root user only, which IAM lets name root in NotResource"
ERRORS_WITH_A_REASON = {
    ("IAMAuditRootUserCredentials", "arn-form"): ROOT_ONLY,
    ("IAMCreateRootUserPassword", "arn-form"): ROOT_ONLY,
    ("IAMDeleteRootUserCredentials", "arn-form"): ROOT_ONLY,
}


@pytest.fixture(scope="module")
def findings(linter):
    return {
        name: linter.lint_document(json.dumps(document), "identity", stored_as="aws-managed")
        for name, document in POLICIES.items()
    }


def test_no_schema_error(findings):
    assert len(findings) > 1500
    assert {
        name for name, found in findings.items() for one in found if one.rule in ("schema", "json", "size")
    } == set()


def test_no_lint_error_but_the_ones_with_a_reason(findings):
    errors = {
        (name, one.rule) for name, found in findings.items() for one in found if one.severity == "error"
    }
    assert errors == set(ERRORS_WITH_A_REASON)


def test_names_that_the_data_does_not_know_stay_rare(findings):
    touched = [name for name, found in findings.items() if any(one.rule == "unknown-action" for one in found)]
    assert len(touched) < 0.02 * len(findings)


def moto_refuses(validator, text):
    try:
        validator(text).validate()
    except MalformedPolicyDocument as error:
        return str(error)
    return None


# Left out is where moto is stricter than AWS documents: unquoted numbers (reference_policies_grammar).
MUTATIONS = (
    lambda d, s: d.pop("Version", None),
    lambda d, s: d.update(Version="2008-10-17"),
    lambda d, s: d.update(Version="2012"),
    lambda d, s: d.update(Extra=1),
    lambda d, s: s.pop("Effect"),
    lambda d, s: s.update(Effect="allow"),
    lambda d, s: s.pop("Action", None),
    lambda d, s: s.pop("Resource", None),
    lambda d, s: s.update(Action=[]),
    lambda d, s: s.update(Action="nocolon"),
    lambda d, s: s.update(Action="a:b:c"),
    lambda d, s: s.update(Action="s3*:Get"),
    lambda d, s: s.update(NotAction="s3:Get*"),
    lambda d, s: s.update(NotResource="*"),
    lambda d, s: s.update(Resource=[]),
    lambda d, s: s.update(Resource="bucket"),
    lambda d, s: s.update(Resource="arn:aws"),
    lambda d, s: s.update(Resource="arn:nope:s3:::b"),
    lambda d, s: s.update(Resource="arn:aws:iam:us-east-1:111122223333:user/a"),
    lambda d, s: s.update(Resource="arn:aws:iam::111122223333:x/a"),
    lambda d, s: s.update(Resource="arn:aws:iam::"),
    lambda d, s: s.update(Resource="arn:aws:s3:us-east-1::b"),
    lambda d, s: s.update(Resource="arn:aws::::b"),
    lambda d, s: s.update(Sid=5),
    lambda d, s: s.update(Condition=[]),
    lambda d, s: s.update(Condition={"StringMatch": {"a:b": "c"}}),
    lambda d, s: s.update(Condition={"StringEquals": {"a:b": {}}}),
    lambda d, s: s.update(Condition={"DateLessThan": {"aws:CurrentTime": "soon-ish"}}),
    lambda d, s: s.update(Condition={"DateLessThan": {"aws:CurrentTime": "2026-99-01"}}),
    lambda d, s: d.update(Statement=[s, {**s, "Sid": "Twice"}, {**s, "Sid": "Twice"}]),
    lambda d, s: d.update(Statement=[]),
    lambda d, s: d.update(Id=7),
)


def test_what_moto_refuses_to_save_is_an_error(linter):
    chooser = random.Random(7)  # noqa: S311 - the same documents every time
    names = chooser.sample(sorted(POLICIES), 40)
    refused = 0
    for name in names:
        for mutate in MUTATIONS:
            document = json.loads(json.dumps(POLICIES[name]))
            statements = document["Statement"]
            statement = statements if isinstance(statements, dict) else chooser.choice(statements)
            mutate(document, statement)
            text = json.dumps(document)
            why = moto_refuses(IAMPolicyDocumentValidator, text)
            if why is not None:
                refused += 1
                found = linter.lint_document(text, "identity", stored_as="aws-managed")
                assert any(one.severity == "error" for one in found), (name, why, text[:400])
    assert refused > 800


@pytest.mark.parametrize(
    "element",
    [
        {"Action": "sts:GetObject"},
        {"Action": ["sts:AssumeRole", "s3:GetObject"]},
        {"Resource": "*"},
        {"NotResource": "*"},
        {"Effect": "ALLOW"},
        {"Action": []},
        {"Condition": {"Nope": {"a:b": "c"}}},
    ],
)
def test_what_moto_refuses_in_a_trust_policy_is_an_error(linter, element):
    statement = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
    right = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    wrong = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **element}]})
    assert moto_refuses(IAMTrustPolicyDocumentValidator, right) is None
    assert moto_refuses(IAMTrustPolicyDocumentValidator, wrong) is not None
    assert linter.lint_document(right, "trust") == ()
    assert any(one.severity == "error" for one in linter.lint_document(wrong, "trust"))
