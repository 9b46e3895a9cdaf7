"""Resource types with their ARN formats, and condition keys with their types."""

from __future__ import annotations

import json

import pytest

from rolecall.iam.catalog import Catalog, ConditionKey


def test_a_resource_type_has_its_formats(catalog: Catalog) -> None:
    bucket = catalog.resource_type("S3", "Bucket")
    assert bucket is not None
    assert bucket.arn_formats == ("arn:${Partition}:s3:::${BucketName}",)
    assert catalog.resource_type("s3", "nope") is None
    assert catalog.resource_types("nope") == ()
    assert bucket in catalog.resource_types("s3")


def test_several_formats_of_one_type_are_told_apart(catalog: Catalog) -> None:
    stage = catalog.resource_type("apigateway", "Stage")
    assert stage is not None
    assert len(stage.arn_formats) == 2
    assert not any(", " in text for text in stage.arn_formats)


@pytest.mark.parametrize(
    ("arn", "types"),
    [
        ("arn:aws:s3:::bucket", {"s3/bucket", "ssm/bucket"}),
        ("arn:aws:s3:::bucket/a/key", {"s3/object"}),
        ("arn:aws:s3:us-east-1:111111111111:accesspoint/ap", {"s3/accesspoint"}),
        ("arn:aws:s3:us-east-1:111111111111:accesspoint/ap/object/k/x", {"s3/accesspointobject"}),
        ("arn:aws:sqs:us-east-1:111111111111:queue", {"sqs/queue"}),
        ("arn:aws:lambda:us-east-1:111111111111:function:f", {"lambda/function"}),
        (
            "arn:aws:lambda:us-east-1:111111111111:function:f:1",
            {"lambda/function alias", "lambda/function version"},
        ),
        ("arn:aws:dynamodb:us-east-1:111111111111:table/t", {"dynamodb/table"}),
        ("arn:aws:dynamodb:us-east-1:111111111111:table/t/index/i", {"dynamodb/index"}),
        ("arn:aws:logs:us-east-1:111111111111:log-group:/aws/x:log-stream:s", {"logs/log-stream"}),
        ("arn:aws:ssm:eu-west-1::document/AWS-RunShellScript", {"ssm/document"}),
        ("arn:aws:ec2:eu-west-1::image/ami-1", {"ec2/image"}),
        (
            "arn:aws-us-gov:kms:us-gov-west-1:111111111111:key/k",
            {"kms/key", "events/key", "kinesis/kmsKey"},
        ),
        ("arn:aws:apigateway:us-east-1::/restapis/a/stages/s", {"apigateway/Stage", "wafv2/apigateway"}),
    ],
)
def test_the_best_fitting_types_of_an_arn_are_found(catalog: Catalog, arn: str, types: set[str]) -> None:
    assert {f"{kind.service}/{kind.name}" for kind in catalog.types_of_arn(arn)} == types


def test_the_arns_own_service_comes_first(catalog: Catalog) -> None:
    kinds = catalog.types_of_arn("arn:aws:iam::111111111111:role/a/path/name")
    assert (kinds[0].service, kinds[0].name) == ("iam", "role")
    assert ("sts", "role") in {(kind.service, kind.name) for kind in kinds}


def test_a_pattern_may_be_every_type_that_it_covers(catalog: Catalog) -> None:
    def names(arn: str) -> set[str]:
        return {kind.name for kind in catalog.types_of_arn(arn) if kind.service == arn.split(":")[2]}

    assert names("arn:aws:s3:::bucket/*") == {"object"}
    assert names("arn:aws:s3:::bucket") == {"bucket"}
    assert names("arn:aws:logs:us-east-1:111111111111:log-group:/aws/x:*") == {"log-group", "log-stream"}
    assert names("arn:aws:lambda:us-east-1:111111111111:function:f:*") == {
        "function alias",
        "function version",
        "durable execution",
    }
    assert names("arn:aws:s3:::bucket*") == {"bucket", "object"}
    assert names("arn:aws:iam::111111111111:user/*") == {"user"}
    assert names("arn:aws:iam::111111111111:*") == {kind.name for kind in catalog.resource_types("iam")} - {
        kind.name
        for kind in catalog.resource_types("iam")
        if not any(text.startswith("arn:${Partition}:iam::${Account}") for text in kind.arn_formats)
    }
    assert names("arn:aws:s3:::${aws:PrincipalTag/bucket}") >= {"bucket", "object"}
    assert names("arn:aws:iam::111111111111:user/${aws:username}") == {"user"}
    assert "instance" in names("arn:aws:ec2:*:*:inst?nce/*")
    assert names("arn:aws:ec2:*:*:*") == {kind.name for kind in catalog.resource_types("ec2")} - {
        kind.name
        for kind in catalog.resource_types("ec2")
        if not any(":ec2:" in text for text in kind.arn_formats)
    }


