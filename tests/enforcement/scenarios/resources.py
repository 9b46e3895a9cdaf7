"""Which resources and keys a call is decided on: several resources, roundabout names, roles passed on."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from tests.enforcement.scenarios.world import Refused, Scenario, World, allow, deny, policy

__all__ = ["SCENARIOS"]

SAR = "Service Authorization Reference"
EC2 = "SAR list_amazonec2"
PASS = "UserGuide id_roles_use_passrole"
IOT = "IoT authorizing-direct-aws"
OWN = "rolecall's own rule"
GRANTS = "KMS grants"
UNAUTHORIZED = Refused("UnauthorizedOperation", 403)
JSON_DENIED = Refused("AccessDeniedException", 400)
DENIED = Refused("AccessDenied", 403)


def ec2_arn(world: World, rest: str) -> str:
    return f"arn:aws:ec2:{world.region}:{world.account}:{rest}"


def ec2_call(world: World, operation: str, arns: list[str], **params: Any) -> None:
    action = "".join(part.capitalize() for part in operation.split("_"))
    user = world.user(allow(f"ec2:{action}", [ec2_arn(world, arn) for arn in arns]))
    getattr(user.client("ec2"), operation)(**params)


def gateway(world: World) -> tuple[str, str]:
    ec2 = world.admin("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    return vpc, ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]


def attach_both(world: World) -> None:
    vpc, igw = gateway(world)
    ec2_call(
        world,
        "attach_internet_gateway",
        [f"vpc/{vpc}", f"internet-gateway/{igw}"],
        VpcId=vpc,
        InternetGatewayId=igw,
    )


def attach_one(world: World) -> None:
    vpc, igw = gateway(world)
    ec2_call(world, "attach_internet_gateway", [f"vpc/{vpc}"], VpcId=vpc, InternetGatewayId=igw)


def volume(world: World) -> str:
    zone = f"{world.region}a"
    identifier: str = world.admin("ec2").create_volume(AvailabilityZone=zone, Size=1)["VolumeId"]
    return identifier


def attach_volume(world: World, *, whole: bool) -> None:
    disk, instance = volume(world), world.instance()
    arns = [f"volume/{disk}", f"instance/{instance}"] if whole else [f"volume/{disk}"]
    ec2_call(world, "attach_volume", arns, VolumeId=disk, InstanceId=instance, Device="/dev/sdx")


def attach_volume_both(world: World) -> None:
    attach_volume(world, whole=True)


def attach_volume_alone(world: World) -> None:
    attach_volume(world, whole=False)


def tag_by_prefix(world: World, written: str) -> None:
    ec2 = world.admin("ec2")
    gateway_id = ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    subnet = ec2.describe_subnets()["Subnets"][0]
    attachment = ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=gateway_id, VpcId=subnet["VpcId"], SubnetIds=[subnet["SubnetId"]]
    )["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
    ec2_call(
        world,
        "create_tags",
        [f"{written}/{attachment}"],
        Resources=[attachment],
        Tags=[{"Key": "k", "Value": "v"}],
    )


def tag_attachment(world: World) -> None:
    tag_by_prefix(world, "transit-gateway-attachment")


def tag_attachment_as_gateway(world: World) -> None:
    tag_by_prefix(world, "transit-gateway")


def route_association(world: World) -> tuple[str, str, str]:
    ec2 = world.admin("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.2.1.0/24")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    return subnet, table, ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]


def disassociate(world: World) -> None:
    subnet, table, association = route_association(world)
    arns = [f"route-table/{table}", f"subnet/{subnet}"]
    ec2_call(world, "disassociate_route_table", arns, AssociationId=association)


def disassociate_elsewhere(world: World) -> None:
    _, _, association = route_association(world)
    ec2_call(world, "disassociate_route_table", ["route-table/rtb-other"], AssociationId=association)


def disassociate_unknown(world: World) -> None:
    ec2_call(world, "disassociate_route_table", ["route-table/rtb-other"], AssociationId="rtbassoc-0123")


def release_by_ip(world: World, *, own: bool) -> None:
    address = world.admin("ec2").allocate_address(Domain="vpc")
    target = address["AllocationId"] if own else "eipalloc-other"
    user = world.user(allow("ec2:DisassociateAddress", ec2_arn(world, f"elastic-ip/{target}")))
    user.client("ec2").disassociate_address(PublicIp=address["PublicIp"])


def release_other_ip(world: World) -> None:
    release_by_ip(world, own=False)


def group_by_name(world: World, *, own: bool) -> None:
    name = world.name("group")
    group = world.admin("ec2").create_security_group(GroupName=name, Description="d")["GroupId"]
    written = group if own else "sg-other"
    ec2_call(world, "delete_security_group", [f"security-group/{written}"], GroupName=name)


def group_named(world: World) -> None:
    group_by_name(world, own=True)


def group_named_elsewhere(world: World) -> None:
    group_by_name(world, own=False)


def template_by_name(world: World) -> None:
    name = world.name("template")
    made = world.admin("ec2").create_launch_template(
        LaunchTemplateName=name, LaunchTemplateData={"InstanceType": "t2.micro"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    ec2_call(world, "delete_launch_template", [f"launch-template/{made}"], LaunchTemplateName=name)


def template_passes_role(world: World) -> None:
    iam, name = world.admin("iam"), world.name("profile")
    role = world.role(trust={"Service": "ec2.amazonaws.com"})
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role.rpartition("/")[2])
    template = world.name("template")
    data = {"ImageId": "ami-12345678", "InstanceType": "t2.micro", "IamInstanceProfile": {"Name": name}}
    world.admin("ec2").create_launch_template(LaunchTemplateName=template, LaunchTemplateData=data)
    world.user(allow("ec2:*")).client("ec2").run_instances(
        MinCount=1, MaxCount=1, LaunchTemplate={"LaunchTemplateName": template}
    )


def copy_snapshot(world: World, name: str) -> None:
    snapshot = world.admin("ec2").create_snapshot(VolumeId=volume(world))["SnapshotId"]
    arn = f"arn:aws:ec2:{world.region}::snapshot/{name}"
    client = world.user(allow("ec2:CopySnapshot", arn)).client("ec2")
    client.copy_snapshot(SourceRegion=world.region, SourceSnapshotId=snapshot)


def copy_snapshot_source(world: World) -> None:
    copy_snapshot(world, "*")


def copy_snapshot_without_source(world: World) -> None:
    copy_snapshot(world, "?")  # the copy, which has no id yet, but no source


def volume_key_unknown(world: World) -> None:
    condition = {"StringEquals": {"ec2:VolumeType": "gp3"}}
    user = world.user(allow("ec2:RunInstances", Condition=condition))
    user.client("ec2").run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)


def volume_key_on_volumes(world: World) -> None:
    kinds = ("instance", "subnet", "network-interface", "security-group")
    arns = [ec2_arn(world, f"{kind}/*") for kind in kinds]
    user = world.user(
        allow("ec2:RunInstances", [*arns, f"arn:aws:ec2:{world.region}::image/*"]),
        allow("ec2:RunInstances", ec2_arn(world, "volume/*"), Condition=ENCRYPTED),
    )
    user.client("ec2").run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)


ENCRYPTED = {"Bool": {"ec2:Encrypted": "true"}}


def unknown_key_beside_a_plain_allow(world: World) -> None:
    condition = {"StringEquals": {"ec2:ManagedResourceOperator": "eks.amazonaws.com"}}
    user = world.user(
        allow("ec2:StopInstances", Condition=condition),
        allow("ec2:StopInstances", ec2_arn(world, "instance/*")),
    )
    user.client("ec2").stop_instances(InstanceIds=[world.instance()])


def key_that_aws_lacks_too(world: World) -> None:
    condition = {"ArnEquals": {"ec2:SourceInstanceARN": ec2_arn(world, "instance/i-1")}}
    user = world.user(allow("ec2:StopInstances", Condition=condition))
    user.client("ec2").stop_instances(InstanceIds=[world.instance()])


def tags_of_ruleless_service(world: World) -> None:
    arn = f"arn:aws:kinesis:{world.region}:{world.account}:stream/s"
    condition = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    user = world.user(allow("kinesis:DescribeStreamSummary", arn, Condition=condition))
    user.client("kinesis").describe_stream_summary(StreamName="s")


def deny_on_unknown_key(world: World) -> None:
    key = {"StringEquals": {"ec2:VolumeType": "io2"}}
    user = world.user(allow("ec2:*"), deny("ec2:RunInstances", ec2_arn(world, "volume/*"), Condition=key))
    user.client("ec2").run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)


def machine(world: World, to: str | None) -> None:
    role = world.role(trust={"Service": "states.amazonaws.com"})
    statements = [allow("states:CreateStateMachine")]
    if to is not None:
        condition = {"StringEquals": {"iam:PassedToService": to}}
        statements.append(allow("iam:PassRole", role, Condition=condition))
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    world.user(*statements).client("stepfunctions").create_state_machine(
        name=world.name("machine"), definition=definition, roleArn=role
    )


def machine_without_pass(world: World) -> None:
    machine(world, None)


def machine_with_pass(world: World) -> None:
    machine(world, "states.amazonaws.com")


def machine_to_another(world: World) -> None:
    machine(world, "lambda.amazonaws.com")


def tasks(world: World, to: str) -> None:
    role = world.role(trust={"Service": "ecs-tasks.amazonaws.com"})
    condition = {"StringEquals": {"iam:PassedToService": to}}
    user = world.user(allow("ecs:*"), allow("iam:PassRole", role, Condition=condition))
    user.client("ecs").register_task_definition(
        family="f", containerDefinitions=[{"name": "c", "image": "i", "memory": 8}], executionRoleArn=role
    )


def tasks_passed(world: World) -> None:
    tasks(world, "ecs-tasks.amazonaws.com")


def tasks_passed_to_ecs(world: World) -> None:
    tasks(world, "ecs.amazonaws.com")


def targets_pass_role(world: World) -> None:
    role = world.role(trust={"Service": "events.amazonaws.com"})
    world.admin("events").put_rule(Name="rule", ScheduleExpression="rate(5 minutes)")
    target = {"Id": "t", "Arn": f"arn:aws:sqs:{world.region}:{world.account}:q", "RoleArn": role}
    world.user(allow("events:*")).client("events").put_targets(Rule="rule", Targets=[target])


def role_alias(world: World, to: str) -> None:
    role = world.role(trust={"Service": "credentials.iot.amazonaws.com"})
    condition = {"StringEquals": {"iam:PassedToService": to}}
    user = world.user(allow("iot:*"), allow("iam:PassRole", role, Condition=condition))
    user.client("iot").create_role_alias(roleAlias=world.name("alias"), roleArn=role)


def role_alias_passed(world: World) -> None:
    role_alias(world, "credentials.iot.amazonaws.com")


def role_alias_passed_to_iot(world: World) -> None:
    role_alias(world, "iot.amazonaws.com")


def passed_to_the_unknown(world: World) -> None:
    role = world.role(trust={"Service": "synthetics.amazonaws.com"})
    condition = {"StringEquals": {"iam:PassedToService": "synthetics.amazonaws.com"}}
    user = world.user(allow("synthetics:*"), allow("iam:PassRole", role, Condition=condition))
    user.client("synthetics").create_canary(
        Name="canary",
        Code={"Handler": "a.b", "ZipFile": b"x"},
        ArtifactS3Location="s3://b",
        ExecutionRoleArn=role,
        Schedule={"Expression": "rate(5 minutes)"},
        RuntimeVersion="syn-nodejs-puppeteer-6.2",
    )


def tag_parameter(world: World) -> None:
    world.admin("ssm").put_parameter(Name="/tagged/key", Value="v", Type="String", Overwrite=True)
    arn = f"arn:aws:ssm:{world.region}:{world.account}:parameter/tagged/key"
    world.user(allow("ssm:AddTagsToResource", arn)).client("ssm").add_tags_to_resource(
        ResourceType="Parameter", ResourceId="/tagged/key", Tags=[{"Key": "k", "Value": "v"}]
    )


def table_by_arn(world: World) -> None:
    arn = f"arn:aws:dynamodb:{world.region}:{world.account}:table/{world.table()}"
    world.user(allow("dynamodb:GetItem", arn)).client("dynamodb").get_item(
        TableName=arn, Key={"id": {"S": "1"}}
    )


def tags_of_table(world: World) -> None:
    arn = f"arn:aws:dynamodb:{world.region}:{world.account}:table/{world.table()}"
    world.user(allow("dynamodb:ListTagsOfResource", arn)).client("dynamodb").list_tags_of_resource(
        ResourceArn=arn
    )


def restore(world: World, *, target: bool) -> None:
    source = world.table()
    backup = world.admin("dynamodb").create_backup(TableName=source, BackupName="backup")["BackupDetails"][
        "BackupArn"
    ]
    name = world.name("restored")
    actions = ["BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"]
    statements = [allow("dynamodb:RestoreTableFromBackup", backup)]
    if target:
        arn = f"arn:aws:dynamodb:{world.region}:{world.account}:table/{name}"
        statements.append(allow([f"dynamodb:{action}" for action in actions], arn))
    world.user(*statements).client("dynamodb").restore_table_from_backup(
        TargetTableName=name, BackupArn=backup
    )


def restore_with_target(world: World) -> None:
    restore(world, target=True)


def restore_without_target(world: World) -> None:
    restore(world, target=False)


def partiql_quoted(world: World) -> None:
    table = world.table()
    arn = f"arn:aws:dynamodb:{world.region}:{world.account}:table/{table}"
    world.user(allow("dynamodb:PartiQLSelect", arn)).client("dynamodb").execute_statement(
        Statement=f'SELECT * FROM "{table}"'  # noqa: S608
    )


def last_use(world: World, *, own: bool) -> None:
    target = world.user()
    written = target.arn if own else target.arn + "-other"
    world.user(allow("iam:GetAccessKeyLastUsed", written)).client("iam").get_access_key_last_used(
        AccessKeyId=target.key
    )


def last_use_of_user(world: World) -> None:
    last_use(world, own=True)


def last_use_elsewhere(world: World) -> None:
    last_use(world, own=False)


def user_with_path(world: World) -> None:
    name = world.name("user")
    world.user(name=name, Path="/team/")
    arn = f"arn:aws:iam::{world.account}:user/team/{name}"
    world.user(allow("iam:GetUser", arn)).client("iam").get_user(UserName=name)


def query_results(world: World, written: str) -> None:
    logs, name = world.admin("logs"), world.name("group")
    logs.create_log_group(logGroupName=name)
    query = logs.start_query(logGroupName=name, startTime=0, endTime=1, queryString="fields @message")[
        "queryId"
    ]
    arn = f"arn:aws:logs:{world.region}:{world.account}:log-group:{written.replace('NAME', name)}"
    world.user(allow("logs:GetQueryResults", arn)).client("logs").get_query_results(queryId=query)


def query_results_of_group(world: World) -> None:
    query_results(world, "NAME:*")


def query_results_elsewhere(world: World) -> None:
    query_results(world, "other:*")


def tag_log_group(world: World, ending: str) -> None:
    logs, name = world.admin("logs"), world.name("group")
    logs.create_log_group(logGroupName=name)
    arn = f"arn:aws:logs:{world.region}:{world.account}:log-group:{name}"
    world.user(allow("logs:ListTagsForResource", arn + ending)).client("logs").list_tags_for_resource(
        resourceArn=arn
    )


def tag_log_group_bare(world: World) -> None:
    tag_log_group(world, "")


def tag_log_group_star(world: World) -> None:
    tag_log_group(world, ":*")


def key_by_alias(world: World) -> tuple[str, str]:
    kms, alias = world.admin("kms"), f"alias/{world.name('key')}"
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName=alias, TargetKeyId=arn)
    return arn, alias


def describe_by_alias(world: World) -> None:
    arn, alias = key_by_alias(world)
    condition = {"StringEquals": {"kms:RequestAlias": alias}}
    world.user(allow("kms:DescribeKey", arn, Condition=condition)).client("kms").describe_key(KeyId=alias)


def use_by_grant(world: World, *held: Any, encryption: dict[str, str], **grant: Any) -> None:
    kms, user = world.admin("kms"), world.user(*held)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_grant(KeyId=key, GranteePrincipal=user.arn, Operations=["Encrypt"], **grant)
    user.client("kms").encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=encryption)


def grant_allows(world: World) -> None:
    use_by_grant(world, encryption={})


def grant_under_deny(world: World) -> None:
    use_by_grant(world, deny("kms:Encrypt"), encryption={})


def grant_within_constraint(world: World) -> None:
    subset = {"EncryptionContextSubset": {"app": "x"}}
    use_by_grant(world, encryption={"app": "x", "more": "y"}, Constraints=subset)


def grant_outside_constraint(world: World) -> None:
    use_by_grant(
        world, encryption={"app": "x", "more": "y"}, Constraints={"EncryptionContextEquals": {"app": "x"}}
    )


def grant_of_another_operation(world: World) -> None:
    kms, user = world.admin("kms"), world.user()
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_grant(KeyId=key, GranteePrincipal=user.arn, Operations=["Decrypt"])
    user.client("kms").encrypt(KeyId=key, Plaintext=b"x")


def grant_to_a_role(world: World, **session: Any) -> None:
    kms = world.admin("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    role = world.role()
    kms.create_grant(KeyId=key, GranteePrincipal=role, Operations=["Encrypt"])
    user = world.user(allow("sts:AssumeRole"))
    made = user.client("sts").assume_role(RoleArn=role, RoleSessionName="session", **session)
    world.of_answer(made["Credentials"]).client("kms").encrypt(KeyId=key, Plaintext=b"x")


def grant_to_a_limited_session(world: World) -> None:
    grant_to_a_role(world, Policy=policy(allow("s3:*")))


def delete_alias_needs_key(world: World) -> None:
    _, alias = key_by_alias(world)
    arn = f"arn:aws:kms:{world.region}:{world.account}:{alias}"
    world.user(allow("kms:DeleteAlias", arn)).client("kms").delete_alias(AliasName=alias)


def delete_alias(world: World) -> None:
    key, alias = key_by_alias(world)
    arn = f"arn:aws:kms:{world.region}:{world.account}:{alias}"
    world.user(allow("kms:DeleteAlias", [arn, key])).client("kms").delete_alias(AliasName=alias)


def resolved(client: Any) -> Any:
    """The client, which finds ``<account>.127.0.0.1`` as a resolver would that knows such names."""

    def send(request: Any, **_: Any) -> None:
        parts = urlsplit(request.url)
        if parts.hostname and parts.hostname.endswith(".127.0.0.1"):
            request.headers["Host"] = parts.netloc
            request.url = request.url.replace(parts.netloc, f"127.0.0.1:{parts.port}", 1)

    client.meta.events.register("before-send.s3-control", send)
    return client


def account_block(world: World, *statements: dict[str, Any]) -> None:
    resolved(world.user(*statements).client("s3control")).put_public_access_block(
        AccountId=world.account, PublicAccessBlockConfiguration={"BlockPublicAcls": True}
    )


def account_block_allowed(world: World) -> None:
    account_block(world, allow("s3:PutAccountPublicAccessBlock"))


def account_block_denied(world: World) -> None:
    account_block(world, allow("s3:PutBucketPublicAccessBlock"))


SCENARIOS = [
    Scenario("ec2-attach-gateway-both", attach_both, None, EC2),
    Scenario("ec2-attach-gateway-one", attach_one, UNAUTHORIZED, EC2),
    Scenario("ec2-attach-volume-both", attach_volume_both, None, EC2),
    Scenario("ec2-attach-volume-alone", attach_volume_alone, UNAUTHORIZED, EC2),
    Scenario("ec2-tag-attachment", tag_attachment, None, EC2),
    Scenario("ec2-tag-attachment-is-no-gateway", tag_attachment_as_gateway, UNAUTHORIZED, EC2),
    Scenario("ec2-association-in-state", disassociate, None, EC2),
    Scenario("ec2-association-elsewhere", disassociate_elsewhere, UNAUTHORIZED, EC2),
    Scenario(
        "ec2-association-unknown",
        disassociate_unknown,
        Refused("UnauthorizedOperation", 403, ("resource not derived",)),
        OWN,
    ),
    Scenario("ec2-address-by-ip-elsewhere", release_other_ip, UNAUTHORIZED, EC2),
    Scenario("ec2-group-by-name", group_named, None, EC2),
    Scenario("ec2-group-by-name-elsewhere", group_named_elsewhere, UNAUTHORIZED, EC2),
    Scenario("ec2-template-by-name", template_by_name, None, EC2),
    Scenario(
        "ec2-template-passes-role",
        template_passes_role,
        Refused("UnauthorizedOperation", 403, ("iam:PassRole",)),
        "EC2 launch-template-permissions",
    ),
    Scenario("ec2-copy-snapshot", copy_snapshot_source, None, "Storage blog, CopySnapshot permissions"),
    Scenario(
        "ec2-copy-snapshot-without-source",
        copy_snapshot_without_source,
        UNAUTHORIZED,
        "Storage blog, CopySnapshot permissions",
    ),
    Scenario(
        "volume-key-on-every-resource", volume_key_unknown, UNAUTHORIZED, "UserGuide Conditions_IfExists"
    ),
    Scenario(
        "condition-key-not-derived",
        volume_key_on_volumes,
        Refused("UnauthorizedOperation", 403, ("condition key not derived", "ec2:Encrypted")),
        OWN,
    ),
    Scenario(
        "condition-key-not-derived-in-deny",
        deny_on_unknown_key,
        Refused("UnauthorizedOperation", 403, ("condition key not derived", "ec2:VolumeType")),
        OWN,
    ),
    Scenario("condition-key-beside-plain-allow", unknown_key_beside_a_plain_allow, None, OWN),
    Scenario("condition-key-absent-on-aws-too", key_that_aws_lacks_too, UNAUTHORIZED, EC2),
    Scenario(
        "tags-of-a-service-without-rules",
        tags_of_ruleless_service,
        Refused("AccessDeniedException", 400, ("condition key not derived",)),
        OWN,
    ),
    Scenario("pass-role-states-missing", machine_without_pass, JSON_DENIED, PASS),
    Scenario("pass-role-states", machine_with_pass, None, PASS),
    Scenario("pass-role-states-other", machine_to_another, JSON_DENIED, PASS),
    Scenario("pass-role-ecs-tasks", tasks_passed, None, "ECS task_execution_IAM_role"),
    Scenario("pass-role-ecs-is-not-tasks", tasks_passed_to_ecs, JSON_DENIED, "ECS task_execution_IAM_role"),
    Scenario("pass-role-of-an-iot-alias", role_alias_passed, None, IOT),
    Scenario(
        "pass-role-of-an-iot-alias-is-not-iot",
        role_alias_passed_to_iot,
        Refused("AccessDeniedException", 403, ("iam:PassRole",)),
        IOT,
    ),
    Scenario(
        "pass-role-inside-a-list",
        targets_pass_role,
        Refused("AccessDeniedException", 400, ("iam:PassRole",)),
        PASS,
    ),
    Scenario(
        "pass-role-to-unknown-service",
        passed_to_the_unknown,
        Refused("AccessDeniedException", 403, ("condition key not derived", "iam:PassedToService")),
        OWN,
    ),
    Scenario("ssm-tag-parameter", tag_parameter, None, SAR),
    Scenario("dynamodb-table-by-arn", table_by_arn, None, SAR),
    Scenario("dynamodb-tags-of-table", tags_of_table, None, SAR),
    Scenario("dynamodb-restore", restore_with_target, None, "DynamoDB backuprestore_IAM"),
    Scenario(
        "dynamodb-restore-without-target", restore_without_target, JSON_DENIED, "DynamoDB backuprestore_IAM"
    ),
    Scenario("dynamodb-partiql-quoted", partiql_quoted, None, "DynamoDB ql-iam"),
    Scenario("iam-key-of-user", last_use_of_user, None, SAR),
    Scenario("iam-key-of-another", last_use_elsewhere, DENIED, SAR),
    Scenario("iam-user-with-path", user_with_path, None, SAR),
    Scenario("logs-query-results", query_results_of_group, None, SAR),
    Scenario("logs-query-results-elsewhere", query_results_elsewhere, JSON_DENIED, SAR),
    Scenario(
        "logs-tags-bare-arn", tag_log_group_bare, None, "CloudWatchLogs iam-access-control-overview-cwl"
    ),
    Scenario(
        "logs-tags-arn-with-star",
        tag_log_group_star,
        JSON_DENIED,
        "CloudWatchLogs iam-access-control-overview-cwl",
    ),
    Scenario("kms-by-alias", describe_by_alias, None, "KMS alias-authorization"),
    Scenario("kms-grant", grant_allows, None, GRANTS),
    Scenario("kms-grant-deny", grant_under_deny, JSON_DENIED, "KMS policy-evaluation"),
    Scenario("kms-grant-constraint", grant_within_constraint, None, GRANTS),
    Scenario("kms-grant-constraint-not-met", grant_outside_constraint, JSON_DENIED, GRANTS),
    Scenario("kms-grant-other-operation", grant_of_another_operation, JSON_DENIED, GRANTS),
    Scenario("kms-grant-role", grant_to_a_role, None, GRANTS),
    Scenario("kms-grant-role-session-policy", grant_to_a_limited_session, JSON_DENIED, OWN),
    Scenario("kms-delete-alias-alone", delete_alias_needs_key, JSON_DENIED, "KMS alias-access"),
    Scenario("kms-delete-alias", delete_alias, None, "KMS alias-access"),
    Scenario("s3control-account-block", account_block_allowed, None, SAR),
    Scenario("s3control-account-block-denied", account_block_denied, DENIED, SAR),
]
