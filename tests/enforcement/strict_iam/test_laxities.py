"""What moto lets through and AWS refuses: situation → AWS's code, status and words.

Sources: IAM API Reference (the operation's page), IAM User Guide, "IAM and AWS STS quotas". Every row is a
call by root, so that only IAM's own rules refuse it.
"""

# One situation a line reads best, however long.
# ruff: noqa: E501

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rolecall.targets.moto import enforcing_moto

from ..conftest import HOME, OTHER, STRANGE, Clock, World, allow, document, refusal, trusts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POLICY = document(allow("s3:GetObject"))
TRUST = document(trusts(HOME))
P = f"arn:aws:iam::{HOME}:policy/p"

Setup = list[tuple[str, dict[str, Any]]]
Row = tuple[str, Setup, str, dict[str, Any], str, int, str]

USER: Setup = [("create_user", {"UserName": "u"})]
GROUP: Setup = [("create_group", {"GroupName": "g"})]
ROLE: Setup = [("create_role", {"RoleName": "r", "AssumeRolePolicyDocument": TRUST})]
MANAGED: Setup = [("create_policy", {"PolicyName": "p", "PolicyDocument": POLICY})]
PROFILE: Setup = [("create_instance_profile", {"InstanceProfileName": "i"})]
MEMBER: Setup = [*USER, *GROUP, ("add_user_to_group", {"UserName": "u", "GroupName": "g"})]


def ten_policies(kind: str, name: str) -> Setup:
    calls: Setup = []
    for number in range(11):
        calls.append(("create_policy", {"PolicyName": f"p{number}", "PolicyDocument": POLICY}))
        arn = f"arn:aws:iam::{HOME}:policy/p{number}"
        if number < 10:
            calls.append((f"attach_{kind}_policy", {f"{kind.title()}Name": name, "PolicyArn": arn}))
    return calls


ELEVENTH = f"arn:aws:iam::{HOME}:policy/p10"


def padded(size: int) -> str:
    """An identity policy of exactly that many characters, white space aside."""
    bare = document(allow("s3:GetObject", on="arn:aws:s3:::b/")).replace(" ", "")
    return document(allow("s3:GetObject", on="arn:aws:s3:::b/" + "x" * (size - len(bare))))


def padded_trust(size: int) -> str:
    bare = document(trusts(HOME, StringEquals={"sts:ExternalId": ""})).replace(" ", "")
    return document(trusts(HOME, StringEquals={"sts:ExternalId": "x" * (size - len(bare))}))


