"""Identity policies, boundaries, sessions and SCPs, as they show in real calls."""

from __future__ import annotations

from rolecall.iam import parse_policy
from tests.enforcement.scenarios.world import Refused, Scenario, World, allow, deny, policy

__all__ = ["SCENARIOS"]

LOGIC = "UserGuide reference_policies_evaluation-logic"
DENIED = "UserGuide troubleshoot_access-denied"
BOUNDARY = "UserGuide access_policies_boundaries"
VARIABLES = "UserGuide reference_policies_variables"
TAGS = "UserGuide access_tags"
KEYS = "UserGuide reference_policies_condition-keys"
IAM_KEYS = "UserGuide reference_policies_iam-condition-keys"
SCPS = "Organizations orgs_manage_policies_scps"


def implicit(action: str) -> Refused:
    return Refused("AccessDenied", 403, (f"because no identity-based policy allows the {action} action",))


def in_policy(kind: str) -> Refused:
    return Refused("AccessDenied", 403, (f"with an explicit deny in {kind}",))


def no_policy(world: World) -> None:
    world.user().client("iam").list_users()


def allowed_action(world: World) -> None:
    world.user(allow("iam:ListUsers")).client("iam").list_users()


def other_action(world: World) -> None:
    world.user(allow("iam:ListRoles")).client("iam").list_users()


def wildcard(world: World) -> None:
    world.user(allow("iam:List*")).client("iam").list_users()


def lower_case_action(world: World) -> None:
    world.user(allow("IAM:listusers")).client("iam").list_users()


def explicit_deny(world: World) -> None:
    world.user(allow("*"), deny("iam:ListUsers")).client("iam").list_users()


def not_action(world: World) -> None:
    world.user({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}).client("iam").list_users()


def managed_policy(world: World) -> None:
    user = world.user()
    world.admin("iam").attach_user_policy(UserName=user.name, PolicyArn=world.managed(allow("iam:ListUsers")))
    user.client("iam").list_users()


def aws_managed_policy(world: World) -> None:
    user = world.user()
    world.admin("iam").attach_user_policy(
        UserName=user.name, PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess"
    )
    user.client("iam").list_users()


def detached_policy(world: World) -> None:
    user, arn = world.user(), world.managed(allow("iam:ListUsers"))
    world.admin("iam").attach_user_policy(UserName=user.name, PolicyArn=arn)
    user.client("iam").list_users()
    world.admin("iam").detach_user_policy(UserName=user.name, PolicyArn=arn)
    user.client("iam").list_users()


def new_default_version(world: World) -> None:
    user, arn = world.user(), world.managed(allow("iam:ListUsers"))
    world.admin("iam").attach_user_policy(UserName=user.name, PolicyArn=arn)
    world.admin("iam").create_policy_version(
        PolicyArn=arn, PolicyDocument=policy(allow("iam:ListRoles")), SetAsDefault=True
    )
    user.client("iam").list_users()


def group_policy(world: World) -> None:
    user, group, iam = world.user(), world.name("group"), world.admin("iam")
    iam.create_group(GroupName=group)
    iam.put_group_policy(GroupName=group, PolicyName="inline", PolicyDocument=policy(allow("iam:ListUsers")))
    iam.add_user_to_group(GroupName=group, UserName=user.name)
    user.client("iam").list_users()


def left_the_group(world: World) -> None:
    user, group, iam = world.user(), world.name("group"), world.admin("iam")
    iam.create_group(GroupName=group)
    iam.attach_group_policy(GroupName=group, PolicyArn=world.managed(allow("iam:ListUsers")))
    iam.add_user_to_group(GroupName=group, UserName=user.name)
    user.client("iam").list_users()
    iam.remove_user_from_group(GroupName=group, UserName=user.name)
    user.client("iam").list_users()


def own_user(world: World) -> None:
    user = world.user(allow("iam:*AccessKey*", f"arn:aws:iam::{world.account}:user/${{aws:username}}"))
    user.client("iam").list_access_keys()


