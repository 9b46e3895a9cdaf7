"""What the gate answers itself: decoded messages, deletions key by key, simulations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from rolecall.targets.moto import enforcing_moto
from tests.enforcement.scenarios.world import World, allow, policy

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def world() -> Iterator[World]:
    with enforcing_moto(account_id="111122223333", region="us-east-1") as aws:
        yield World(aws)


def _encoded(world: World) -> str:
    with pytest.raises(ClientError) as caught:
        world.user(allow("ec2:StartInstances")).client("ec2").describe_instances()
    return str(caught.value.response["Error"]["Message"]).rpartition("message: ")[2]


def test_an_encoded_message_decodes_to_who_what_and_why(world: World) -> None:
    encoded = _encoded(world)
    reader = world.user(allow("sts:DecodeAuthorizationMessage"))
    decoded = json.loads(
        reader.client("sts").decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"]
    )
    assert decoded["allowed"] is False
    assert decoded["explicitDeny"] is False
    assert decoded["context"]["action"] == "ec2:DescribeInstances"
    keys = {
        item["key"]: item["values"]["items"][0]["value"] for item in decoded["context"]["conditions"]["items"]
    }
    assert keys["ec2:region"] == "us-east-1"


def test_decoding_needs_its_permission(world: World) -> None:
    encoded = _encoded(world)
    with pytest.raises(ClientError, match="not authorized to perform: sts:DecodeAuthorizationMessage"):
        world.user().client("sts").decode_authorization_message(EncodedMessage=encoded)


@pytest.mark.parametrize("change", [lambda text: text[:-2] + "AA", lambda text: "nonsense"])
def test_a_foreign_message_does_not_decode(world: World, change: object) -> None:
    changed = change(_encoded(world))  # type: ignore[operator]
    with pytest.raises(ClientError) as caught:
        world.root.client("sts").decode_authorization_message(EncodedMessage=changed)
    answer = caught.value.response
    assert answer["Error"]["Code"] == "InvalidAuthorizationMessageException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_objects_are_deleted_key_by_key(world: World) -> None:
    bucket = world.bucket(key="mine")
    world.admin("s3").put_object(Bucket=bucket, Key="theirs", Body=b"x")
    user = world.user(allow("s3:DeleteObject", f"arn:aws:s3:::{bucket}/mine"))
    answer = user.client("s3").delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": "mine"}, {"Key": "theirs"}]}
    )
    assert [item["Key"] for item in answer["Deleted"]] == ["mine"]
    assert [(item["Key"], item["Code"]) for item in answer["Errors"]] == [("theirs", "AccessDenied")]
    left = world.admin("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert [item["Key"] for item in left] == ["theirs"]


def test_a_key_that_is_not_there_is_told_as_deleted(world: World) -> None:
    """S3 API Reference, DeleteObjects."""
    bucket = world.bucket(key="mine")
    user = world.user(allow("s3:DeleteObject", f"arn:aws:s3:::{bucket}/*"))
    answer = user.client("s3").delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": "mine"}, {"Key": "nothing"}]}
    )
    assert [item["Key"] for item in answer["Deleted"]] == ["mine", "nothing"]
    assert "Errors" not in answer


def test_a_delete_marker_is_told_with_its_version(world: World) -> None:
    bucket, s3 = world.bucket(key="mine"), world.admin("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    (gone,) = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "mine"}]})["Deleted"]
    (marker,) = s3.list_object_versions(Bucket=bucket)["DeleteMarkers"]
    assert gone["DeleteMarker"] is True
    assert gone["DeleteMarkerVersionId"] == marker["VersionId"]


def test_simulate_principal_policy_answers_from_the_engine(world: World) -> None:
    user = world.user(
        allow("s3:GetObject", "arn:aws:s3:::b/*", Condition={"Bool": {"aws:SecureTransport": "true"}})
    )
    iam = world.admin("iam")

    def simulate(**context: str) -> dict[str, object]:
        entries = [
            {"ContextKeyName": f"aws:{name}", "ContextKeyValues": [value], "ContextKeyType": "boolean"}
            for name, value in context.items()
        ]
        results: list[dict[str, object]] = iam.simulate_principal_policy(
            PolicySourceArn=user.arn,
            ActionNames=["s3:GetObject"],
            ResourceArns=["arn:aws:s3:::b/x"],
            ContextEntries=entries,
        )["EvaluationResults"]
        return results[0]

    assert simulate(SecureTransport="true")["EvalDecision"] == "allowed"
    without = simulate()
    assert without["EvalDecision"] == "implicitDeny"
    assert without["MissingContextValues"] == ["aws:SecureTransport"]


def test_simulate_custom_policy_tells_an_explicit_deny(world: World) -> None:
    results = world.admin("iam").simulate_custom_policy(
        PolicyInputList=[
            policy(allow("*"), {"Effect": "Deny", "Action": "ec2:*", "Resource": "*", "Sid": "No"})
        ],
        ActionNames=["ec2:RunInstances", "s3:GetObject"],
    )["EvaluationResults"]
    assert [item["EvalDecision"] for item in results] == ["explicitDeny", "allowed"]
    assert results[0]["EvalResourceName"] == "*"
    assert results[0]["MatchedStatements"][0]["SourcePolicyId"] == "PolicyInputList.1"


def test_context_keys_are_listed(world: World) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "red", "s3:prefix": "a"}}
    keys = world.admin("iam").get_context_keys_for_custom_policy(
        PolicyInputList=[policy(allow("s3:ListBucket", Condition=condition))]
    )["ContextKeyNames"]
    assert keys == ["aws:PrincipalTag/team", "s3:prefix"]


def test_aws_managed_policies_are_listed_when_asked_for(world: World) -> None:
    iam = world.admin("iam")
    world.managed(allow("s3:*"))
    pages = iam.get_paginator("list_policies").paginate(Scope="AWS")
    names = {item["PolicyName"] for page in pages for item in page["Policies"]}
    assert len(names) > 1000
    assert "AdministratorAccess" in names


def test_a_named_aws_managed_policy_can_be_read(world: World) -> None:
    arn = "arn:aws:iam::aws:policy/AmazonEC2FullAccess"
    assert world.admin("iam").get_policy(PolicyArn=arn)["Policy"]["PolicyName"] == "AmazonEC2FullAccess"


def test_a_grant_to_another_account_is_told_as_open(world: World) -> None:
    kms, other = world.admin("kms"), "777788889999"
    iam = world.aws.root_session(other).client("iam")
    grantee = iam.create_user(UserName="grantee")["User"]["Arn"]
    made = iam.create_access_key(UserName="grantee")["AccessKey"]
    key = kms.create_key()["KeyMetadata"]["Arn"]
    mine = world.aws.session(made["AccessKeyId"], made["SecretAccessKey"]).client("kms")
    with pytest.raises(ClientError) as without:
        mine.encrypt(KeyId=key, Plaintext=b"x")
    assert "not derived" not in str(without.value)
    kms.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=["Encrypt"])
    with pytest.raises(ClientError, match=r"resource not derived: the key has a grant"):
        mine.encrypt(KeyId=key, Plaintext=b"x")