@pytest.mark.parametrize(
    "arn",
    [
        "*",
        "",
        "arn",
        "arn:aws",
        "arn:aws:nope:::x",
        "arn:aws:iam::111111111111:nope/x",
        "arn:aws:sqs:::queue",
        "arn:aws:sqs:eu-west-1::queue",
        "arn:aws:sts::111111111111:assumed-role/a/b",
    ],
)
def test_an_arn_of_no_known_format_has_no_type(catalog: Catalog, arn: str) -> None:
    assert catalog.types_of_arn(arn) == ()


def test_an_arn_that_stops_early_is_completed_with_stars(catalog: Catalog) -> None:
    assert catalog.types_of_arn("arn:aws:sqs")[0].name == "queue"
    assert catalog.types_of_arn("arn:aws:sqs:eu-west-1") == catalog.types_of_arn("arn:aws:sqs:eu-west-1:*:*")
    assert catalog.types_of_arn("arn:aws:dynamodb") == catalog.types_of_arn("arn:aws:dynamodb:*:*:*")


def test_a_pattern_of_many_stars_is_held_against_formats_without_hanging(catalog: Catalog) -> None:
    stars = "*a" * 2000 + "*b"
    assert catalog.types_of_arn(f"arn:aws:ec2:*:*:instance/{stars}")[0].name == "instance"
    nope = catalog.types_of_arn(f"arn:aws:ec2:*:*:nope/{stars}")
    assert "ec2" not in {kind.service for kind in nope}


def test_every_format_fits_its_own_type(catalog: Catalog) -> None:
    misses = []
    for service in ("iam", "sts", "ec2", "s3", "dynamodb", "sqs", "sns", "kms", "lambda", "logs", "ssm"):
        for kind in catalog.resource_types(service):
            for text in kind.arn_formats:
                example = text.replace("${Partition}", "aws").replace("${Account}", "111111111111")
                example = example.replace("${Region}", "eu-west-1")
                while "${" in example:
                    start = example.index("${")
                    example = example[:start] + "v1" + example[example.index("}", start) + 1 :]
                if kind not in catalog.types_of_arn(example):
                    misses.append((kind.name, example))
    assert misses == []


@pytest.mark.parametrize(
    ("name", "found", "kind"),
    [
        ("EC2:instancetype", "ec2:InstanceType", "String"),
        ("aws:PrincipalTag/team", "aws:PrincipalTag/${TagKey}", "String"),
        ("aws:principaltag/${TagKey}", "aws:PrincipalTag/${TagKey}", "String"),
        ("aws:tagkeys", "aws:TagKeys", "ArrayOfString"),
        ("aws:SourceIp", "aws:SourceIp", "IPAddress"),
        ("aws:MultiFactorAuthPresent", "aws:MultiFactorAuthPresent", "Bool"),
        ("aws:MultiFactorAuthAge", "aws:MultiFactorAuthAge", "Numeric"),
        ("aws:PrincipalArn", "aws:PrincipalArn", "ARN"),
        ("sts:ExternalId", "sts:ExternalId", "String"),
        ("sts:TransitiveTagKeys", "sts:TransitiveTagKeys", "ArrayOfString"),
        ("s3:ExistingObjectTag/x", "s3:ExistingObjectTag/<key>", "String"),
        ("secretsmanager:ResourceTag/team", "secretsmanager:ResourceTag/tag-key", "String"),
        ("sagemaker:ResourceTag/team", "sagemaker:ResourceTag/", "String"),
        ("s3:max-keys", "s3:max-keys", "Numeric"),
        (
            "kms:EncryptionContext:Dept",
            "kms:EncryptionContext:${EncryptionContextKey}",
            "String",
        ),
        ("iam:PassedToService", "iam:PassedToService", "String"),
        ("iam:PolicyARN", "iam:PolicyARN", "ARN"),
        ("saml:aud", "saml:aud", "String"),
        ("ec2:SourceInstanceARN", "ec2:SourceInstanceArn", "ARN"),
    ],
)
def test_a_key_is_found_in_any_case_and_through_its_placeholder(
    catalog: Catalog, name: str, found: str, kind: str
) -> None:
    key = catalog.condition_key(name)
    assert key is not None
    assert (key.name, key.type) == (found, kind)