def other_user(world: World) -> None:
    user = world.user(allow("iam:*AccessKey*", f"arn:aws:iam::{world.account}:user/${{aws:username}}"))
    user.client("iam").list_access_keys(UserName=world.user().name)


def user_with_path(world: World) -> None:
    target = world.user(Path="/staff/")
    caller = world.user(allow("iam:GetUser", f"arn:aws:iam::{world.account}:user/staff/*"))
    caller.client("iam").get_user(UserName=target.name)


def role_boundary(world: World) -> None:
    world.session(role_policy=(allow("iam:ListUsers"),)).client("iam").list_users()


def boundary_limits(world: World) -> None:
    boundary = world.managed(allow("s3:*"))
    arn = world.role(allow("iam:ListUsers"), PermissionsBoundary=boundary)
    made = world.user(allow("sts:AssumeRole")).client("sts").assume_role(RoleArn=arn, RoleSessionName="s1")
    c = made["Credentials"]
    session = world.aws.session(c["AccessKeyId"], c["SecretAccessKey"], c["SessionToken"])
    session.client("iam").list_users()


def boundary_denies(world: World) -> None:
    boundary = world.managed(allow("*"), deny("iam:ListUsers"))
    arn = world.role(allow("iam:ListUsers"), PermissionsBoundary=boundary)
    made = world.user(allow("sts:AssumeRole")).client("sts").assume_role(RoleArn=arn, RoleSessionName="s1")
    c = made["Credentials"]
    world.aws.session(c["AccessKeyId"], c["SecretAccessKey"], c["SessionToken"]).client("iam").list_users()


def session_policy_limits(world: World) -> None:
    world.session(allow("s3:*"), role_policy=(allow("iam:ListUsers"),)).client("iam").list_users()


def session_policy_adds_nothing(world: World) -> None:
    world.session(allow("*"), role_policy=(allow("s3:*"),)).client("iam").list_users()


def session_policy_denies(world: World) -> None:
    world.session(allow("*"), deny("iam:ListUsers"), role_policy=(allow("*"),)).client("iam").list_users()


def role_policy_removed(world: World) -> None:
    user, arn = world.user(allow("sts:AssumeRole")), world.role(allow("iam:ListUsers"))
    c = user.client("sts").assume_role(RoleArn=arn, RoleSessionName="s1")["Credentials"]
    iam = world.aws.session(c["AccessKeyId"], c["SecretAccessKey"], c["SessionToken"]).client("iam")
    iam.list_users()
    world.admin("iam").delete_role_policy(RoleName=arn.rpartition("/")[2], PolicyName="inline")
    iam.list_users()


def principal_tag(world: World) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    user = world.user(allow("iam:ListUsers", Condition=condition), Tags=[{"Key": "team", "Value": "red"}])
    user.client("iam").list_users()


def principal_tag_differs(world: World) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    user = world.user(allow("iam:ListUsers", Condition=condition), Tags=[{"Key": "team", "Value": "blue"}])
    user.client("iam").list_users()


def request_tag(world: World) -> None:
    condition = {
        "StringEquals": {"aws:RequestTag/environment": ["preprod", "production"]},
        "ForAllValues:StringEquals": {"aws:TagKeys": "environment"},
    }
    user = world.user(allow("iam:CreateUser", Condition=condition), allow("iam:TagUser", Condition=condition))
    user.client("iam").create_user(
        UserName=world.name("user"), Tags=[{"Key": "environment", "Value": "preprod"}]
    )


def request_tag_missing(world: World) -> None:
    condition = {"StringEquals": {"aws:RequestTag/environment": ["preprod", "production"]}}
    world.user(allow("iam:CreateUser", Condition=condition)).client("iam").create_user(
        UserName=world.name("user")
    )


def resource_tag(world: World) -> None:
    target = world.user(Tags=[{"Key": "costCenter", "Value": "12345"}])
    caller = world.user(
        allow("iam:GetUser", Condition={"StringEquals": {"iam:ResourceTag/costCenter": "12345"}})
    )
    caller.client("iam").get_user(UserName=target.name)


