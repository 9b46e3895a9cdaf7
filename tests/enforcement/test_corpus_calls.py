"""The corpus rows that only an enforcing target can show: what STS does besides evaluating policies.

Everybody is allowed every ``sts:`` action by an identity-based policy, so trust policies and STS decide.
Names are prefixed by the row, which lets all rows share an environment.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from rolecall.targets.moto import EnforcedMoto, enforcing_moto
from rolecall.targets.server import enforcing_server
from tests.iam.corpus_cases import enforcement_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import boto3

WAYS = {"in-process": enforcing_moto, "http": enforcing_server}
ACCOUNT = "111122223333"
STS_FOR_ALL = {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}
KNOWN_STEPS = {"assume", "recreate_user", "save_trust_again"}
KNOWN_OPTIONS = {
    "id", "as", "assume", "tags", "transitive", "source_identity", "duration", "session_policy",
    "expect_error", "expect_principal_tags", "expect_resource_tags_in_trust",
}  # fmt: skip


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


@dataclass
class Stage:
    """The users, roles and sessions of one row."""

    aws: EnforcedMoto
    row: Mapping[str, Any]
    sessions: dict[str, boto3.Session] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.iam = self.aws.root_session().client("iam")
        setup = self.row["setup"]
        self.roles: Mapping[str, Any] = setup["roles"]
        for user in setup.get("users", ["user"]):
            self.create_user(user)
        for role in self.roles:
            self.create_role(role)

    def name(self, written: str) -> str:
        return f"{self.row['row']}-{written}"

    def arn(self, written: str) -> str:
        kind = "role" if written in self.roles else "user"
        return f"arn:aws:iam::{ACCOUNT}:{kind}/{self.name(written)}"

    def trust(self, role: str, **conditions: Any) -> str:
        declared = self.roles[role]
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": self.arn(declared["trust"])},
            "Action": declared.get("trust_actions", ["sts:AssumeRole", "sts:TagSession"]),
        }
        return document(statement | ({"Condition": conditions} if conditions else {}))

    def create_user(self, user: str) -> None:
        name = self.name(user)
        self.iam.create_user(UserName=name)
        self.iam.put_user_policy(UserName=name, PolicyName="sts", PolicyDocument=document(STS_FOR_ALL))
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        self.sessions[user] = self.aws.session(key["AccessKeyId"], key["SecretAccessKey"])

    def recreate_user(self, user: str) -> None:
        name = self.name(user)
        for key in self.iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            self.iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        self.iam.delete_user_policy(UserName=name, PolicyName="sts")
        self.iam.delete_user(UserName=name)
        self.create_user(user)

    def create_role(self, role: str) -> None:
        declared, name = self.roles[role], self.name(role)
        self.iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=self.trust(role),
            MaxSessionDuration=declared.get("max_session_duration", 3600),
            Tags=pairs(declared.get("tags", {})),
        )
        self.iam.put_role_policy(RoleName=name, PolicyName="sts", PolicyDocument=document(STS_FOR_ALL))

    def save_trust_again(self, role: str, **conditions: Any) -> None:
        self.iam.update_assume_role_policy(
            RoleName=self.name(role), PolicyDocument=self.trust(role, **conditions)
        )

    def assume(self, call: Mapping[str, Any]) -> dict[str, Any]:
        params: dict[str, Any] = {"RoleArn": self.arn(call["assume"]), "RoleSessionName": "session"}
        if "tags" in call:
            params["Tags"] = pairs(call["tags"])
        for written, parameter in (
            ("transitive", "TransitiveTagKeys"),
            ("source_identity", "SourceIdentity"),
            ("duration", "DurationSeconds"),
        ):
            if written in call:
                params[parameter] = call[written]
        if "session_policy" in call:
            params["Policy"] = document(call["session_policy"])
        answer: dict[str, Any] = self.sessions[call["as"]].client("sts").assume_role(**params)
        made = answer["Credentials"]
        self.sessions[call["assume"]] = self.aws.session(
            made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]
        )
        return answer

    def every_tag(self) -> set[str]:
        passed = (call.get("tags", {}) for call in self.row["calls"])
        return {
            key for tags in (*passed, *(role.get("tags", {}) for role in self.roles.values())) for key in tags
        }

    def exactly(self, tags: Mapping[str, str]) -> dict[str, Any]:
        """A condition that holds for these principal tags and none of the row's others."""
        absent = sorted(self.every_tag() - set(tags))
        return {
            **with_tags("aws:PrincipalTag", tags),
            "Null": {f"aws:PrincipalTag/{tag}": "true" for tag in absent},
        }

    def may_list_users(self, role: str, conditions: Mapping[str, Any]) -> bool:
        statement = {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*", "Condition": conditions}
        self.iam.put_role_policy(
            RoleName=self.name(role), PolicyName="tags", PolicyDocument=document(statement)
        )
        iam = self.sessions[role].client("iam")
        try:
            iam.list_users()
        except iam.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "AccessDenied":
                raise
            return False
        return True


def with_tags(key: str, tags: Mapping[str, str]) -> dict[str, Any]:
    return {"StringEquals": {f"{key}/{tag}": value for tag, value in tags.items()}}


def different(tags: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for key in tags:
        yield {**tags, key: "another"}


@pytest.fixture(scope="module", params=list(WAYS))
def aws(request: pytest.FixtureRequest) -> Iterator[EnforcedMoto]:
    with WAYS[request.param](account_id=ACCOUNT) as running:
        yield running


@pytest.mark.parametrize("row", enforcement_rows(), ids=lambda row: row["row"])
def test_sts_answers_the_calls_of_the_row_as_documented(aws: EnforcedMoto, row: Mapping[str, Any]) -> None:
    stage = Stage(aws, row)
    for call in row["calls"]:
        assert len(KNOWN_STEPS & set(call)) == 1, call
        if "recreate_user" in call:
            stage.recreate_user(call["recreate_user"])
        elif "save_trust_again" in call:
            stage.save_trust_again(call["save_trust_again"])
        else:
            assert set(call) <= KNOWN_OPTIONS, call
            _assume(stage, call)


def _assume(stage: Stage, call: Mapping[str, Any]) -> None:
    role = call["assume"]
    if "expect_error" in call:
        with pytest.raises(ClientError) as caught:
            stage.assume(call)
        if call["expect_error"] != "any":
            assert caught.value.response["Error"]["Code"] == call["expect_error"], call["id"]
        return
    seen_in_trust = call.get("expect_resource_tags_in_trust", {})
    for tags in different(seen_in_trust):
        stage.save_trust_again(role, **with_tags("aws:ResourceTag", tags))
        with pytest.raises(ClientError, match="AccessDenied"):
            stage.assume(call)
    if seen_in_trust:
        stage.save_trust_again(role, **with_tags("aws:ResourceTag", seen_in_trust))
    stage.assume(call)
    tags_of_session = call.get("expect_principal_tags", {})
    if tags_of_session:
        assert stage.may_list_users(role, stage.exactly(tags_of_session)), call["id"]
    for tags in different(tags_of_session):
        assert not stage.may_list_users(role, stage.exactly(tags)), call["id"]
