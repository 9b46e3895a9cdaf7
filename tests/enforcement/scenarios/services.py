"""Services: which action, which resource, which context, which error code."""

from __future__ import annotations

import json
from typing import Any

from tests.enforcement.scenarios.world import Refused, Scenario, World, allow, deny, policy

__all__ = ["SCENARIOS"]

S3 = "S3 using-with-s3-policy-actions"
EC2 = "EC2 errors-overview"
EC2_RESOURCES = "EC2 ExamplePolicies_EC2"
SAR = "Service Authorization Reference"
KMS = "KMS key-policies"
ERRORS = "CommonErrors"
PASS = "UserGuide id_roles_use_passrole"
DIRECT = "UserGuide reference_policies_evaluation-logic_policy-eval-denyallow"

UNAUTHORIZED = Refused(
    "UnauthorizedOperation",
    403,
    ("You are not authorized to perform this operation.", "Encoded authorization failure message: "),
)
DENIED = Refused("AccessDenied", 403)
JSON_DENIED = Refused("AccessDeniedException", 400)


def describe(world: World) -> None:
    world.user().client("ec2").describe_instances()


def dry_run(world: World) -> None:
    world.user(allow("ec2:DescribeInstances")).client("ec2").describe_instances(DryRun=True)


def dry_run_denied(world: World) -> None:
    world.user().client("ec2").describe_instances(DryRun=True)


def run(world: World, *statements: dict[str, Any], size: str = "t2.micro", **more: Any) -> None:
    world.user(*statements).client("ec2").run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, InstanceType=size, **more
    )


def launch_by_type(world: World) -> None:
    run(world, allow("ec2:RunInstances", Condition={"StringLike": {"ec2:InstanceType": ["t1.*", "t2.*"]}}))


def launch_by_type_if_exists(world: World) -> None:
    condition = {"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "t2.*"]}}
    run(world, allow("ec2:RunInstances", Condition=condition))


def launch_other_type(world: World) -> None:
    condition = {"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "t2.*"]}}
    run(world, allow("ec2:RunInstances", Condition=condition), size="m5.large")


def launch_instance_only(world: World) -> None:
    run(world, allow("ec2:RunInstances", f"arn:aws:ec2:{world.region}:{world.account}:instance/*"))


def launch_every_resource(world: World) -> None:
    kinds = ("instance", "subnet", "network-interface", "security-group", "volume")
    arns = [f"arn:aws:ec2:{world.region}:{world.account}:{kind}/*" for kind in kinds]
    run(world, allow("ec2:RunInstances", [*arns, f"arn:aws:ec2:{world.region}::image/ami-*"]))


TAGGED = [{"ResourceType": "instance", "Tags": [{"Key": "team", "Value": "red"}]}]


def launch_tagged(world: World) -> None:
    run(world, allow("ec2:RunInstances"), TagSpecifications=TAGGED)


def launch_tagged_allowed(world: World) -> None:
    condition = {"StringEquals": {"ec2:CreateAction": "RunInstances"}}
    run(
        world,
        allow("ec2:RunInstances"),
        allow("ec2:CreateTags", Condition=condition),
        TagSpecifications=TAGGED,
    )


def profile(world: World) -> tuple[str, str]:
    iam, name = world.admin("iam"), world.name("profile")
    arn = world.role(trust={"Service": "ec2.amazonaws.com"})
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=arn.rpartition("/")[2])
    return name, arn


def launch_with_role(world: World) -> None:
    name, _ = profile(world)
    run(world, allow("ec2:RunInstances"), IamInstanceProfile={"Name": name})


def launch_passing_role(world: World) -> None:
    name, arn = profile(world)
    condition = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    run(
        world,
        allow("ec2:RunInstances"),
        allow("iam:PassRole", arn, Condition=condition),
        IamInstanceProfile={"Name": name},
    )


def launch_passing_to_other(world: World) -> None:
    name, arn = profile(world)
    condition = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    run(
        world,
        allow("ec2:RunInstances"),
        allow("iam:PassRole", arn, Condition=condition),
        IamInstanceProfile={"Name": name},
    )


def stop(world: World, owner: str, key: str = "aws:ResourceTag/Owner") -> None:
    user = world.user(allow("ec2:StopInstances", Condition={"StringEquals": {key: "${aws:username}"}}))
    target = world.instance(Owner=user.name if owner == "self" else owner)
    user.client("ec2").stop_instances(InstanceIds=[target])


def stop_own(world: World) -> None:
    stop(world, "self")


def stop_own_by_service_key(world: World) -> None:
    stop(world, "self", "ec2:ResourceTag/owner")


def stop_other(world: World) -> None:
    stop(world, "somebody")


def one_of_two_instances(world: World) -> None:
    first, second = world.instance(), world.instance()
    arn = f"arn:aws:ec2:{world.region}:{world.account}:instance/{first}"
    world.user(allow("ec2:StopInstances", arn)).client("ec2").stop_instances(InstanceIds=[first, second])


def get_object(world: World) -> None:
    bucket = world.bucket()
    world.user(allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*")).client("s3").get_object(
        Bucket=bucket, Key="x"
    )


def get_object_elsewhere(world: World) -> None:
    bucket = world.bucket()
    world.user(allow("s3:GetObject", "arn:aws:s3:::elsewhere/*")).client("s3").get_object(
        Bucket=bucket, Key="x"
    )


def get_missing_object(world: World) -> None:
    bucket = world.bucket()
    world.user(allow("s3:GetObject")).client("s3").get_object(Bucket=bucket, Key="missing")


def get_missing_object_listing(world: World) -> None:
    bucket = world.bucket()
    user = world.user(allow(["s3:GetObject", "s3:ListBucket"]))
    user.client("s3").get_object(Bucket=bucket, Key="missing")


def head_object(world: World) -> None:
    world.user().client("s3").head_object(Bucket=world.bucket(), Key="x")


def list_prefix(world: World, prefix: str) -> None:
    bucket = world.bucket()
    condition = {"StringLike": {"s3:prefix": ["home/${aws:username}/*", "home/"]}}
    user = world.user(allow("s3:ListBucket", f"arn:aws:s3:::{bucket}", Condition=condition))
    user.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix.replace("NAME", user.name))