def resource_tag_differs(world: World) -> None:
    target = world.user(Tags=[{"Key": "costCenter", "Value": "1"}])
    caller = world.user(
        allow("iam:GetUser", Condition={"StringEquals": {"aws:ResourceTag/costCenter": "12345"}})
    )
    caller.client("iam").get_user(UserName=target.name)


def policy_arn_named(world: World) -> None:
    arn = world.managed(allow("s3:*"))
    caller = world.user(allow("iam:AttachUserPolicy", Condition={"ArnEquals": {"iam:PolicyARN": arn}}))
    caller.client("iam").attach_user_policy(UserName=world.user().name, PolicyArn=arn)


def policy_arn_other(world: World) -> None:
    arn = world.managed(allow("s3:*"))
    caller = world.user(allow("iam:AttachUserPolicy", Condition={"ArnEquals": {"iam:PolicyARN": arn}}))
    caller.client("iam").attach_user_policy(
        UserName=world.user().name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )


def boundary_demanded(world: World) -> None:
    arn = world.managed(allow("s3:*"))
    caller = world.user(allow("iam:CreateRole", Condition={"StringEquals": {"iam:PermissionsBoundary": arn}}))
    caller.client("iam").create_role(
        RoleName=world.name("role"),
        AssumeRolePolicyDocument=policy(
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": world.account}}
        ),
    )


def region_denied(world: World) -> None:
    condition = {"StringNotEquals": {"aws:RequestedRegion": "us-west-2"}}
    world.user(allow("*"), deny("*", Condition=condition)).client("iam").list_users()


def mfa_demanded(world: World) -> None:
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    world.user(allow("iam:ListUsers", Condition=condition)).client("iam").list_users()


def mfa_denied_if_exists(world: World) -> None:
    condition = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    world.user(allow("*"), deny("iam:*", Condition=condition)).client("iam").list_users()


def mfa_denied_if_present(world: World) -> None:
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    world.user(allow("*"), deny("iam:*", Condition=condition)).client("iam").list_users()


def long_term_only(world: World) -> None:
    condition = {"Null": {"aws:TokenIssueTime": "true"}}
    world.session(role_policy=(allow("iam:ListUsers", Condition=condition),)).client("iam").list_users()


def source_ip(world: World) -> None:
    condition = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    world.user(allow("iam:ListUsers", Condition=condition)).client("iam").list_users()


def user_id(world: World) -> None:
    user = world.user()
    unique = world.admin("iam").get_user(UserName=user.name)["User"]["UserId"]
    world.admin("iam").put_user_policy(
        UserName=user.name,
        PolicyName="inline",
        PolicyDocument=policy(allow("iam:ListUsers", Condition={"StringEquals": {"aws:userid": unique}})),
    )
    user.client("iam").list_users()


def with_scp(world: World, *statements: dict[str, object]) -> None:
    other = "210987654321"
    world.aws.environment.scps[other] = ((parse_policy(policy(*statements)),),)
    world.aws.root_session(other).client("iam").list_users()


def scp_denies_root(world: World) -> None:
    with_scp(world, allow("*"), deny("iam:ListUsers"))


def scp_without_allow(world: World) -> None:
    with_scp(world, allow("s3:*"))


def scp_allows(world: World) -> None:
    with_scp(world, allow("*"))


def caller_identity_despite_deny(world: World) -> None:
    world.user(deny("*")).client("sts").get_caller_identity()


