"""Nothing that a file may hold makes the linter raise, and whatever its schema accepts the engine reads."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.iam.aws_managed_policies import aws_managed_policies_data

from rolecall.iam import parse_policy
from rolecall.iam.schemas import KINDS

SAMPLE = [
    json.dumps(entry["Document"])
    for entry in list(json.loads(aws_managed_policies_data).values())[::60]
    if len(json.dumps(entry["Document"])) < 8000
]
QUIET = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
WORDS = st.sampled_from(
    ['"', "{", "}", "[", "]", ",", ":", "null", "true", "1e9", '"*"', '""', "\\", "${", "\x00", "\ufeff", "é",
     '"Principal": "*",', '"Action": "*",', "arn:aws:s3:::", "Allow", "Deny", "aws:SourceIp", "\ud800"]
)  # fmt: skip


@QUIET
@given(st.sampled_from(SAMPLE), st.integers(0, 8000), st.integers(0, 12), WORDS, st.sampled_from(KINDS))
def test_mutated_real_documents_never_raise(linter, text, at, cut, put, kind):
    at = min(at, len(text))
    mutated = text[:at] + put + text[at + cut :]
    findings = linter.lint_document(mutated, kind)
    assert all(finding.line >= 1 and finding.column >= 1 for finding in findings)
    if not any(finding.rule in ("json", "schema", "size") for finding in findings):
        parse_policy(mutated)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["*", "Allow", "s3:*"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Effect", "Action", "Resource", "Principal", "AWS", "Condition", "StringLike", "aws:x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@QUIET
@given(VALUES, st.sampled_from(["auto", *KINDS]))
def test_any_json_as_statement_never_raises(linter, value, kind):
    for document in (value, {"Version": "2012-10-17", "Statement": value}):
        linter.lint_document(json.dumps(document), kind)


@QUIET
@given(VALUES, st.sampled_from(["Resources", "RoleDetailList", "planned_values"]))
def test_any_json_in_a_container_never_raises(linter, value, name):
    containers = {
        "Resources": {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": value, "Policies": [{"PolicyDocument": value}, value]}}, "S": value}},
        "RoleDetailList": {"RoleDetailList": [
            {"AssumeRolePolicyDocument": value, "RolePolicyList": value}, value]},
        "planned_values": {"format_version": "1.2", "planned_values": {"root_module": {
            "resources": [{"type": "aws_iam_policy", "values": {"policy": value}},
                          {"type": "aws_iam_role", "values": {"inline_policy": value}}, value],
            "child_modules": [value, {"resources": value, "child_modules": value}]}}},
    }  # fmt: skip
    linter.lint_file(json.dumps(containers[name]))


@QUIET
@given(st.text(max_size=80) | st.binary(max_size=80))
def test_any_yaml_never_raises(linter, source):
    linter.lint_file(source, is_yaml=True)
