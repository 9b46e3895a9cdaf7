"""Plan, provision and tear down, with real boto3 against plain moto."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from rolecall.chains import (
    Chain,
    Document,
    Group,
    OidcProvider,
    PolicyDocument,
    Resource,
    Role,
    SamlProvider,
    User,
    document,
    load_chain,
)
from rolecall.provisioning import (
    FileLedger,
    Marks,
    MemoryLedger,
    ProvisioningFailed,
    Secret,
    State,
    plan,
    provision,
    tear_down,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.provisioning import Connections

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
ALLOW = document(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}},
    name="allow.json",
)
RUN = Marks("/rolecall/r1/", {"rolecall:run": "r1"})


def trust(*principals: str) -> Document:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": list(principals)}}
    return document({"Version": "2012-10-17", "Statement": statement}, name="trust.json")


def full_chain(path: str = "/") -> Chain:
    """Every kind of thing that can be provisioned, in one account."""
    arn = f"arn:aws:iam::{ACCOUNT}"
    bucket_policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": f"{arn}:role{path}second"},
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::data-1/*",
        },
    }
    return Chain(
        "full",
        {"home": ACCOUNT},
        policies={"allow": PolicyDocument("allow", ALLOW, "home", path=path, tags={"a": "b"})},
        groups={"devs": Group("devs", "home", path=path, policies=("allow",), inline={"extra": ALLOW})},
        users={
            "alice": User(
                "alice",
                "home",
                path=path,
                policies=("allow",),
                inline={"own": ALLOW},
                groups=("devs",),
                boundary="allow",
                access_key=True,
                mfa=True,
                tags={"team": "blue"},
            )
        },
        roles={
            # second is declared before first, which it trusts
            "second": Role("second", "home", trust(f"{arn}:role{path}first"), path=path, policies=("allow",)),
            "first": Role(
                "first",
                "home",
                trust(f"{arn}:user{path}alice"),
                path=path,
                max_session_duration=7200,
                boundary="allow",
            ),
        },
        providers={
            "github": OidcProvider(
                "github", "home", "https://token.actions.githubusercontent.com", ("sts",), ("a" * 40,)
            ),
            "corp": SamlProvider("corp", "home", "<x>" + "m" * 1100 + "</x>"),
        },
        resources=(
            Resource("ec2_instance", "web", "home", {"type": "t2.micro"}),
            Resource("s3_bucket", "data-1", "home", {"objects": {"a.txt": "hello"}}, document(bucket_policy)),
            Resource("sqs_queue", "jobs", "home"),
            Resource("sns_topic", "alerts", "home"),
            Resource("dynamodb_table", "orders", "home"),
            Resource("secret", "app/db", "home", {"value": "hidden-value"}),
            Resource("ssm_parameter", "/app/flag", "home", {"value": "hidden-value"}),
            Resource("kms_key", "app", "home"),
            Resource("log_group", "/app/web", "home"),
        ),
    )


def inventory(aws: Connections) -> dict[str, int]:
    """How many of each kind exist."""

    def client(service: str) -> Any:
        return aws.client(ACCOUNT, service, "us-east-1")

    iam = client("iam")
    states = [
        item["State"]["Name"]
        for group in client("ec2").describe_instances()["Reservations"]
        for item in group["Instances"]
    ]
    keys = [client("kms").describe_key(KeyId=key["KeyId"]) for key in client("kms").list_keys()["Keys"]]
    return {
        "users": len(iam.list_users()["Users"]),
        "groups": len(iam.list_groups()["Groups"]),
        "roles": len(iam.list_roles()["Roles"]),
        "policies": len(iam.list_policies(Scope="Local")["Policies"]),
        "devices": len(iam.list_virtual_mfa_devices()["VirtualMFADevices"]),
        "oidc": len(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]),
        "saml": len(iam.list_saml_providers()["SAMLProviderList"]),
        "instances": states.count("running"),
        "buckets": len(client("s3").list_buckets()["Buckets"]),
        "queues": len(client("sqs").list_queues().get("QueueUrls", [])),
        "topics": len(client("sns").list_topics()["Topics"]),
        "tables": len(client("dynamodb").list_tables()["TableNames"]),
        "secrets": len(client("secretsmanager").list_secrets()["SecretList"]),
        "parameters": len(client("ssm").describe_parameters()["Parameters"]),
        "keys": sum(key["KeyMetadata"]["KeyState"] == "Enabled" for key in keys),
        "groups of logs": len(client("logs").describe_log_groups()["logGroups"]),
    }


def test_the_base_chain_is_planned_as_the_tutorial_does_it() -> None:
    chain = load_chain(ROOT / "policies" / "assume-role")
    steps = plan(chain)
    assert [step.id for step in steps] == [
        "create-policy assume-role-policy",
        "create-user assume-role-user",
        "create-access-key assume-role-user",
        "attach-user-policy assume-role-user assume-role-policy",
        "create-role assume-role-role",
        "attach-role-policy assume-role-role arn:aws:iam::aws:policy/AmazonEC2FullAccess",
        "run-instances ec2_instance-0",
    ]
    text = (ROOT / "policies/assume-role/assume-role-trust-relationship.json").read_text()
    assert steps[4].params == {"RoleName": "assume-role-role", "AssumeRolePolicyDocument": text}


def test_everything_is_created_and_everything_is_removed(aws: Connections) -> None:
    ledger = MemoryLedger()
    before = inventory(aws)
    chain = full_chain()
    provisioned = provision(chain, plan(chain), aws, ledger=ledger)
    assert {name: count - before[name] for name, count in inventory(aws).items()} == {
        **dict.fromkeys(before, 1),
        "roles": 2,
    }
    assert all(200 <= result.http_status < 300 for result in provisioned.results)
    assert len({result.step for result in provisioned.results}) == len(provisioned.results)
    result = tear_down(ledger, aws)
    assert result.clean
    assert len(result.removed) == 17
    assert inventory(aws) == before
    assert {entry.state for entry in ledger.entries()} == {State.GONE}
    again = tear_down(ledger, aws)
    assert again.removed == again.left == ()


def test_roles_follow_the_roles_that_they_trust() -> None:
    ids = [step.id for step in plan(full_chain())]
    assert ids.index("create-role first") < ids.index("create-role second")


def test_roles_that_trust_each_other_end_with_their_own_trust(
    aws: Connections,
) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/"
    roles = {
        "a": Role("a", "home", trust(arn + "b")),
        "b": Role("b", "home", trust(f"arn:aws:sts::{ACCOUNT}:assumed-role/a/session")),
        "self": Role("self", "home", trust(arn + "self", f"arn:aws:iam::{ACCOUNT}:user/walker")),
    }
    walker = User("walker", "home", access_key=True)
    chain = Chain("ring", {"home": ACCOUNT}, users={"walker": walker}, roles=roles)
    steps = plan(chain)
    known: set[str] = set()
    for step in steps:
        if step.operation == "CreateRole":
            text = step.params["AssumeRolePolicyDocument"]
            assert not [n for n in roles if f"/{n}" in text and n not in known], step.id
            known.add(step.about)
    late = [step for step in steps if step.operation == "UpdateAssumeRolePolicy"]
    early = tuple(step for step in steps if step not in late)
    key = provision(chain, early, aws, ledger=MemoryLedger()).credentials["walker"]
    iam = aws.client(ACCOUNT, "iam", "us-east-1")
    sts = boto3.client(
        "sts", "us-east-1", aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret_access_key.reveal(),
    )  # fmt: skip
    with pytest.raises(sts.exceptions.ClientError, match="AccessDenied") as refused:
        sts.assume_role(RoleArn=f"{arn}self", RoleSessionName="too-early")
    assert "explicit deny" not in str(refused.value), "that would count at once, whatever the trust will say"
    provision(chain, tuple(late), aws, ledger=MemoryLedger())
    for role in roles.values():
        kept = iam.get_role(RoleName=role.name)["Role"]["AssumeRolePolicyDocument"]
        assert kept == json.loads(role.trust.text)


def test_no_secret_is_in_evidence_ledger_or_repr(aws: Connections) -> None:
    ledger = MemoryLedger()
    chain = full_chain()
    provisioned = provision(chain, plan(chain), aws, ledger=ledger)
    secret = provisioned.credentials["alice"].secret_access_key.reveal()
    seed = provisioned.mfa_devices["alice"].seed.reveal()
    assert len(secret) >= 40
    assert len(seed) > 20
    shown = repr((provisioned.results, provisioned.credentials, provisioned.mfa_devices, ledger.entries()))
    for hidden in (secret, seed, "hidden-value"):
        assert hidden not in shown
    assert provisioned.answer("create-access-key alice")["AccessKey"]["AccessKeyId"].startswith("AKIA")


def test_a_secret_prints_as_dots_and_cannot_be_pickled() -> None:
    import pickle

    secret = Secret("swordfish")
    assert f"{secret} {secret!r}" == "Secret(•••) Secret(•••)"
    with pytest.raises(TypeError, match="not written anywhere"):
        pickle.dumps(secret)


def test_codes_are_those_of_the_rfc() -> None:
    import base64

    from rolecall.provisioning import MfaDevice

    device = MfaDevice("arn", Secret(base64.b32encode(b"12345678901234567890").decode()))
    assert device.code(59) == "287082"  # RFC 6238, appendix B, of eight digits the last six
    assert device.code(1111111109) == "081804"
    assert device.code(1111111109, 1) == device.code(1111111139)


def test_every_tag_and_the_boundary_of_the_run_are_put_on_what_can_bear_them() -> None:
    for step in plan(full_chain(RUN.path), marks=RUN, boundary_arn="arn:aws:iam::aws:policy/Edge"):
        if step.creates is None:
            continue
        text = json.dumps(dict(step.params), default=str)
        if step.creates.kind not in ("group", "s3_bucket"):
            assert "rolecall:run" in text, step.id
        assert step.creates.path == (RUN.path if "Path" in step.params else "")
        if step.operation in ("CreateRole", "CreateUser"):
            assert step.params["PermissionsBoundary"]


def test_a_refused_call_stops_and_says_which_and_what_exists_is_torn_down(aws: Connections) -> None:
    chain = replace(full_chain(RUN.path), providers={})  # moto keeps no tags of SAML providers
    ledger = MemoryLedger()
    steps = plan(chain, marks=RUN)
    none = {"PolicyArn": "arn:aws:iam::aws:policy/None"}
    broken = [
        replace(step, params={**step.params, **none})
        if step.id == "attach-role-policy second allow"
        else step
        for step in steps
    ]
    before = inventory(aws)
    with pytest.raises(ProvisioningFailed, match=r"second allow failed .*NoSuchEntity") as caught:
        provision(chain, tuple(broken), aws, ledger=ledger)
    assert caught.value.results[-1].error == "NoSuchEntity"
    assert caught.value.exit_code == 3
    assert tear_down(ledger, aws).clean
    assert inventory(aws) == before


def test_somebody_elses_object_of_the_same_name_is_left_alone(aws: Connections) -> None:
    iam = aws.client(ACCOUNT, "iam", "us-east-1")
    iam.create_user(UserName="alice")
    chain = replace(full_chain(RUN.path), providers={})
    ledger = MemoryLedger()
    with pytest.raises(ProvisioningFailed, match="EntityAlreadyExists"):
        provision(chain, plan(chain, marks=RUN), aws, ledger=ledger)
    assert tear_down(ledger, aws).clean
    assert iam.get_user(UserName="alice")["User"]["Path"] == "/"


@pytest.mark.parametrize("taken", ["alice", None])
def test_an_open_intent_is_removed_only_where_path_and_tag_are_ours(
    aws: Connections, taken: str | None
) -> None:
    iam = aws.client(ACCOUNT, "iam", "us-east-1")
    chain = full_chain(RUN.path)
    step = next(s for s in plan(chain, marks=RUN) if s.operation == "CreateUser")
    assert step.creates is not None
    ledger = MemoryLedger()
    ledger.intend(step.creates)
    if taken:
        iam.create_user(UserName=taken, Path=RUN.path)  # the path of the run, but not its tag
    else:
        iam.create_user(UserName="alice", Path=RUN.path, Tags=step.params["Tags"])
    result = tear_down(ledger, aws)
    assert result.clean
    assert bool(result.foreign) is bool(taken)
    assert bool(iam.list_users()["Users"]) is bool(taken)


def test_an_intent_without_marks_proves_nothing(aws: Connections) -> None:
    iam = aws.client(ACCOUNT, "iam", "us-east-1")
    ledger = MemoryLedger()
    step = next(s for s in plan(full_chain()) if s.operation == "CreateUser")
    assert step.creates is not None
    ledger.intend(step.creates)
    iam.create_user(UserName="alice")
    assert len(tear_down(ledger, aws).foreign) == 1
    assert iam.list_users()["Users"]


def test_nothing_outside_of_the_path_is_touched_whatever_the_ledger_says(aws: Connections) -> None:
    iam = aws.client(ACCOUNT, "iam", "us-east-1")
    chain = full_chain()
    ledger = MemoryLedger()
    provision(chain, plan(chain), aws, ledger=ledger)
    result = tear_down(ledger, aws, within=RUN)
    assert result.removed == ()
    assert len(result.left) == 17
    assert iam.list_users()["Users"]


def test_what_lost_its_marks_is_not_touched_but_named(aws: Connections) -> None:
    iam = aws.client(ACCOUNT, "iam", "us-east-1")
    chain = replace(full_chain(RUN.path), providers={}, resources=())
    ledger = MemoryLedger()
    provision(chain, plan(chain, marks=RUN), aws, ledger=ledger)
    iam.untag_role(RoleName="first", TagKeys=["rolecall:run"])
    result = tear_down(ledger, aws)
    assert not result.clean
    assert "role first" in str(result.left[0])
    assert "not touched" in str(result.left[0])
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["first"]


def test_what_exists_already_and_is_ours_is_adopted(aws: Connections) -> None:
    chain = full_chain(RUN.path)
    steps = tuple(
        s for s in plan(chain, marks=RUN) if s.operation in ("CreatePolicy", "CreateUser", "CreateRole")
    )
    provision(chain, steps, aws, ledger=MemoryLedger())
    ledger = MemoryLedger()
    again = provision(chain, steps, aws, ledger=ledger)
    assert [result.adopted for result in again.results] == [True, True, True, True]
    assert tear_down(ledger, aws).clean
    assert not aws.client(ACCOUNT, "iam", "us-east-1").list_roles()["Roles"]


def test_a_policy_that_others_use_stays_and_is_named_and_the_rest_goes(aws: Connections) -> None:
    iam = aws.client(ACCOUNT, "iam", "us-east-1")
    chain = full_chain()
    ledger = MemoryLedger()
    provision(chain, plan(chain), aws, ledger=ledger)
    iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=trust(ACCOUNT).text)
    arn = chain.policy_arn("allow")
    iam.attach_role_policy(RoleName="theirs", PolicyArn=arn)
    result = tear_down(ledger, aws)
    assert [str(left) for left in result.left] == [
        f"policy {arn} in account {ACCOUNT}: is in use by role theirs, which this run did not make"
    ]
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["theirs"]
    iam.detach_role_policy(RoleName="theirs", PolicyArn=arn)
    assert tear_down(ledger, aws).clean


def test_what_somebody_attached_to_our_role_is_detached_and_lives_on(aws: Connections) -> None:
    iam = aws.client(ACCOUNT, "iam", "us-east-1")
    chain = full_chain()
    ledger = MemoryLedger()
    provision(chain, plan(chain), aws, ledger=ledger)
    theirs = iam.create_policy(PolicyName="theirs", PolicyDocument=ALLOW.text)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="first", PolicyArn=theirs)
    iam.create_access_key(UserName="alice")
    iam.create_policy_version(PolicyArn=chain.policy_arn("allow"), PolicyDocument=ALLOW.text)
    assert tear_down(ledger, aws).clean
    assert [p["Arn"] for p in iam.list_policies(Scope="Local")["Policies"]] == [theirs]


def refusing(aws: Connections, operation: str, code: str, times: int) -> list[str]:
    """Answers a call with an error some times, as AWS would; the rest goes through to moto."""
    from botocore.awsrequest import AWSResponse

    refused: list[str] = []

    class Raw:
        def __init__(self, body: bytes) -> None:
            self.body = body

        def stream(self, **_: Any) -> list[bytes]:
            return [self.body]

    def refuse(request: Any, **_: Any) -> AWSResponse | None:
        body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
        if f"Action={operation}&" not in body or len(refused) >= times:
            return None
        refused.append(operation)
        xml = f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
        return AWSResponse(request.url, 409, {}, Raw(xml.encode()))

    aws.client(ACCOUNT, "iam", "us-east-1").meta.events.register_first("before-send.iam", refuse)
    return refused


def test_delete_conflict_is_tried_again_after_listing_anew(aws: Connections) -> None:
    chain = full_chain()
    ledger = MemoryLedger()
    provision(chain, plan(chain), aws, ledger=ledger)
    refused = refusing(aws, "DeleteRole", "DeleteConflict", 4)
    pauses: list[float] = []
    assert tear_down(ledger, aws, pause=pauses.append).clean
    # Twice in each round: at once, and after what is rarer was looked for.
    assert refused == ["DeleteRole"] * 4
    assert pauses == [1.0, 2.0]


def test_what_cannot_be_removed_is_named_and_the_rest_is_removed(aws: Connections) -> None:
    chain = full_chain()
    ledger = MemoryLedger()
    provision(chain, plan(chain), aws, ledger=ledger)
    refusing(aws, "DeleteUser", "AccessDenied", 99)
    result = tear_down(ledger, aws)
    assert next(str(left) for left in result.left) == f"user alice in account {ACCOUNT}: AccessDenied: no"
    assert {left.entry.thing.kind for left in result.left} <= {"user", "policy"}
    assert len(result.removed) + len(result.left) == 17


def _deletions(aws: Connections) -> list[str]:
    calls: list[str] = []

    def note(model: Any, params: Mapping[str, Any], **_: Any) -> None:
        calls.append(model.name)

    aws.client(ACCOUNT, "iam", "us-east-1").meta.events.register("before-call.iam", note)
    return calls


def test_what_aws_would_refuse_with_delete_conflict_is_removed_first(aws: Connections) -> None:
    """moto is laxer than AWS here, so the order itself is asserted (IAM API: DeleteUser, DeletePolicy)."""
    chain = full_chain()
    ledger = MemoryLedger()
    provision(chain, plan(chain), aws, ledger=ledger)
    calls = _deletions(aws)
    tear_down(ledger, aws)
    for first, then in (
        ("DeleteAccessKey", "DeleteUser"),
        ("DeactivateMFADevice", "DeleteVirtualMFADevice"),
        ("DeleteVirtualMFADevice", "DeleteUser"),
        ("DeleteUserPolicy", "DeleteUser"),
        ("DetachUserPolicy", "DeleteUser"),
        ("RemoveUserFromGroup", "DeleteUser"),
        ("DeleteUser", "DeleteGroup"),
        ("DeleteGroupPolicy", "DeleteGroup"),
        ("DetachRolePolicy", "DeleteRole"),
        ("DeleteUser", "DeletePolicy"),
        ("DeleteRole", "DeletePolicy"),
        ("DetachGroupPolicy", "DeletePolicy"),
    ):
        assert calls.index(first) < calls.index(then), (first, then)


class Killed(BaseException):
    """Stands for the end of the process: nothing handles it."""


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
def test_nothing_is_left_wherever_a_run_is_killed(aws: Connections, tmp_path: Path, moment: str) -> None:
    iam = aws.client(ACCOUNT, "iam", "us-east-1")
    iam.create_user(UserName="theirs")
    chain = replace(full_chain(RUN.path), providers={}, resources=())
    steps = plan(chain, marks=RUN)
    before = inventory(aws)
    for last in range(len(steps)):
        calls = 0

        def kill(last: int = last, **_: Any) -> None:
            nonlocal calls
            calls += 1
            if calls > last:
                raise Killed

        path = tmp_path / f"{moment}-{last}.jsonl"
        iam.meta.events.register(f"{moment}.iam", kill)
        with pytest.raises(Killed):
            provision(chain, steps, aws, ledger=FileLedger(path, run="r1"))
        iam.meta.events.unregister(f"{moment}.iam", kill)
        assert tear_down(FileLedger(path, run="r1"), aws, within=RUN).clean
        assert inventory(aws) == before, steps[last].id


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
def test_no_seeded_resource_is_left_wherever_a_run_is_killed(
    aws: Connections, tmp_path: Path, moment: str
) -> None:
    aws.client(ACCOUNT, "s3", "us-east-1").create_bucket(Bucket="rc-0a1b2c3d-somebody-elses")
    seeds = tuple(
        replace(one, name="rc-0a1b2c3d-data", policy=None) if one.kind == "s3_bucket" else one
        for one in full_chain().resources
    )
    chain = Chain("seeds", {"home": ACCOUNT}, resources=seeds)
    steps = plan(chain, marks=RUN)
    before = inventory(aws)
    services = [aws.client(ACCOUNT, service, "us-east-1") for service in {step.service for step in steps}]
    for last in range(len(steps)):
        calls = 0

        def kill(last: int = last, **_: Any) -> None:
            nonlocal calls
            calls += 1
            if calls > last:
                raise Killed

        path = tmp_path / f"{moment}-{last}.jsonl"
        for client in services:
            client.meta.events.register(moment, kill, unique_id="kill")
        with pytest.raises(Killed):
            provision(chain, steps, aws, ledger=FileLedger(path, run="r1"))
        for client in services:
            client.meta.events.unregister(moment, unique_id="kill")
        assert tear_down(FileLedger(path, run="r1"), aws, within=RUN).clean, steps[last].id
        assert inventory(aws) == before, steps[last].id


def test_two_accounts_are_provisioned_each_in_its_own(aws: Connections) -> None:
    chain = Chain(
        "two",
        {"home": ACCOUNT, "prod": "222222222222"},
        users={"alice": User("alice", "home")},
        roles={"deploy": Role("deploy", "prod", trust(ACCOUNT))},
    )
    assert [(step.id, step.account) for step in plan(chain)] == [
        ("create-user alice", ACCOUNT),
        ("create-role deploy", "222222222222"),
    ]