def list_own_prefix(world: World) -> None:
    list_prefix(world, "home/NAME/")


def list_other_prefix(world: World) -> None:
    list_prefix(world, "home/other/")


def list_buckets(world: World) -> None:
    world.user(allow("s3:ListAllMyBuckets", "arn:aws:s3:::*")).client("s3").list_buckets()


def copy_without_source(world: World) -> None:
    source, target = world.bucket(), world.bucket()
    user = world.user(allow("s3:PutObject", f"arn:aws:s3:::{target}/*"))
    user.client("s3").copy_object(Bucket=target, Key="y", CopySource={"Bucket": source, "Key": "x"})


def copy(world: World) -> None:
    source, target = world.bucket(), world.bucket()
    user = world.user(
        allow("s3:PutObject", f"arn:aws:s3:::{target}/*"), allow("s3:GetObject", f"arn:aws:s3:::{source}/*")
    )
    user.client("s3").copy_object(Bucket=target, Key="y", CopySource={"Bucket": source, "Key": "x"})


def bucket_policy_names_user(world: World) -> None:
    user = world.user()
    bucket = world.bucket(allow("s3:GetObject", "arn:aws:s3:::BUCKET/*", Principal={"AWS": user.arn}))
    user.client("s3").get_object(Bucket=bucket, Key="x")


def bucket_policy_names_account(world: World) -> None:
    bucket = world.bucket(allow("s3:GetObject", "arn:aws:s3:::BUCKET/*", Principal={"AWS": world.account}))
    world.user().client("s3").get_object(Bucket=bucket, Key="x")


def bucket_policy_denies(world: World) -> None:
    bucket = world.bucket(deny("s3:GetObject", "arn:aws:s3:::BUCKET/*", Principal="*"))
    world.user(allow("s3:*")).client("s3").get_object(Bucket=bucket, Key="x")


def bucket_policy_denies_another(world: World) -> None:
    mallory = world.user()
    bucket = world.bucket(deny("s3:GetObject", "arn:aws:s3:::BUCKET/*", Principal={"AWS": mallory.arn}))
    world.user(allow("s3:*")).client("s3").get_object(Bucket=bucket, Key="x")


