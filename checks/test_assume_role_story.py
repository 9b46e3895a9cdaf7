"""The base chain as its tutorial tells it: refused, assumed, permitted; and nothing further."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "278805249149"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/assume-role-role"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/assume-role-role/assume-role-session"

pytestmark = pytest.mark.usefixtures("assume_role_chain")


def test_base_user_cannot_describe_ec2(base_user):
    base_user.cannot("ec2:DescribeInstances", because="implicit")


def test_the_refusal_is_in_the_words_of_aws(base_user):
    with pytest.raises(ClientError) as refused:
        base_user.client("ec2").describe_instances()
    answer = refused.value.response
    assert answer["Error"]["Code"] == "UnauthorizedOperation"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
    message = answer["Error"]["Message"]
    assert message.startswith("You are not authorized to perform this operation.")
    assert (
        f"User: {base_user.session_identity} is not authorized to perform: ec2:DescribeInstances" in message
    )
    assert "because no identity-based policy allows the ec2:DescribeInstances action" in message
    assert "Encoded authorization failure message: " in message


def test_the_refused_credential_works(base_user, created_user):
    assert base_user.client("sts").get_caller_identity()["Arn"] == created_user["Arn"]


def test_assume_role_answers_temporary_credentials(assumed_role, created_role):
    hop = assumed_role.hops[0]
    user = hop.response["AssumedRoleUser"]
    assert user["Arn"].endswith(f":assumed-role/{created_role['RoleName']}/assume-role-session")
    assert user["AssumedRoleId"] == f"{created_role['RoleId']}:assume-role-session"
    assert created_role["RoleId"].startswith("AROA")
    credential = assumed_role.credential
    assert credential.access_key_id.startswith("ASIA")
    assert credential.session_token.reveal()
    left = hop.response["Expiration"] - datetime.now(UTC)
    assert timedelta(minutes=50) < left <= timedelta(hours=1)


def test_assumed_role_can_describe_ec2(assumed_role):
    assumed_role.can("ec2:DescribeInstances")


def test_a_session_lists_the_instance(assumed_role, instance):
    found = assumed_role.session.client("ec2").describe_instances()["Reservations"]
    assert instance["InstanceId"] in [i["InstanceId"] for r in found for i in r["Instances"]]


def test_three_environment_variables_list_the_instance(assumed_role, instance, handed_over):
    session = handed_over(assumed_role.credential, assumed_role.chain.region)
    found = session.client("ec2").describe_instances()["Reservations"]
    assert instance["InstanceId"] in [i["InstanceId"] for r in found for i in r["Instances"]]


@pytest.mark.parametrize(
    "action",
    [
        "iam:ListUsers",
        "iam:ListRoles",
        "s3:ListAllMyBuckets",
        "sqs:ListQueues",
        "sns:ListTopics",
        "kms:ListKeys",
    ],
)
def test_base_user_can_do_nothing_else(base_user, action):
    base_user.cannot(action, because="implicit")


def test_nobody_outside_the_account_can_assume_the_role(outsider):
    with pytest.raises(ClientError) as refused:
        outsider.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="outsider")
    assert refused.value.response["Error"]["Code"] == "AccessDenied"
    assert outsider.client("sts").get_caller_identity()["Account"] != ACCOUNT
