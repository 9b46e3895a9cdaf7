"""The map from API operation to IAM action, held against botocore's service models."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import botocore.session
import pytest

from rolecall.errors import InputError

if TYPE_CHECKING:
    from rolecall.iam.catalog import Catalog

MAPPED = [
    ("s3", "ListObjects", "s3:ListBucket"),
    ("s3", "ListObjectsV2", "s3:ListBucket"),
    ("s3", "HeadBucket", "s3:ListBucket"),
    ("s3", "HeadObject", "s3:GetObject"),
    ("s3", "ListBuckets", "s3:ListAllMyBuckets"),
    ("s3", "UploadPart", "s3:PutObject"),
    ("s3", "PutBucketCors", "s3:PutBucketCORS"),
    ("s3", "DeleteBucketCors", "s3:PutBucketCORS"),
    ("s3", "DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"),
    ("s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    ("s3", "DeleteObjects", "s3:DeleteObject"),
    ("s3", "GetObjectAttributes", "s3:GetObject s3:GetObjectAttributes"),
    ("s3", "CreateSession", "s3express:CreateSession"),
    ("s3", "DeleteBucketWebsite", "s3:DeleteBucketWebsite"),
    ("s3control", "GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock"),
    ("s3control", "CreateBucket", "s3-outposts:CreateBucket"),
    ("s3control", "CreateAccessPoint", "s3:CreateAccessPoint"),
    ("lambda", "Invoke", "lambda:InvokeFunction"),
    ("lambda", "GetLayerVersionByArn", "lambda:GetLayerVersion"),
    ("kms", "ReEncrypt", "kms:ReEncryptFrom kms:ReEncryptTo"),
    ("sqs", "SendMessageBatch", "sqs:SendMessage"),
    ("sqs", "DeleteMessageBatch", "sqs:DeleteMessage"),
    ("sqs", "ChangeMessageVisibilityBatch", "sqs:ChangeMessageVisibility"),
    ("sns", "PublishBatch", "sns:Publish"),
    ("dynamodb", "TransactGetItems", "dynamodb:GetItem"),
    ("dynamodbstreams", "GetRecords", "dynamodb:GetRecords"),
    ("stepfunctions", "StartExecution", "states:StartExecution"),
    ("elbv2", "DescribeRules", "elasticloadbalancing:DescribeRules"),
    ("elb", "DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers"),
    ("logs", "PutLogEvents", "logs:PutLogEvents"),
    ("cloudwatch", "PutMetricData", "cloudwatch:PutMetricData"),
    ("events", "PutRule", "events:PutRule"),
    ("sesv2", "SendEmail", "ses:SendEmail"),
    ("ses", "SendEmail", "ses:SendEmail"),
    ("opensearch", "DescribeDomain", "es:DescribeDomain"),
    ("opensearchserverless", "CreateCollection", "aoss:CreateCollection"),
    ("efs", "DescribeFileSystems", "elasticfilesystem:DescribeFileSystems"),
    ("emr", "RunJobFlow", "elasticmapreduce:RunJobFlow"),
    ("iot-data", "Publish", "iot:Publish"),
    ("pinpoint", "GetApps", "mobiletargeting:GetApps"),
    ("cognito-idp", "CreateUserPool", "cognito-idp:CreateUserPool"),
    ("resourcegroupstaggingapi", "GetResources", "tag:GetResources"),
    ("cloudcontrol", "CreateResource", "cloudformation:CreateResource"),
    ("apigateway", "GetRestApis", "apigateway:GET"),
    ("apigateway", "PutMethod", "apigateway:PUT"),
    ("apigatewayv2", "CreateApi", "apigateway:POST"),
    ("apigatewayv2", "CreateRoutingRule", "apigateway:CreateRoutingRule"),
    ("apigatewaymanagementapi", "PostToConnection", "execute-api:ManageConnections"),
    ("bedrock-runtime", "Converse", "bedrock:InvokeModel"),
    ("budgets", "DescribeBudgets", "budgets:ViewBudget"),
    ("sts", "AssumeRole", "sts:AssumeRole"),
    ("sts", "AssumeRoleWithWebIdentity", "sts:AssumeRoleWithWebIdentity"),
    ("iam", "CreateUser", "iam:CreateUser"),
    ("ec2", "DescribeInstances", "ec2:DescribeInstances"),
]

NEWER = "newer than the catalog's data; follows the default rule"
# botocore operations whose action the catalog does not know. Empty reasons are not accepted.
UNKNOWN_ACTIONS: dict[str, dict[str, str]] = {
    "dynamodb": dict.fromkeys(
        ("CancelBulkOperation", "DescribeBulkOperation", "ListBulkOperations", "StartBulkPutItems"), NEWER
    ),
    "ec2": dict.fromkeys(
        (
            "AssociateKmsKeyId",
            "AssociateNetworkingFlexCostAllocationPolicy",
            "CreateCapacityReservationDateChangeQuote",
            "CreateMetricCategory",
            "CreateNetworkingFlexCostAllocationPolicy",
            "CreateTransitGatewayNetworkFunctionAttachment",
            "DeleteClientVpnEndpointAuthorizationPolicy",
            "DeleteMetricCategory",
            "DeleteNetworkingFlexCostAllocationPolicies",
            "DeleteTransitGatewayNetworkFunctionAttachment",
            "DescribeCapacityReservationDateChangeQuotes",
            "DescribeMetricCategories",
            "DescribeNetworkingFlexCostAllocationPolicies",
            "DescribeNetworkingFlexCostAllocationPolicyAssociations",
            "DescribeTransitGatewayNetworkFunctionAttachments",
            "DisassociateKmsKeyId",
            "DisassociateNetworkingFlexCostAllocationPolicy",
            "GetCapacityManagerSupportabilityScores",
            "GetClientVpnEndpointAuthorizationPolicy",
            "GetImageFindings",
            "GetNetworkingFlexCostAllocationPolicyVersions",
            "GetTransitGatewayAttachmentNatConfiguration",
            "ModifyClientVpnEndpointAuthorizationPolicy",
            "ModifyMetricCategory",
            "ModifyNetworkingFlexCostAllocationPolicy",
            "ModifyTransitGatewayAttachmentNatConfiguration",
            "ModifyTransitGatewayNetworkFunctionAttachment",
            "ModifyTransitGatewayPeeringAttachment",
        ),
        NEWER,
    ),
    "iam": dict.fromkeys(("AcquireRole", "UpdateDelegationRequest"), NEWER),
    "kms": dict.fromkeys(
        ("Decapsulate", "Encapsulate"), NEWER + " (the API reference names kms:Decapsulate, kms:Encapsulate)"
    ),
    "lambda": dict.fromkeys(
        ("DeleteDurableExecution", "PauseDurableExecution", "ResumeDurableExecution"), NEWER
    ),
    "logs": {"GetLogObject": "the API reference names no permission; follows the default rule"},
    "secretsmanager": dict.fromkeys(
        ("AssociateCrossAccountReplica", "DisassociateCrossAccountReplica", "ListResourcePolicies"),
        NEWER + " (the API reference names the action of the same name)",
    ),
}
WITHOUT_PERMISSION = {
    ("sts", "GetCallerIdentity"): "STS API reference: no permissions are required",
    ("sts", "GetSessionToken"): "STS API reference: no permissions are required",
}
FULL_SERVICES = (
    "iam",
    "sts",
    "ec2",
    "s3",
    "dynamodb",
    "sqs",
    "sns",
    "kms",
    "lambda",
    "secretsmanager",
    "ssm",
    "logs",
)


@pytest.fixture(scope="module")
def botocore_session() -> botocore.session.Session:
    return botocore.session.get_session()


@pytest.mark.parametrize(("service", "operation", "actions"), MAPPED)
def test_operation_needs_the_action_that_its_page_names(
    catalog: Catalog, service: str, operation: str, actions: str
) -> None:
    assert catalog.operation_actions(service, operation) == tuple(actions.split())


@pytest.mark.parametrize("service", FULL_SERVICES)
def test_every_operation_of_botocore_maps_to_a_known_action(
    catalog: Catalog, botocore_session: botocore.session.Session, service: str
) -> None:
    operations = set(botocore_session.get_service_model(service).operation_names)
    unknown = {
        operation
        for operation in operations
        if any(
            catalog.action_name(action) is None for action in catalog.operation_actions(service, operation)
        )
    }
    # An operation that is in the list and unknown to this botocore says nothing either way.
    assert unknown == set(UNKNOWN_ACTIONS.get(service, ())) & operations


@pytest.mark.parametrize("service", FULL_SERVICES)
def test_only_listed_operations_need_no_permission(
    catalog: Catalog, botocore_session: botocore.session.Session, service: str
) -> None:
    free = {
        (service, operation)
        for operation in botocore_session.get_service_model(service).operation_names
        if not catalog.operation_actions(service, operation)
    }
    assert free == {pair for pair in WITHOUT_PERMISSION if pair[0] == service}


def test_every_exception_names_an_operation_of_the_sdk_and_known_actions(catalog: Catalog) -> None:
    from rolecall.iam.catalog.archive import read_data

    wrong = []
    for group in read_data("operations.json")["operations"]:
        assert group["source"]
        known = catalog.operations(group["service"])
        for name, actions in group["actions"].items():
            if name not in known:
                wrong.append(f"{group['service']} has no operation {name}")
            wrong.extend(
                f"{name}: {action} is unknown" for action in actions if catalog.action_name(action) != action
            )
            if group.get("needs") != "none" and not actions:
                wrong.append(f"{name}: no action")
    assert wrong == []


def test_no_exception_is_given_twice(catalog: Catalog) -> None:
    from rolecall.iam.catalog.archive import read_data

    pairs = [
        (group["service"], name)
        for group in read_data("operations.json")["operations"]
        for name in group["actions"]
    ]
    assert len(pairs) == len(set(pairs))


def test_the_parameters_choose_where_the_operation_says_so(catalog: Catalog) -> None:
    statement = catalog.operation("dynamodb", "ExecuteStatement")
    assert statement.needs == "by-parameters"
    assert "dynamodb:PartiQLSelect" in statement.actions
    assert statement.source is not None
    write = catalog.operation("dynamodb", "TransactWriteItems")
    assert write.needs == "by-parameters"
    assert "dynamodb:ConditionCheckItem" in write.actions
    assert catalog.operation("kms", "ReEncrypt").needs == "all"


def test_unsigned_operations_need_no_permission_of_the_caller(catalog: Catalog) -> None:
    sign_up = catalog.operation("cognito-idp", "SignUp")
    assert not sign_up.signed
    assert sign_up.needs == "none"
    assert sign_up.actions == ()
    saml = catalog.operation("sts", "AssumeRoleWithSAML")
    assert not saml.signed
    assert saml.actions == ("sts:AssumeRoleWithSAML",)


def test_an_operation_newer_than_the_data_follows_the_default_rule(catalog: Catalog) -> None:
    assert catalog.operation_actions("stepfunctions", "InventedTomorrow") == ("states:InventedTomorrow",)


def test_an_unknown_service_is_an_error_and_never_free_of_permissions(catalog: Catalog) -> None:
    with pytest.raises(InputError, match='did you mean "dynamodb"'):
        catalog.operation_actions("dynamdb", "GetItem")


def test_an_action_leads_back_to_its_calls(catalog: Catalog) -> None:
    assert catalog.operations_of("ec2:DescribeInstances") == (("ec2", "DescribeInstances"),)
    assert catalog.operations_of("S3:listbucket") == (
        ("s3", "HeadBucket"),
        ("s3", "ListObjects"),
        ("s3", "ListObjectsV2"),
    )
    put = catalog.operations_of("s3:PutObject")
    assert put[0] == ("s3", "PutObject")
    assert ("s3", "CompleteMultipartUpload") in put
    assert catalog.operations_of("sts:GetCallerIdentity") == (("sts", "GetCallerIdentity"),)
    assert catalog.operations_of("rds:DescribeDBInstances")[0] == ("rds", "DescribeDBInstances")
    assert ("s3control", "GetBucket") in catalog.operations_of("s3-outposts:GetBucket")
    assert catalog.operations_of("iam:PassRole") == ()
    assert catalog.operations_of("nope:Nope") == ()


@pytest.mark.parametrize(
    ("service", "names"),
    [
        ("sts", "GetServiceBearerToken SetContext SetSourceIdentity TagGetWebIdentityToken TagSession"),
        ("kms", "SynchronizeMultiRegionKey"),
        ("sqs", ""),
        ("sns", ""),
        ("secretsmanager", ""),
    ],
)
def test_only_permission_only_actions_have_no_call(catalog: Catalog, service: str, names: str) -> None:
    without = [name for name in catalog.actions_of(service) if not catalog.operations_of(name)]
    assert without == [f"{service}:{name}" for name in names.split()]


def test_back_and_forth_agree_for_every_operation(catalog: Catalog) -> None:
    missing = [
        (service, operation, action)
        for service in catalog.sdk_services
        for operation in catalog.operations(service)
        for action in catalog.operation_actions(service, operation)
        if (service, operation) not in catalog.operations_of(action)
    ]
    assert missing == []


NO_SDK_SERVICE = {"moto_api._internal", "instance_metadata"}


def test_every_service_of_moto_has_a_known_prefix_and_most_of_its_actions(catalog: Catalog) -> None:
    from moto.backend_index import backend_url_patterns

    backends = {name for name, _ in backend_url_patterns} - NO_SDK_SERVICE
    squeezed = {service.replace("-", ""): service for service in catalog.sdk_services} | {
        "awslambda": "lambda"
    }
    assert sorted(backends - squeezed.keys()) == []
    poor = {}
    for service in sorted(squeezed[backend] for backend in backends):
        assert catalog.service_prefix(service) in catalog.services, service
        operations = catalog.operations(service)
        known = sum(
            all(catalog.action_name(action) for action in catalog.operation_actions(service, operation))
            for operation in operations
        )
        if known < 0.75 * len(operations):
            poor[service] = f"{known} of {len(operations)}"
    assert poor == {}


def test_the_catalog_needs_neither_botocore_nor_moto_nor_node() -> None:
    program = (
        "import sys; from rolecall.iam.catalog import load_catalog; c = load_catalog(); "
        "c.operation_actions('s3', 'HeadObject'); c.action('ec2:RunInstances'); "
        "sys.exit(any(name.split('.')[0] in ('botocore', 'boto3', 'moto') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