def bucket_policy_denies_on_condition(world: World) -> None:
    elsewhere = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    bucket = world.bucket(deny("s3:GetObject", "arn:aws:s3:::BUCKET/*", Principal="*", Condition=elsewhere))
    world.user(allow("s3:*")).client("s3").get_object(Bucket=bucket, Key="x")


def other_account(world: World, *statements: dict[str, Any]) -> Any:
    """The S3 client of a user in another account."""
    iam = world.aws.root_session("222233334444").client("iam")
    name = world.name("user")
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=policy(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return world.aws.session(key["AccessKeyId"], key["SecretAccessKey"]).client("s3")


def across_with_both(world: World) -> None:
    bucket = world.bucket(allow("s3:GetObject", "arn:aws:s3:::BUCKET/*", Principal={"AWS": "222233334444"}))
    other_account(world, allow("s3:GetObject")).get_object(Bucket=bucket, Key="x")


def across_without_identity(world: World) -> None:
    bucket = world.bucket(allow("s3:GetObject", "arn:aws:s3:::BUCKET/*", Principal={"AWS": "222233334444"}))
    other_account(world).get_object(Bucket=bucket, Key="x")


def across_without_bucket_policy(world: World) -> None:
    bucket = world.bucket()
    other_account(world, allow("s3:*")).get_object(Bucket=bucket, Key="x")


def get_item(world: World) -> None:
    table = world.table()
    user = world.user(
        allow("dynamodb:GetItem", f"arn:aws:dynamodb:{world.region}:{world.account}:table/{table}")
    )
    user.client("dynamodb").get_item(TableName=table, Key={"id": {"S": "1"}})


def get_item_denied(world: World) -> None:
    world.user().client("dynamodb").get_item(TableName=world.table(), Key={"id": {"S": "1"}})


def batch_over_two_tables(world: World) -> None:
    first, second = world.table(), world.table()
    user = world.user(
        allow("dynamodb:BatchGetItem", f"arn:aws:dynamodb:{world.region}:{world.account}:table/{first}")
    )
    keys = {"Keys": [{"id": {"S": "1"}}]}
    user.client("dynamodb").batch_get_item(RequestItems={first: keys, second: keys})


def leading_key(world: World, key: str) -> None:
    table = world.table()
    condition = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:username}"]}}
    user = world.user(allow("dynamodb:GetItem", Condition=condition))
    user.client("dynamodb").get_item(TableName=table, Key={"id": {"S": key.replace("NAME", user.name)}})


def own_item(world: World) -> None:
    leading_key(world, "NAME")


def other_item(world: World) -> None:
    leading_key(world, "other")


def send_message(world: World, *, named: bool) -> None:
    url = world.admin("sqs").create_queue(QueueName=world.name("queue"))["QueueUrl"]
    queue = url.rpartition("/")[2] if named else "other"
    user = world.user(allow("sqs:SendMessage", f"arn:aws:sqs:{world.region}:{world.account}:{queue}"))
    user.client("sqs").send_message(QueueUrl=url, MessageBody="hello")


def send(world: World) -> None:
    send_message(world, named=True)


def send_elsewhere(world: World) -> None:
    send_message(world, named=False)


def queue_policy(world: World) -> None:
    user, sqs = world.user(), world.admin("sqs")
    url = sqs.create_queue(QueueName=world.name("queue"))["QueueUrl"]
    arn = f"arn:aws:sqs:{world.region}:{world.account}:{url.rpartition('/')[2]}"
    document = policy(allow("sqs:SendMessage", arn, Principal={"AWS": user.arn}))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
    user.client("sqs").send_message(QueueUrl=url, MessageBody="hello")


def publish(world: World) -> None:
    arn = world.admin("sns").create_topic(Name=world.name("topic"))["TopicArn"]
    world.user().client("sns").publish(TopicArn=arn, Message="hello")


def publish_allowed(world: World) -> None:
    arn = world.admin("sns").create_topic(Name=world.name("topic"))["TopicArn"]
    world.user(allow("sns:Publish", arn)).client("sns").publish(TopicArn=arn, Message="hello")