SCENARIOS = [
    Scenario("no-policy", no_policy, implicit("iam:ListUsers"), LOGIC),
    Scenario("allowed-action", allowed_action, None, LOGIC),
    Scenario("other-action", other_action, implicit("iam:ListUsers"), LOGIC),
    Scenario("wildcard-action", wildcard, None, "UserGuide reference_policies_elements_action"),
    Scenario("action-in-lower-case", lower_case_action, None, "UserGuide reference_policies_elements_action"),
    Scenario("explicit-deny-wins", explicit_deny, in_policy("an identity-based policy"), LOGIC),
    Scenario(
        "not-action", not_action, implicit("iam:ListUsers"), "UserGuide reference_policies_elements_notaction"
    ),
    Scenario("managed-policy", managed_policy, None, LOGIC),
    Scenario("aws-managed-policy", aws_managed_policy, None, LOGIC),
    Scenario("detach-takes-effect", detached_policy, implicit("iam:ListUsers"), LOGIC),
    Scenario(
        "default-version-counts",
        new_default_version,
        implicit("iam:ListUsers"),
        "UserGuide access_policies_managed-versioning",
    ),
    Scenario("group-policy", group_policy, None, LOGIC),
    Scenario("left-the-group", left_the_group, implicit("iam:ListUsers"), LOGIC),
    Scenario("own-user-by-variable", own_user, None, VARIABLES),
    Scenario("other-user-by-variable", other_user, implicit("iam:ListAccessKeys"), VARIABLES),
    Scenario("user-path-in-arn", user_with_path, None, "UserGuide reference_identifiers"),
    Scenario("role-permissions", role_boundary, None, LOGIC),
    Scenario(
        "boundary-limits",
        boundary_limits,
        Refused("AccessDenied", 403, ("because no permissions boundary allows the iam:ListUsers action",)),
        BOUNDARY,
    ),
    Scenario("boundary-denies", boundary_denies, in_policy("a permissions boundary"), BOUNDARY),
    Scenario(
        "session-policy-limits",
        session_policy_limits,
        Refused("AccessDenied", 403, ("because no session policy allows the iam:ListUsers action",)),
        DENIED,
    ),
    Scenario(
        "session-policy-adds-nothing",
        session_policy_adds_nothing,
        implicit("iam:ListUsers"),
        "UserGuide access_policies#policies_session",
    ),
    Scenario("session-policy-denies", session_policy_denies, in_policy("a session policy"), DENIED),
    Scenario("role-policy-removed", role_policy_removed, implicit("iam:ListUsers"), LOGIC),
    Scenario("principal-tag", principal_tag, None, TAGS),
    Scenario("principal-tag-differs", principal_tag_differs, implicit("iam:ListUsers"), TAGS),
    Scenario("request-tag", request_tag, None, TAGS),
    Scenario("request-tag-missing", request_tag_missing, implicit("iam:CreateUser"), TAGS),
    Scenario("resource-tag", resource_tag, None, VARIABLES),
    Scenario("resource-tag-differs", resource_tag_differs, implicit("iam:GetUser"), VARIABLES),
    Scenario("policy-arn-condition", policy_arn_named, None, IAM_KEYS),
    Scenario("policy-arn-other", policy_arn_other, implicit("iam:AttachUserPolicy"), IAM_KEYS),
    Scenario("boundary-demanded", boundary_demanded, implicit("iam:CreateRole"), IAM_KEYS),
    Scenario("iam-is-in-us-east-1", region_denied, in_policy("an identity-based policy"), KEYS),
    Scenario("mfa-demanded", mfa_demanded, implicit("iam:ListUsers"), KEYS),
    Scenario("mfa-bool-if-exists", mfa_denied_if_exists, in_policy("an identity-based policy"), KEYS),
    Scenario("mfa-bool-key-absent", mfa_denied_if_present, None, KEYS),
    Scenario(
        "token-issue-time-of-session",
        long_term_only,
        implicit("iam:ListUsers"),
        "UserGuide reference_policies_elements_condition_operators",
    ),
    Scenario("source-ip-elsewhere", source_ip, implicit("iam:ListUsers"), KEYS),
    Scenario("userid-of-user", user_id, None, VARIABLES),
    Scenario("scp-denies-root", scp_denies_root, in_policy("a service control policy"), SCPS),
    Scenario(
        "scp-without-allow",
        scp_without_allow,
        Refused("AccessDenied", 403, ("because no service control policy allows the iam:ListUsers action",)),
        SCPS,
    ),
    Scenario("scp-allows", scp_allows, None, SCPS),
    Scenario("caller-identity-needs-nothing", caller_identity_despite_deny, None, "STS GetCallerIdentity"),
]
