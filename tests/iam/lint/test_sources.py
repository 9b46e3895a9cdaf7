"""Policies are found in the files in which they live, and findings point into those files."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from rolecall.iam.lint.sources import policies_in

TEMPLATE = """\
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Other: {Type: String, Default: "444455556666"}
  Free: {Type: String}
Conditions:
  Wide: !Equals [!Ref Free, "yes"]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${Other}:root"}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: inline
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: allow
                Action: s3:GetObject
                Resource: !Sub "${Bucket.Arn}/*"
              - !If
                - Wide
                - Effect: Allow
                  Action: s3:GetObjekt
                  Resource: !GetAtt Bucket.Arn
                - !Ref AWS::NoValue
  Bucket:
    Type: AWS::S3::Bucket
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Principal: "*"
          Action: s3:GetObject
          Resource: !Join ["", ["arn:aws:s3:::", !Ref Bucket, "/*"]]
"""


def told(linter, source, **options):
    return [(one.line, one.column, one.rule, one.kind) for one in linter.lint_file(source, **options)]


def test_yaml_template_is_read_with_its_short_forms_and_points_into_the_yaml(linter):
    assert told(linter, TEMPLATE, is_yaml=True) == [
        (22, 25, "schema", "identity"),
        (28, 27, "unknown-action", "identity"),
        (41, 22, "public-resource", "resource"),
    ]


def test_json_template_points_into_the_json(linter):
    template = {
        "Resources": {
            "Policy": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": {"Fn::If": ["A", "Allow", "Deny"]},
                                "Action": ["sqs:SendMessage"],
                                "Resource": {"Fn::GetAtt": ["Queue", "Arn"]},
                            },
                            {"Effect": "Allow", "Action": "*", "Resource": {"Ref": "Anything"}},
                            {"Effect": "Allow", "Action": "*", "Resource": "*"},
                        ],
                    }
                },
            }
        }
    }
    text = json.dumps(template, indent=1)
    (finding,) = [one for one in linter.lint_file(text) if one.severity != "suggestion"]
    assert finding.rule == "full-admin"
    line = text.split("\n")[finding.line - 1]
    assert line[finding.column - 1 :] == '"*",'


def test_what_only_a_stack_knows_is_never_held_against_the_template(linter):
    statement = {
        "Effect": {"Ref": "Effect"},
        "Principal": {"AWS": {"Ref": "Who"}, "Service": {"Fn::Sub": "x.${AWS::URLSuffix}"}},
        "Action": {"Ref": "What"},
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }
    template = {
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}
                },
            }
        }
    }
    assert linter.lint_file(json.dumps(template)) == ()


PLAN_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Resource": "arn:aws:s3:::\u00fc/*", "Action": "s3:GetObjekt"}],
}


def plan(policy, kind="aws_iam_policy", attribute="policy"):
    resource = {"address": "a.b", "mode": "managed", "type": kind, "values": {attribute: policy}}
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"child_modules": [{"resources": [resource]}]}},
    }


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_plan_points_into_the_escaped_string(linter, ascii_only, indent):
    text = json.dumps(
        plan(json.dumps(PLAN_POLICY, indent=indent, ensure_ascii=False)), indent=1, ensure_ascii=ascii_only
    )
    (finding,) = linter.lint_file(text)
    line = text.split("\n")[finding.line - 1]
    assert line[finding.column - 1 :].startswith(r"\"s3:G")


def test_plan_measures_policies_by_what_they_become(linter):
    large = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::b-{i:03}/*"}
            for i in range(40)
        ],
    }
    rules = {
        kind: {one.rule for one in linter.lint_file(json.dumps(plan(json.dumps(large), kind)))}
        for kind in ("aws_iam_policy", "aws_iam_user_policy")
    }
    assert rules == {"aws_iam_policy": set(), "aws_iam_user_policy": {"size"}}


def test_account_details_know_the_account_and_skip_policies_of_aws(linter):
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "sts:AssumeRole"}],
    }
    admin = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    details = {
        "UserDetailList": [{"UserPolicyList": [{"PolicyDocument": quote(json.dumps(admin))}]}],
        "RoleDetailList": [{"Arn": "arn:aws:iam::111122223333:role/r", "AssumeRolePolicyDocument": trust}],
        "Policies": [
            {
                "Arn": "arn:aws:iam::aws:policy/AdministratorAccess",
                "PolicyVersionList": [{"Document": admin}],
            },
            {
                "Arn": "arn:aws:iam::111122223333:policy/own",
                "PolicyVersionList": [
                    {"Document": admin, "IsDefaultVersion": False},
                    {"Document": admin, "IsDefaultVersion": True},
                ],
            },
        ],
    }
    findings = linter.lint_file(json.dumps(details, indent=1))
    assert [one.rule for one in findings] == ["full-admin", "external-trust", "full-admin"]
    assert findings[2].line > findings[1].line > findings[0].line


def test_policy_text_that_is_no_json_is_a_finding_at_the_text(linter):
    text = json.dumps(plan("{"), indent=1)
    (finding,) = linter.lint_file(text)
    assert finding.rule == "json"
    assert text.split("\n")[finding.line - 1][finding.column - 1 :] == '"{"'


@pytest.mark.parametrize("source", ['{"name": "package", "version": "1.0.0"}', "[]", "3"])
def test_other_json_is_no_policy(source):
    assert policies_in(source) is None


def test_yaml_bomb_is_answered(linter):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    (finding,) = linter.lint_file("\n".join(lines), is_yaml=True)
    assert "is too large: aliases and all" in finding.message
    (loop,) = linter.lint_file("a: &a [*a]", is_yaml=True)
    assert "an alias that contains itself" in loop.message