def encrypt(world: World, document: Any = None, *statements: dict[str, Any]) -> None:
    user = world.user(*statements)
    # A policy that names the user alone locks out root, who makes the key.
    extra = {"Policy": document(user), "BypassPolicyLockoutSafetyCheck": True} if document else {}
    key = world.admin("kms").create_key(**extra)["KeyMetadata"]["KeyId"]
    user.client("kms").encrypt(KeyId=key, Plaintext=b"secret")


def default_key_policy(world: World) -> None:
    encrypt(world, None, allow("kms:Encrypt"))


def default_key_policy_alone(world: World) -> None:
    encrypt(world)


def key_policy_without_account(world: World) -> None:
    # Root keeps its access as a principal of its own.
    def document(_: Any) -> str:
        only = {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{world.account}:root"}}
        return policy(allow("kms:*", "*", Principal={"AWS": world.account}, Condition=only))

    encrypt(world, document, allow("kms:*"))


def key_policy_names_user(world: World) -> None:
    def document(user: Any) -> str:
        return policy(allow("kms:*", "*", Principal={"AWS": user.arn}))

    encrypt(world, document)


def create_function(world: World, *statements: dict[str, Any]) -> None:
    role = world.role(trust={"Service": "lambda.amazonaws.com"})
    filled = [json.loads(json.dumps(statement).replace("ROLE", role)) for statement in statements]
    world.user(*filled).client("lambda").create_function(
        FunctionName=world.name("function"),
        Runtime="python3.11",
        Role=role,
        Handler="index.handler",
        Code={"S3Bucket": "code", "S3Key": "missing"},
        Publish=False,
    )


def function_without_pass_role(world: World) -> None:
    create_function(world, allow("lambda:CreateFunction"))


def untag_function(world: World, wanted: str) -> None:
    condition = {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}
    arn = f"arn:aws:lambda:{world.region}:{world.account}:function:f"
    user = world.user(allow("lambda:UntagResource", arn, Condition=condition))
    user.client("lambda").untag_resource(Resource=arn, TagKeys=wanted.split())


def untag_allowed_keys(world: World) -> None:
    untag_function(world, "a b")


def untag_other_key(world: World) -> None:
    untag_function(world, "a c")


def get_secret(world: World) -> None:
    name = world.name("secret")
    world.admin("secretsmanager").create_secret(Name=name, SecretString="value")
    arn = f"arn:aws:secretsmanager:{world.region}:{world.account}:secret:{name}-??????"
    world.user(allow("secretsmanager:GetSecretValue", arn)).client("secretsmanager").get_secret_value(
        SecretId=name
    )


def get_secret_elsewhere(world: World) -> None:
    name = world.name("secret")
    world.admin("secretsmanager").create_secret(Name=name, SecretString="value")
    arn = f"arn:aws:secretsmanager:{world.region}:{world.account}:secret:other-??????"
    world.user(allow("secretsmanager:GetSecretValue", arn)).client("secretsmanager").get_secret_value(
        SecretId=name
    )


def secret_policy(world: World) -> None:
    name, user, secrets = world.name("secret"), world.user(), world.admin("secretsmanager")
    secrets.create_secret(Name=name, SecretString="value")
    secrets.put_resource_policy(
        SecretId=name,
        ResourcePolicy=policy(allow("secretsmanager:GetSecretValue", "*", Principal={"AWS": user.arn})),
    )
    user.client("secretsmanager").get_secret_value(SecretId=name)


def parameter(world: World, path: str) -> None:
    world.admin("ssm").put_parameter(Name="/app/red/key", Value="v", Type="String", Overwrite=True)
    arn = f"arn:aws:ssm:{world.region}:{world.account}:parameter/app/{path}/*"
    world.user(allow("ssm:GetParameter", arn)).client("ssm").get_parameter(Name="/app/red/key")


def parameter_on_path(world: World) -> None:
    parameter(world, "red")


def parameter_elsewhere(world: World) -> None:
    parameter(world, "blue")


def log_group(world: World, written: str) -> None:
    name, logs = world.name("group"), world.admin("logs")
    logs.create_log_group(logGroupName=name)
    arn = f"arn:aws:logs:{world.region}:{world.account}:log-group:{written.replace('NAME', name)}"
    world.user(allow("logs:DescribeLogStreams", arn)).client("logs").describe_log_streams(logGroupName=name)


def log_group_with_star(world: World) -> None:
    log_group(world, "NAME:*")


def log_group_elsewhere(world: World) -> None:
    log_group(world, "other:*")


def anonymous(world: World) -> Any:
    from botocore import UNSIGNED
    from botocore.config import Config

    session = world.aws.session(None, None)
    return session.client("s3", config=Config(signature_version=UNSIGNED))


def anonymous_private(world: World) -> None:
    anonymous(world).get_object(Bucket=world.bucket(), Key="x")


def anonymous_public(world: World) -> None:
    bucket = world.bucket(allow("s3:GetObject", "arn:aws:s3:::BUCKET/*", Principal="*"))
    anonymous(world).get_object(Bucket=bucket, Key="x")


def underived(world: World) -> None:
    statement = allow("dynamodb:PartiQLSelect", f"arn:aws:dynamodb:{world.region}:{world.account}:table/a")
    world.user(statement).client("dynamodb").execute_statement(Statement="EXISTS(something)")


SCENARIOS = [
    Scenario("ec2-describe-denied", describe, UNAUTHORIZED, EC2),
    Scenario("ec2-dry-run-allowed", dry_run, Refused("DryRunOperation", 412), EC2),
    Scenario("ec2-dry-run-denied", dry_run_denied, UNAUTHORIZED, EC2),
    Scenario(
        "run-instances-type-on-every-resource", launch_by_type, UNAUTHORIZED, "UserGuide Conditions_IfExists"
    ),
    Scenario("run-instances-type-if-exists", launch_by_type_if_exists, None, "UserGuide Conditions_IfExists"),
    Scenario("run-instances-other-type", launch_other_type, UNAUTHORIZED, "UserGuide Conditions_IfExists"),
    Scenario("run-instances-on-instance-only", launch_instance_only, UNAUTHORIZED, EC2_RESOURCES),
    Scenario("run-instances-on-every-resource", launch_every_resource, None, EC2_RESOURCES),
    Scenario("run-instances-tags-need-create-tags", launch_tagged, UNAUTHORIZED, EC2_RESOURCES),
    Scenario("run-instances-tags-on-create", launch_tagged_allowed, None, EC2_RESOURCES),
    Scenario(
        "run-instances-needs-pass-role",
        launch_with_role,
        Refused("UnauthorizedOperation", 403, ("iam:PassRole",)),
        PASS,
    ),
    Scenario("run-instances-pass-role", launch_passing_role, None, PASS),
    Scenario(
        "pass-role-to-another-service",
        launch_passing_to_other,
        Refused("UnauthorizedOperation", 403, ("iam:PassRole",)),
        PASS,
    ),
    Scenario("stop-own-instance", stop_own, None, "UserGuide access_tags"),
    Scenario("stop-own-instance-by-ec2-key", stop_own_by_service_key, None, "UserGuide access_tags"),
    Scenario("stop-other-instance", stop_other, UNAUTHORIZED, "UserGuide access_tags"),
    Scenario("each-instance-is-checked", one_of_two_instances, UNAUTHORIZED, EC2_RESOURCES),
    Scenario("s3-get-object", get_object, None, S3),
    Scenario("s3-get-object-elsewhere", get_object_elsewhere, DENIED, S3),
    Scenario("s3-missing-key-without-list", get_missing_object, DENIED, S3),
    Scenario("s3-missing-key-with-list", get_missing_object_listing, Refused("NoSuchKey", 404), S3),
    Scenario(
        "s3-head-object-denied",
        head_object,
        Refused("403", 403, ("Forbidden",)),
        "S3 troubleshoot-403-errors",
    ),
    Scenario("s3-list-own-prefix", list_own_prefix, None, "S3 amazon-s3-policy-keys"),
    Scenario("s3-list-other-prefix", list_other_prefix, DENIED, "S3 amazon-s3-policy-keys"),
    Scenario("s3-list-buckets", list_buckets, None, "S3 walkthrough1"),
    Scenario(
        "s3-copy-needs-source", copy_without_source, Refused("AccessDenied", 403, ("s3:GetObject",)), S3
    ),
    Scenario("s3-copy", copy, None, S3),
    Scenario("bucket-policy-denies-another", bucket_policy_denies_another, None, DIRECT),
    Scenario("bucket-policy-denies-on-condition", bucket_policy_denies_on_condition, None, DIRECT),
    Scenario("bucket-policy-names-user", bucket_policy_names_user, None, DIRECT),
    Scenario("bucket-policy-names-account", bucket_policy_names_account, DENIED, DIRECT),
    Scenario(
        "bucket-policy-denies",
        bucket_policy_denies,
        Refused("AccessDenied", 403, ("with an explicit deny in a resource-based policy",)),
        DIRECT,
    ),
    Scenario(
        "cross-account-both",
        across_with_both,
        None,
        "UserGuide reference_policies_evaluation-logic-cross-account",
    ),
    Scenario(
        "cross-account-no-identity",
        across_without_identity,
        DENIED,
        "UserGuide reference_policies_evaluation-logic-cross-account",
    ),
    Scenario(
        "cross-account-no-bucket-policy",
        across_without_bucket_policy,
        DENIED,
        "UserGuide reference_policies_evaluation-logic-cross-account",
    ),
    Scenario("dynamodb-table", get_item, None, SAR),
    Scenario("dynamodb-denied", get_item_denied, JSON_DENIED, ERRORS),
    Scenario("dynamodb-batch-checks-each-table", batch_over_two_tables, JSON_DENIED, SAR),
    Scenario("dynamodb-leading-key", own_item, None, "DynamoDB specifying-conditions"),
    Scenario("dynamodb-other-leading-key", other_item, JSON_DENIED, "DynamoDB specifying-conditions"),
    Scenario("sqs-queue", send, None, SAR),
    Scenario("sqs-other-queue", send_elsewhere, DENIED, ERRORS),
    Scenario("sqs-queue-policy", queue_policy, None, DIRECT),
    Scenario("sns-denied", publish, Refused("AuthorizationError", 403, ("SNS:Publish",)), "SNS API_Publish"),
    Scenario("sns-topic", publish_allowed, None, SAR),
    Scenario("kms-default-key-policy-with-identity", default_key_policy, None, KMS),
    Scenario("kms-default-key-policy-alone", default_key_policy_alone, JSON_DENIED, KMS),
    Scenario("kms-key-policy-without-account", key_policy_without_account, JSON_DENIED, KMS),
    Scenario("kms-key-policy-names-user", key_policy_names_user, None, KMS),
    Scenario(
        "lambda-needs-pass-role",
        function_without_pass_role,
        Refused("AccessDeniedException", 403, ("iam:PassRole",)),
        PASS,
    ),
    Scenario("lambda-untag-allowed-keys", untag_allowed_keys, Refused("ResourceNotFoundException", 404), SAR),
    Scenario(
        "lambda-untag-other-key",
        untag_other_key,
        Refused("AccessDeniedException", 403, ("lambda:UntagResource",)),
        SAR,
    ),
    Scenario("secret-by-arn-with-suffix", get_secret, None, SAR),
    Scenario("secret-elsewhere", get_secret_elsewhere, JSON_DENIED, SAR),
    Scenario("secret-policy", secret_policy, None, DIRECT),
    Scenario("ssm-parameter-path", parameter_on_path, None, SAR),
    Scenario("ssm-parameter-elsewhere", parameter_elsewhere, JSON_DENIED, SAR),
    Scenario("log-group", log_group_with_star, None, "CloudWatchLogs iam-access-control-overview"),
    Scenario(
        "log-group-elsewhere", log_group_elsewhere, JSON_DENIED, "CloudWatchLogs iam-access-control-overview"
    ),
    Scenario(
        "anonymous-private-object",
        anonymous_private,
        DENIED,
        "UserGuide reference_policies_elements_principal",
    ),
    Scenario(
        "anonymous-public-object", anonymous_public, None, "UserGuide reference_policies_elements_principal"
    ),
    Scenario(
        "resource-not-derived",
        underived,
        Refused("AccessDeniedException", 400, ("resource not derived",)),
        "rolecall's own rule",
    ),
]
