"""No probe changes anything, and no answer without a reason is taken for a denial."""

from __future__ import annotations

import boto3
import pytest

from rolecall.iam.catalog import load_catalog
from rolecall.probes import Seen
from rolecall.probes.answers import classify
from rolecall.probes.choosing import NoProbe, Probe, choose_probe

ACCOUNT = "111122223333"
MODELS = boto3.session.Session()._session.get_service_model
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"


def chosen(action: str, resource: str = "*", **parameters: object) -> Probe | NoProbe:
    return choose_probe(action, resource, load_catalog(), MODELS, parameters=parameters, account=ACCOUNT)


# AWS's service authorization reference calls every one of these a Read.
@pytest.mark.parametrize(
    ("action", "resource", "parameters"),
    [
        ("sqs:ReceiveMessage", QUEUE, {}),
        ("logs:StopQuery", "*", {"queryId": "1"}),
        ("iam:GenerateCredentialReport", "*", {}),
        ("config:DeliverConfigSnapshot", "*", {"deliveryChannelName": "default"}),
        ("cloudformation:DetectStackDrift", "*", {"StackName": "s"}),
        ("dynamodb:ConditionCheckItem", "*", {"TransactItems": [{"Delete": {}}]}),
        ("dynamodb:PartiQLSelect", "*", {"Statement": "DELETE FROM orders"}),
        ("ssm:GetServiceSetting", "*", {}),
        ("acm:ExportCertificate", "*", {"CertificateArn": "arn", "Passphrase": b"x"}),
    ],
)
def test_what_reads_by_its_level_alone_is_not_called(
    action: str, resource: str, parameters: dict[str, object]
) -> None:
    known = load_catalog().action(action)
    assert known is not None
    assert known.access_level in ("List", "Read")
    assert isinstance(chosen(action, resource, **parameters), NoProbe)


@pytest.mark.parametrize("action", ["lambda:UpdateFunctionCode", "ssm:DeleteInventory", "kms:Decrypt"])
def test_a_dry_run_is_taken_from_ec2_alone(action: str) -> None:
    given = {"FunctionName": "f", "TypeName": "t", "CiphertextBlob": b"x"}
    assert isinstance(chosen(action, **given), NoProbe)


def test_what_reads_is_called() -> None:
    for action, resource, operation in (
        ("sqs:GetQueueAttributes", QUEUE, "GetQueueAttributes"),
        ("ec2:DescribeInstances", "*", "DescribeInstances"),
        ("dynamodb:Scan", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders", "Scan"),
    ):
        found = chosen(action, resource)
        assert isinstance(found, Probe), found
        assert found.operation == operation


def test_a_bucket_is_asked_for_in_a_way_that_tells_why_not() -> None:
    """To HEAD a key that is not known yet, an expired one and a denial are the same 403 without a word."""
    found = chosen("s3:ListBucket", "arn:aws:s3:::data")
    assert isinstance(found, Probe)
    assert not found.operation.startswith("Head")
    assert classify("403", "Forbidden", authorizes_first=False) is Seen.INCONCLUSIVE
    assert classify("403", "Forbidden", authorizes_first=True) is Seen.DENIED