DELETIONS: list[Row] = [
    (
        "user with an access key",
        [*USER, ("create_access_key", {"UserName": "u"})],
        "delete_user",
        {"UserName": "u"},
        "DeleteConflict",
        409,
        "Cannot delete entity, must delete access keys first.",
    ),
    (
        "user in a group",
        MEMBER,
        "delete_user",
        {"UserName": "u"},
        "DeleteConflict",
        409,
        "must remove users from group first.",
    ),
    (
        "user with a login profile",
        [*USER, ("create_login_profile", {"UserName": "u", "Password": "Secret-12345"})],
        "delete_user",
        {"UserName": "u"},
        "DeleteConflict",
        409,
        "must delete login profile first.",
    ),
    (
        "user with an inline policy",
        [*USER, ("put_user_policy", {"UserName": "u", "PolicyName": "x", "PolicyDocument": POLICY})],
        "delete_user",
        {"UserName": "u"},
        "DeleteConflict",
        409,
        "must delete policies first.",
    ),
    (
        "user with a managed policy",
        [*USER, *MANAGED, ("attach_user_policy", {"UserName": "u", "PolicyArn": P})],
        "delete_user",
        {"UserName": "u"},
        "DeleteConflict",
        409,
        "must detach all policies first.",
    ),
    (
        "policy that is attached",
        [*USER, *MANAGED, ("attach_user_policy", {"UserName": "u", "PolicyArn": P})],
        "delete_policy",
        {"PolicyArn": P},
        "DeleteConflict",
        409,
        "Cannot delete a policy attached to entities.",
    ),
    (
        "policy that is a role's boundary",
        [
            *MANAGED,
            *ROLE,
            ("put_role_permissions_boundary", {"RoleName": "r", "PermissionsBoundary": P}),
        ],
        "delete_policy",
        {"PolicyArn": P},
        "DeleteConflict",
        409,
        "Cannot delete a policy attached to entities.",
    ),
    (
        "policy with versions",
        [*MANAGED, ("create_policy_version", {"PolicyArn": P, "PolicyDocument": POLICY})],
        "delete_policy",
        {"PolicyArn": P},
        "DeleteConflict",
        409,
        "This policy has more than one version.",
    ),
    ("policy of AWS", [], "delete_policy", {"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, "AccessDenied", 403, "outside your own account"),
    ("group with a member", MEMBER, "delete_group", {"GroupName": "g"}, "DeleteConflict", 409, "must remove users from group first."),
    (
        "group with a managed policy",
        [*GROUP, *MANAGED, ("attach_group_policy", {"GroupName": "g", "PolicyArn": P})],
        "delete_group",
        {"GroupName": "g"},
        "DeleteConflict",
        409,
        "must detach all policies first.",
    ),
    (
        "role with a managed policy",
        [*ROLE, *MANAGED, ("attach_role_policy", {"RoleName": "r", "PolicyArn": P})],
        "delete_role",
        {"RoleName": "r"},
        "DeleteConflict",
        409,
        "must detach all policies first.",
    ),
    (
        "role in an instance profile",
        [*ROLE, *PROFILE, ("add_role_to_instance_profile", {"InstanceProfileName": "i", "RoleName": "r"})],
        "delete_role",
        {"RoleName": "r"},
        "DeleteConflict",
        409,
        "must remove roles from instance profile first.",
    ),
    (
        "instance profile with a role",
        [*ROLE, *PROFILE, ("add_role_to_instance_profile", {"InstanceProfileName": "i", "RoleName": "r"})],
        "delete_instance_profile",
        {"InstanceProfileName": "i"},
        "DeleteConflict",
        409,
        "must remove roles from instance profile first.",
    ),
]  # fmt: skip

QUOTAS: list[Row] = [
    ("eleventh policy of a user", [*USER, *ten_policies("user", "u")], "attach_user_policy", {"UserName": "u", "PolicyArn": ELEVENTH}, "LimitExceeded", 409, "Cannot exceed quota for PoliciesPerUser: 10"),
    ("eleventh policy of a role", [*ROLE, *ten_policies("role", "r")], "attach_role_policy", {"RoleName": "r", "PolicyArn": ELEVENTH}, "LimitExceeded", 409, "Cannot exceed quota for PoliciesPerRole: 10"),
    ("eleventh policy of a group", [*GROUP, *ten_policies("group", "g")], "attach_group_policy", {"GroupName": "g", "PolicyArn": ELEVENTH}, "LimitExceeded", 409, "Cannot exceed quota for PoliciesPerGroup: 10"),
    ("third access key", [*USER, *[("create_access_key", {"UserName": "u"})] * 2], "create_access_key", {"UserName": "u"}, "LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2"),
    (
        "eleventh group",
        [
            *USER,
            *[("create_group", {"GroupName": f"g{n}"}) for n in range(11)],
            *[("add_user_to_group", {"UserName": "u", "GroupName": f"g{n}"}) for n in range(10)],
        ],
        "add_user_to_group",
        {"UserName": "u", "GroupName": "g10"},
        "LimitExceeded",
        409,
        "Cannot exceed quota for GroupsPerUser: 10",
    ),
    ("sixth version", [*MANAGED, *[("create_policy_version", {"PolicyArn": P, "PolicyDocument": POLICY})] * 4], "create_policy_version", {"PolicyArn": P, "PolicyDocument": POLICY}, "LimitExceeded", 409, "A managed policy can have up to 5 versions."),
    ("managed policy of 6,145", [], "create_policy", {"PolicyName": "p", "PolicyDocument": padded(6145)}, "LimitExceeded", 409, "Cannot exceed quota for PolicySize: 6144"),
    ("trust policy of 2,049", [], "create_role", {"RoleName": "r", "AssumeRolePolicyDocument": padded_trust(2049)}, "LimitExceeded", 409, "Cannot exceed quota for ACLSizePerRole: 2048"),
    ("new trust policy of 2,049", ROLE, "update_assume_role_policy", {"RoleName": "r", "PolicyDocument": padded_trust(2049)}, "LimitExceeded", 409, "Cannot exceed quota for ACLSizePerRole: 2048"),
    ("inline policy of a user of 2,049", USER, "put_user_policy", {"UserName": "u", "PolicyName": "x", "PolicyDocument": padded(2049)}, "LimitExceeded", 409, "Maximum policy size of 2048 bytes exceeded for user u"),
    (
        "inline policies of a role of 10,241 together",
        [*ROLE, ("put_role_policy", {"RoleName": "r", "PolicyName": "x", "PolicyDocument": padded(6000)})],
        "put_role_policy",
        {"RoleName": "r", "PolicyName": "y", "PolicyDocument": padded(4241)},
        "LimitExceeded",
        409,
        "Maximum policy size of 10240 bytes exceeded for role r",
    ),
    ("inline policy of a group of 5,121", GROUP, "put_group_policy", {"GroupName": "g", "PolicyName": "x", "PolicyDocument": padded(5121)}, "LimitExceeded", 409, "Maximum policy size of 5120 bytes exceeded for group g"),
]  # fmt: skip

NAMES: list[Row] = [
    ("user in other case", [("create_user", {"UserName": "Ann"})], "create_user", {"UserName": "ann"}, "EntityAlreadyExists", 409, "User with name ann already exists."),
    ("role in other case", ROLE, "create_role", {"RoleName": "R", "AssumeRolePolicyDocument": TRUST}, "EntityAlreadyExists", 409, "Role with name R already exists."),
    ("group in other case", GROUP, "create_group", {"GroupName": "G"}, "EntityAlreadyExists", 409, "Group with name G already exists."),
    ("policy in other case", MANAGED, "create_policy", {"PolicyName": "P", "PolicyDocument": POLICY}, "EntityAlreadyExists", 409, "A policy called P already exists."),
    ("policy on another path", MANAGED, "create_policy", {"PolicyName": "p", "Path": "/x/", "PolicyDocument": POLICY}, "EntityAlreadyExists", 409, "Duplicate names are not allowed."),
    ("instance profile in other case", PROFILE, "create_instance_profile", {"InstanceProfileName": "I"}, "EntityAlreadyExists", 409, "already exists"),
    ("user renamed to another's name", [*USER, ("create_user", {"UserName": "v"})], "update_user", {"UserName": "u", "NewUserName": "V"}, "EntityAlreadyExists", 409, "User with name V already exists."),
    ("second login profile", [*USER, ("create_login_profile", {"UserName": "u", "Password": "Secret-12345"})], "create_login_profile", {"UserName": "u", "Password": "Secret-12345"}, "EntityAlreadyExists", 409, "Login Profile for user u already exists."),
    ("user name of 65", [], "create_user", {"UserName": "u" * 65}, "ValidationError", 400, "at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64"),
    ("role name of 65", [], "create_role", {"RoleName": "r" * 65, "AssumeRolePolicyDocument": TRUST}, "ValidationError", 400, "Value '" + "r" * 65 + "' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64"),
    ("group name of 129", [], "create_group", {"GroupName": "g" * 129}, "ValidationError", 400, "less than or equal to 128"),
    ("user name with a blank", [], "create_user", {"UserName": "a b"}, "ValidationError", 400, "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"),
    ("role name with a slash", [], "create_role", {"RoleName": "a/b", "AssumeRolePolicyDocument": TRUST}, "ValidationError", 400, "The specified value for roleName is invalid."),
    ("path without slashes", [], "create_user", {"UserName": "u", "Path": "team"}, "ValidationError", 400, "The specified value for path is invalid. It must begin and end with /"),
    ("path of 513", [], "create_user", {"UserName": "u", "Path": "/" + "p" * 511 + "/"}, "ValidationError", 400, "less than or equal to 512"),
    ("session of more than twelve hours", [], "create_role", {"RoleName": "r", "AssumeRolePolicyDocument": TRUST, "MaxSessionDuration": 43201}, "ValidationError", 400, "less than or equal to 43200"),
    ("missing role", [], "get_role", {"RoleName": "ghost"}, "NoSuchEntity", 404, "The role with name ghost cannot be found."),
    ("missing user", [], "get_user", {"UserName": "ghost"}, "NoSuchEntity", 404, "The user with name ghost cannot be found."),
    ("missing group", USER, "add_user_to_group", {"UserName": "u", "GroupName": "ghost"}, "NoSuchEntity", 404, "The group with name ghost cannot be found."),
    ("missing policy", USER, "attach_user_policy", {"UserName": "u", "PolicyArn": P}, "NoSuchEntity", 404, "does not exist or is not attachable"),
    ("missing boundary", [], "create_user", {"UserName": "u", "PermissionsBoundary": P}, "NoSuchEntity", 404, "does not exist or is not attachable"),
]  # fmt: skip

TAGS: list[Row] = [
    ("key twice in other case", [], "create_user", {"UserName": "u", "Tags": [{"Key": "A", "Value": "1"}, {"Key": "a", "Value": "2"}]}, "InvalidInput", 400, "Duplicate tag keys found."),
    ("fifty-one tags", [], "create_user", {"UserName": "u", "Tags": [{"Key": f"k{n}", "Value": ""} for n in range(51)]}, "ValidationError", 400, "less than or equal to 50"),
    ("fifty-one tags in two calls", [*USER, ("tag_user", {"UserName": "u", "Tags": [{"Key": f"k{n}", "Value": ""} for n in range(50)]})], "tag_user", {"UserName": "u", "Tags": [{"Key": "k50", "Value": ""}]}, "LimitExceeded", 409, "number of tags"),
    ("key of AWS", ROLE, "tag_role", {"RoleName": "r", "Tags": [{"Key": "aws:x", "Value": ""}]}, "InvalidInput", 400, "aws:"),
    ("key with #", ROLE, "tag_role", {"RoleName": "r", "Tags": [{"Key": "a#", "Value": ""}]}, "ValidationError", 400, "tags.1.member.key"),
]  # fmt: skip

PROTECTED: list[Row] = [
    ("inline policy", [], "put_role_policy", {"PolicyName": "x", "PolicyDocument": POLICY}, "UnmodifiableEntity", 400, "protected role"),
    ("deletion", [], "delete_role", {}, "UnmodifiableEntity", 400, "only modifiable by AWS"),
    ("trust policy", [], "update_assume_role_policy", {"PolicyDocument": TRUST}, "UnmodifiableEntity", 400, "protected role"),
]  # fmt: skip


def run(world: World, row: Row) -> None:
    _, setup, operation, params, code, status, fragment = row
    for name, values in setup:
        getattr(world.iam, name)(**values)
    found = refusal(getattr(world.iam, operation), **params)
    assert (found.code, found.status) == (code, status), found.message
    assert fragment in found.message


def rows(table: list[Row]) -> list[Any]:
    return [pytest.param(row, id=row[0].replace(" ", "-")) for row in table]


@pytest.mark.parametrize("row", rows(DELETIONS))
def test_deletion_is_refused(world: World, row: Row) -> None:
    run(world, row)


@pytest.mark.parametrize("row", rows(QUOTAS))
def test_quota_is_kept(world: World, row: Row) -> None:
    run(world, row)


@pytest.mark.parametrize("row", rows(NAMES))
def test_name_is_refused(world: World, row: Row) -> None:
    run(world, row)


@pytest.mark.parametrize("row", rows(TAGS))
def test_tags_are_refused(world: World, row: Row) -> None:
    run(world, row)


@pytest.mark.parametrize("row", rows(PROTECTED))
def test_service_linked_role_is_left_alone(world: World, row: Row) -> None:
    world.iam.create_service_linked_role(AWSServiceName="lex.amazonaws.com")
    name = world.iam.list_roles()["Roles"][0]["RoleName"]
    run(world, (row[0], [], row[2], {"RoleName": name, **row[3]}, *row[4:]))


# the same calls at their limit, which AWS accepts
ACCEPTED: list[tuple[str, Setup, str, dict[str, Any]]] = [
    ("managed policy of 6,144", [], "create_policy", {"PolicyName": "p", "PolicyDocument": padded(6144)}),
    ("trust policy of 2,048", [], "create_role", {"RoleName": "r", "AssumeRolePolicyDocument": padded_trust(2048)}),
    ("white space does not count", [], "create_role", {"RoleName": "r", "AssumeRolePolicyDocument": json.dumps(json.loads(padded_trust(2048)), indent=40)}),
    ("inline policy of a user of 2,048", USER, "put_user_policy", {"UserName": "u", "PolicyName": "x", "PolicyDocument": padded(2048)}),
    ("inline policy replaced by one as large", [*USER, ("put_user_policy", {"UserName": "u", "PolicyName": "x", "PolicyDocument": padded(2048)})], "put_user_policy", {"UserName": "u", "PolicyName": "x", "PolicyDocument": padded(2048)}),
    ("tenth policy again", [*USER, *ten_policies("user", "u")], "attach_user_policy", {"UserName": "u", "PolicyArn": f"arn:aws:iam::{HOME}:policy/p9"}),
    ("policy of AWS attached", USER, "attach_user_policy", {"UserName": "u", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
    ("trust policy of 2008", ROLE, "update_assume_role_policy", {"RoleName": "r", "PolicyDocument": TRUST.replace("2012-10-17", "2008-10-17")}),
    ("trust policy with set context", ROLE, "update_assume_role_policy", {"RoleName": "r", "PolicyDocument": document(trusts(HOME, "sts:AssumeRole", "sts:SetContext", "sts:TagSession", "sts:SetSourceIdentity"))}),
    ("user renamed in other case", USER, "update_user", {"UserName": "u", "NewUserName": "U"}),
    ("name of 64", [], "create_user", {"UserName": "u" * 64}),
    ("trust naming a strange account's user", [], "create_role", {"RoleName": "r", "AssumeRolePolicyDocument": document(trusts(f"arn:aws:iam::{STRANGE}:user/x"))}),
    ("trust naming a service", [], "create_role", {"RoleName": "r", "AssumeRolePolicyDocument": document(trusts({"Service": "ec2.amazonaws.com"}))}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("setup", "operation", "params"),
    [pytest.param(*row[1:], id=row[0].replace(" ", "-")) for row in ACCEPTED],
)
def test_what_aws_accepts_is_accepted(
    world: World, setup: Setup, operation: str, params: dict[str, Any]
) -> None:
    for name, values in setup:
        getattr(world.iam, name)(**values)
    assert getattr(world.iam, operation)(**params)["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.fixture(scope="module")
def furnished() -> Iterator[World]:
    """One world for the calls that change nothing because they are refused."""
    with enforcing_moto(account_id=HOME) as aws:
        world = World(aws, Clock())
        aws.root_session(OTHER)
        world.iam.create_user(UserName="user")
        world.iam.create_group(GroupName="group")
        world.iam.create_role(RoleName="role", AssumeRolePolicyDocument=TRUST)
        world.iam.create_policy(PolicyName="p", PolicyDocument=POLICY)
        yield world


def _trust(**change: Any) -> str:
    return document({key: value for key, value in {**trusts(HOME), **change}.items() if value is not None})


# situation, document, fragment of MalformedPolicyDocument
TRUSTS: list[tuple[str, str, str]] = [
    ("no JSON", "nonsense", "This policy contains invalid Json"),
    ("no statement", json.dumps({"Version": "2012-10-17", "Statement": []}), "Statement is empty"),
    ("odd version", TRUST.replace("2012-10-17", "2012-10-18"), "valid version string"),
    ("no principal", _trust(Principal=None), "Missing required field Principal"),
    ("empty principal", _trust(Principal={}), "cannot be empty"),
    ("no action", _trust(Action=None), "Missing required field Action"),
    ("action of another service", _trust(Action="s3:GetObject"), "AssumeRole policy may only specify STS AssumeRole actions."),
    ("every action", _trust(Action="*"), "AssumeRole policy may only specify STS AssumeRole actions."),
    ("resource", _trust(Resource="*"), "Has prohibited field Resource"),
    ("NotPrincipal", _trust(Principal=None, NotPrincipal={"AWS": HOME}), "Allow with NotPrincipal is not allowed."),
    ("bare star", _trust(Principal="*"), 'AssumeRolepolicy contained an invalid principal: "STAR":"*".'),
    ("unknown operator", _trust(Condition={"StringSame": {"a:b": "c"}}), "Syntax error"),
    ("repeated Sid", document({**trusts(HOME), "Sid": "a"}, {**trusts(HOME), "Sid": "a"}), "not unique"),
    ("missing user", _trust(Principal={"AWS": f"arn:aws:iam::{HOME}:user/ghost"}), f'Invalid principal in policy: "AWS":"arn:aws:iam::{HOME}:user/ghost"'),
    ("missing role", _trust(Principal={"AWS": f"arn:aws:iam::{HOME}:role/ghost"}), "Invalid principal in policy"),
    ("missing user of another account here", _trust(Principal={"AWS": f"arn:aws:iam::{OTHER}:user/ghost"}), "Invalid principal in policy"),
    ("session of a missing role", _trust(Principal={"AWS": f"arn:aws:sts::{HOME}:assumed-role/ghost/s"}), "Invalid principal in policy"),
    ("unknown unique id", _trust(Principal={"AWS": "AIDAAAAAAAAAAAAAAAAAA"}), "Invalid principal in policy"),
    ("user with a wildcard", _trust(Principal={"AWS": f"arn:aws:iam::{HOME}:user/*"}), "Invalid principal in policy"),
    ("account of eleven digits", _trust(Principal={"AWS": "11112222333"}), "Invalid principal in policy"),
    ("group", _trust(Principal={"AWS": f"arn:aws:iam::{HOME}:group/g"}), "Invalid principal in policy"),
    ("no service", _trust(Principal={"Service": "ec2"}), 'Invalid principal in policy: "SERVICE":"ec2"'),
    ("canonical user", _trust(Principal={"CanonicalUser": "79a5"}), "Invalid principal in policy"),
    ("other partition", _trust(Principal={"AWS": f"arn:aws-cn:iam::{HOME}:root"}), "Invalid principal in policy"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fragment"), [pytest.param(*row[1:], id=row[0].replace(" ", "-")) for row in TRUSTS]
)
@pytest.mark.parametrize("operation", ["create_role", "update_assume_role_policy"])
def test_trust_policy_is_refused(furnished: World, operation: str, text: str, fragment: str) -> None:
    params = (
        {"RoleName": "x", "AssumeRolePolicyDocument": text}
        if operation == "create_role"
        else {"RoleName": "role", "PolicyDocument": text}
    )
    found = refusal(getattr(furnished.iam, operation), **params)
    assert (found.code, found.status) == ("MalformedPolicyDocument", 400)
    assert fragment in found.message


def _identity(**change: Any) -> str:
    return document(
        {key: value for key, value in {**allow("s3:GetObject"), **change}.items() if value is not None}
    )


IDENTITIES: list[tuple[str, str, str]] = [
    ("no JSON", "nonsense", "Syntax errors in policy."),
    ("principal", _identity(Principal="*"), "Policy document should not specify a principal."),
    ("no action", _identity(Action=None), "Policy statement must contain actions."),
    ("no resource", _identity(Resource=None), "Policy statement must contain resources."),
    ("resource that is no ARN", _identity(Resource="bucket"), 'Resource bucket must be in ARN format or "*".'),
    ("action without a service", _identity(Action="GetObject"), "must be prefaced by a vendor"),
    ("effect in lower case", _identity(Effect="allow"), "The policy failed legacy parsing"),
    ("repeated Sid", document({**allow("s3:*"), "Sid": "a"}, {**allow("s3:*"), "Sid": "a"}), "must be unique"),
    ("action with two colons", _identity(Action="s3:List:Bucket"), "can contain only one colon"),
    ("vendor with a blank", _identity(Action="a a:ListBucket"), "Vendor a a is not valid"),
    ("unknown partition", _identity(Resource="arn:b:s3:::x"), 'Partition "b" is not valid'),
    ("empty resource", _identity(Resource=""), 'must be in ARN format or "*"'),
    ("repeated key", '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Effect":"Deny","Action":"s3:*","Resource":"*"}]}', "Syntax errors in policy."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fragment"), [pytest.param(*row[1:], id=row[0].replace(" ", "-")) for row in IDENTITIES]
)
@pytest.mark.parametrize("kind", ["user", "group", "role", "managed", "version"])
def test_identity_policy_is_refused(furnished: World, kind: str, text: str, fragment: str) -> None:
    call: Callable[..., Any]
    if kind == "managed":
        call, params = furnished.iam.create_policy, {"PolicyName": "x", "PolicyDocument": text}
    elif kind == "version":
        call, params = furnished.iam.create_policy_version, {"PolicyArn": P, "PolicyDocument": text}
    else:
        call = getattr(furnished.iam, f"put_{kind}_policy")
        params = {f"{kind.title()}Name": kind, "PolicyName": "x", "PolicyDocument": text}
    found = refusal(call, **params)
    assert (found.code, found.status) == ("MalformedPolicyDocument", 400)
    assert fragment in found.message


def test_users_are_listed_without_their_boundary(world: World) -> None:
    world.iam.create_policy(PolicyName="of-bounded", PolicyDocument=_identity())
    boundary = f"arn:aws:iam::{HOME}:policy/of-bounded"
    world.iam.create_user(UserName="bounded", PermissionsBoundary=boundary)
    shown = world.iam.get_user(UserName="bounded")["User"]["PermissionsBoundary"]
    assert shown["PermissionsBoundaryArn"] == boundary
    listed = {user["UserName"]: user for user in world.iam.list_users()["Users"]}
    assert "PermissionsBoundary" not in listed["bounded"]


def test_the_name_of_an_action_is_not_looked_at_on_save(world: World) -> None:
    for name, action in (("hyphen", "service-prefix:action-name"), ("blank", "iam:no such action")):
        world.iam.create_policy(PolicyName=f"odd-{name}", PolicyDocument=_identity(Action=action))


def test_a_second_provider_of_an_issuer_is_refused(world: World) -> None:
    url = "https://twice.example.com"
    world.iam.create_open_id_connect_provider(Url=url, ClientIDList=[], ThumbprintList=[])
    found = refusal(world.iam.create_open_id_connect_provider, Url=url, ClientIDList=[], ThumbprintList=[])
    assert (found.code, found.status) == ("EntityAlreadyExists", 409)
    assert found.message == f"Provider with url {url} already exists."
