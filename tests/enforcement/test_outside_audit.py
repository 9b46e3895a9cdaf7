"""What a call really touches: launches from templates, tags on creation, items, log groups, odd requests."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import UNSIGNED
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config

from rolecall.targets.server import enforcing_server
from tests.enforcement.conftest import HOME, OTHER, World, allow, deny, document, refusal, trusts

EC2 = f"arn:aws:ec2:us-east-1:{HOME}:"
INSTANCE = EC2 + "instance/*"
PROD = [{"Key": "env", "Value": "prod"}]


@pytest.fixture
def template(world: World) -> dict[str, Any]:
    """A launch by a template that sets image, type, IMDSv2 and a tag."""
    ec2 = world.root.client("ec2")
    image = ec2.register_image(Name="image", RootDeviceName="/dev/sda1")["ImageId"]
    ec2.create_launch_template(
        LaunchTemplateName="template",
        LaunchTemplateData={
            "ImageId": image,
            "InstanceType": "t3.micro",
            "MetadataOptions": {"HttpTokens": "required"},
            "TagSpecifications": [{"ResourceType": "instance", "Tags": PROD}],
        },
    )
    return {"LaunchTemplate": {"LaunchTemplateName": "template"}, "MinCount": 1, "MaxCount": 1}


@pytest.mark.parametrize(
    "key",
    [
        {"StringNotEquals": {"ec2:InstanceType": "t3.micro"}},
        {"StringNotEquals": {"ec2:MetadataHttpTokens": "required"}},
        {"StringNotEquals": {"aws:RequestTag/env": "prod"}},
        {"ArnNotLike": {"ec2:LaunchTemplate": EC2 + "launch-template/*"}},
    ],
)
def test_what_a_template_says_counts(world: World, template: dict[str, Any], key: dict[str, Any]) -> None:
    may = allow("ec2:RunInstances", "ec2:CreateTags")
    session = world.user("u", may, deny("ec2:RunInstances", on=INSTANCE, Condition=key))
    assert session.client("ec2").run_instances(**template)["Instances"]


def test_tags_of_a_template_need_the_permission_to_tag(world: World, template: dict[str, Any]) -> None:
    refused = refusal(world.user("u", allow("ec2:RunInstances")).client("ec2").run_instances, **template)
    assert "ec2:CreateTags" in refused.message


def test_tags_of_a_volume_are_not_the_instance_s(world: World, template: dict[str, Any]) -> None:
    image = world.root.client("ec2").describe_images(Owners=["self"])["Images"][0]["ImageId"]
    missing = {"StringNotEquals": {"aws:RequestTag/env": "prod"}}
    may = allow("ec2:RunInstances", "ec2:CreateTags")
    ec2 = world.user("u", may, deny("ec2:RunInstances", on=INSTANCE, Condition=missing)).client("ec2")
    tags = [{"ResourceType": "volume", "Tags": PROD}]
    refused = refusal(ec2.run_instances, ImageId=image, MinCount=1, MaxCount=1, TagSpecifications=tags)
    assert refused.code == "UnauthorizedOperation"


@pytest.mark.parametrize(("size", "fits"), [(10, True), (200, False)])
def test_each_volume_of_a_launch_is_held_to_its_size(
    world: World, template: dict[str, Any], size: int, fits: bool
) -> None:
    too_big = {"NumericGreaterThan": {"ec2:VolumeSize": "100"}}
    may = allow("ec2:RunInstances", "ec2:CreateTags")
    session = world.user("u", may, deny("ec2:RunInstances", on=EC2 + "volume/*", Condition=too_big))
    launch = {**template, "BlockDeviceMappings": [{"DeviceName": "/dev/sdb", "Ebs": {"VolumeSize": size}}]}
    if fits:
        assert session.client("ec2").run_instances(**launch)["Instances"]
    else:
        assert "explicit deny" in refusal(session.client("ec2").run_instances, **launch).message


@pytest.mark.parametrize(
    ("service", "operation", "params", "creates", "tags"),
    [
        ("sqs", "create_queue", {"QueueName": "q", "tags": {"a": "b"}}, "sqs:CreateQueue", "sqs:TagQueue"),
        (
            "sns", "create_topic", {"Name": "t", "Tags": [{"Key": "a", "Value": "b"}]},
            "sns:CreateTopic", "sns:TagResource",
        ),
        (
            "kms", "create_key", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}, "kms:CreateKey",
            "kms:TagResource",
        ),
        (
            "secretsmanager", "create_secret", {"Name": "s", "Tags": [{"Key": "a", "Value": "b"}]},
            "secretsmanager:CreateSecret", "secretsmanager:TagResource",
        ),
        (
            "iam", "create_user", {"UserName": "n", "Tags": [{"Key": "a", "Value": "b"}]}, "iam:CreateUser",
            "iam:TagUser",
        ),
        (
            "logs", "create_log_group", {"logGroupName": "g", "tags": {"a": "b"}}, "logs:CreateLogGroup",
            "logs:TagLogGroup",
        ),
    ],
)  # fmt: skip
def test_tags_on_creation_need_the_permission_to_tag(
    world: World, service: str, operation: str, params: dict[str, Any], creates: str, tags: str
) -> None:
    poor = world.user("poor", allow(creates)).client(service)
    assert "Tag" in refusal(getattr(poor, operation), **params).message
    getattr(world.user("rich", allow(creates, tags)).client(service), operation)(**params)


@pytest.fixture
def table(world: World) -> Any:
    dynamodb = world.root.client("dynamodb")
    dynamodb.create_table(
        TableName="table",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "g")],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {"IndexName": "by-g", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
             "Projection": {"ProjectionType": "ALL"}}
        ],
    )  # fmt: skip
    return f"arn:aws:dynamodb:us-east-1:{HOME}:table/table"


KEY = {"id": {"S": "a"}}
SECRET = {**KEY, "secret": {"S": "x"}}
VALUE = {":v": {"S": "x"}}


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("update_item", {"TableName": "table", "Key": KEY, "UpdateExpression": "SET secret = :v",
                         "ExpressionAttributeValues": VALUE}),
        ("batch_write_item", {"RequestItems": {"table": [{"PutRequest": {"Item": SECRET}}]}}),
        ("batch_get_item", {"RequestItems": {"table": {"Keys": [KEY], "ProjectionExpression": "secret"}}}),
        ("transact_write_items", {"TransactItems": [{"Put": {"TableName": "table", "Item": SECRET}}]}),
        ("put_item", {"TableName": "table", "Item": KEY, "ConditionExpression": "attribute_exists(secret)"}),
        ("execute_statement", {"Statement": "SELECT secret FROM table WHERE id = 'a'"}),
    ],
)  # fmt: skip
def test_attributes_are_found_wherever_they_are_named(
    world: World, table: str, operation: str, params: dict[str, Any]
) -> None:
    few = {"ForAllValues:StringEquals": {"dynamodb:Attributes": ["id", "fine"]}}
    client = world.user("u", allow("dynamodb:*", on=[table, f"{table}/*"], Condition=few)).client("dynamodb")
    assert refusal(getattr(client, operation), **params).code == "AccessDeniedException"
    client.put_item(TableName="table", Item={**KEY, "fine": {"S": "y"}})


def test_the_key_of_an_index_is_the_leading_key_of_a_query_on_it(world: World, table: str) -> None:
    own = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["mine"]}}
    client = world.user("u", allow("dynamodb:Query", on=f"{table}/index/*", Condition=own)).client("dynamodb")
    asked = {"TableName": "table", "IndexName": "by-g", "KeyConditionExpression": "g = :v"}
    assert client.query(**asked, ExpressionAttributeValues={":v": {"S": "mine"}})["Count"] == 0
    refused = refusal(client.query, **asked, ExpressionAttributeValues=VALUE)
    assert "not derived" not in refused.message


def test_log_groups_are_what_denials_name(world: World) -> None:
    world.root.client("logs").create_log_group(logGroupName="g")
    base = f"arn:aws:logs:us-east-1:{HOME}:log-group:"
    logs = world.user("u", allow("logs:Describe*", on=f"{base}g:log-stream:*")).client("logs")
    assert logs.describe_log_streams(logGroupName="g")["logStreams"] == []
    assert f"{base}:log-stream:" in refusal(logs.describe_log_groups, logGroupNamePrefix="g").message
    assert world.user("all", allow("logs:*", on=f"{base}*")).client("logs").describe_log_groups()["logGroups"]


def test_a_ciphertext_of_another_account_names_its_own_key(world: World) -> None:
    kms = world.root.client("kms")
    key = kms.create_key()["KeyMetadata"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"p")["CiphertextBlob"]
    both = {"AWS": [f"arn:aws:iam::{account}:root" for account in (HOME, OTHER)]}
    policy = document({"Effect": "Allow", "Principal": both, "Action": "kms:*", "Resource": "*"})
    kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=policy)
    other = world.user("o", allow("kms:Decrypt", on=key["Arn"]), account=OTHER).client("kms")
    assert other.decrypt(CiphertextBlob=blob)["Plaintext"] == b"p"


def test_a_session_of_a_deleted_role_gets_nothing_from_a_bucket_policy(world: World) -> None:
    s3 = world.root.client("s3")
    s3.create_bucket(Bucket="bucket")
    role = world.role("r", trusts(f"arn:aws:iam::{HOME}:root"))
    session = world.assume(world.user("u", allow("sts:AssumeRole")), role).client("s3")
    read = {"Effect": "Allow", "Principal": {"AWS": role}, "Action": "s3:ListBucket"}
    s3.put_bucket_policy(Bucket="bucket", Policy=document({**read, "Resource": "arn:aws:s3:::bucket"}))
    session.list_objects_v2(Bucket="bucket")
    world.iam.delete_role(RoleName="r")
    assert refusal(session.list_objects_v2, Bucket="bucket").code == "AccessDenied"


def test_an_anonymous_request_has_no_signature_to_speak_of(world: World) -> None:
    s3 = world.root.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="x", Body=b"1")
    signed = {"StringEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}}
    read = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Condition": signed}
    s3.put_bucket_policy(Bucket="bucket", Policy=document({**read, "Resource": "arn:aws:s3:::bucket/*"}))
    anonymous = boto3.Session(region_name="us-east-1").client("s3", config=Config(signature_version=UNSIGNED))
    assert refusal(anonymous.get_object, Bucket="bucket", Key="x").code == "AccessDenied"


def test_who_asks_to_bypass_object_lock_needs_the_permission(world: World) -> None:
    s3 = world.root.client("s3")
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    version = s3.put_object(Bucket="locked", Key="x", Body=b"")["VersionId"]
    poor = world.user("poor", allow("s3:DeleteObjectVersion")).client("s3")
    asked = {"Bucket": "locked", "Key": "x", "VersionId": version, "BypassGovernanceRetention": True}
    assert "s3:BypassGovernanceRetention" in refusal(poor.delete_object, **asked).message


def test_a_bucket_of_another_owner_than_expected_is_refused(world: World) -> None:
    s3 = world.root.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.head_bucket(Bucket="bucket", ExpectedBucketOwner=HOME)
    refused = refusal(s3.list_objects_v2, Bucket="bucket", ExpectedBucketOwner=OTHER)
    assert (refused.code, refused.status) == ("AccessDenied", 403)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.DescribeTable"}
DELETING = b"Action=DeleteUser&Version=2010-05-08&UserName="


@pytest.mark.parametrize(
    ("service", "method", "path", "body", "headers", "code"),
    [
        ("iam", "POST", "/", DELETING + b"victim&UserName=other", FORM, "MalformedQueryString"),
        ("iam", "POST", "/?UserName=victim", DELETING + b"other", FORM, "MalformedQueryString"),
        ("s3", "GET", "/bucket/x?attributes", b"", {}, "InvalidArgument"),
        ("s3", "GET", "/bucket/x?acl&tagging", b"", {}, "InvalidArgument"),
        ("dynamodb", "POST", "/", b"{", JSON, "SerializationException"),
        ("dynamodb", "POST", "/", b'{"TableName": 5}', JSON, "SerializationException"),
    ],
)
def test_a_request_that_can_be_read_in_two_ways_is_refused(
    server: Any, service: str, method: str, path: str, body: bytes, headers: dict[str, str], code: str
) -> None:
    request = AWSRequest(method, server.endpoint_url + path, data=body, headers=headers)
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(server.root_session().get_credentials(), service, "us-east-1").add_auth(request)
    connection = HTTPConnection(urlsplit(server.endpoint_url).netloc, timeout=10)
    connection.request(method, path, body=body, headers=dict(request.headers))
    answer = connection.getresponse()
    assert code in answer.read().decode()
    assert answer.status == 400


@pytest.fixture(scope="module")
def server() -> Any:
    with enforcing_server(account_id=HOME) as running:
        yield running