def test_claims_of_any_oidc_provider_are_keys(catalog: Catalog) -> None:
    sub = catalog.condition_key("token.actions.githubusercontent.com:sub")
    assert sub == ConditionKey("token.actions.githubusercontent.com:sub", "String")
    assert catalog.condition_key("oidc.eks.us-east-1.amazonaws.com/id/EX:aud") is not None
    amr = catalog.condition_key("cognito-identity.amazonaws.com:amr")
    assert amr is not None
    assert amr.multivalued
    assert amr.value_type == "String"
    assert catalog.condition_key("token.actions.githubusercontent.com:job_workflow_ref") is not None
    assert catalog.condition_key("token.actions.githubusercontent.com:nope") is None


@pytest.mark.parametrize("name", ["aws:Nope", "ec2:Nope", "nope:Key", "", "aws", "aws:PrincipalTag/"])
def test_what_is_no_known_key_is_none(catalog: Catalog, name: str) -> None:
    assert catalog.condition_key(name) is None


def test_multivalued_global_keys_are_those_of_the_page(catalog: Catalog) -> None:
    assert {key.name for key in catalog.global_condition_keys if key.multivalued} == {
        "aws:CalledVia",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalServiceNamesList",
        "aws:ResourceOrgPaths",
        "aws:SourceOrgPaths",
        "aws:TagKeys",
        "aws:VpceOrgPaths",
    }
    epoch = catalog.condition_key("aws:EpochTime")
    assert epoch == ConditionKey("aws:EpochTime", "Date", ("Numeric",))


def test_the_nearest_key_is_offered(catalog: Catalog) -> None:
    assert catalog.nearest_key("aws:PrincipalOrgIDs") == "aws:PrincipalOrgID"
    assert catalog.nearest_key("ec2:InstnceType") == "ec2:InstanceType"
    assert catalog.nearest_key("graph.facebook.com:idd") == "graph.facebook.com:id"
    assert catalog.nearest_key("zzz:qqqqqqqqqqqqqqqq") is None


def test_keys_of_awss_own_policies_are_known(catalog: Catalog) -> None:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    unknown = set()
    for policy in json.loads(aws_managed_policies_data).values():
        statements = policy["Document"]["Statement"]
        for statement in [statements] if isinstance(statements, dict) else statements:
            for operands in statement.get("Condition", {}).values():
                unknown.update(key for key in operands if catalog.condition_key(key) is None)
    # Neither the reference nor the service's own pages have these.
    assert unknown <= {"deepracer:MultiUser", "deepracer:UserToken", "lakeformation:GlueARN"}


def test_keys_that_actions_name_are_keys_that_the_catalog_knows(catalog: Catalog) -> None:
    unknown = {
        key
        for service in ("iam", "sts", "ec2", "s3", "dynamodb", "sqs", "sns", "kms", "lambda", "ssm", "logs")
        for name in catalog.actions_of(service)
        if (action := catalog.action(name)) is not None
        for key in action.all_condition_keys
        if catalog.condition_key(key) is None
    }
    assert unknown == set()
