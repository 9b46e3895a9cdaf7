"""A small world for scenarios: users, roles and resources made by root, calls made by others."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.targets.moto import EnforcedMoto

__all__ = ["Refused", "Scenario", "World", "allow", "deny", "policy"]

_numbers = itertools.count(1)


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return _statement("Allow", action, resource, more)


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return _statement("Deny", action, resource, more)


def _statement(effect: str, action: Any, resource: Any, more: dict[str, Any]) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": action, **more}
    if resource is not None:
        statement["Resource"] = resource
    return statement


@dataclass(frozen=True)
class Refused:
    """The documented refusal: code, HTTP status, and words that its message holds."""

    code: str
    status: int
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A situation, what AWS documents for it, and where. ``call`` sets up, then makes the decisive call."""

    id: str
    call: Callable[[World], Any]
    expect: Refused | None
    source: str


@dataclass
class World:
    aws: EnforcedMoto
    root: Any = field(init=False)
    _clients: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = self.aws.root_session()

    @property
    def account(self) -> str:
        return self.aws.account_id

    @property
    def region(self) -> str:
        return self.aws.region

    def admin(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.root.client(service)
        return self._clients[service]

    def name(self, kind: str = "thing") -> str:
        return f"{kind}-{next(_numbers)}"

    def user(self, *statements: dict[str, Any], name: str | None = None, **create: Any) -> User:
        iam = self.admin("iam")
        name = name or self.name("user")
        iam.create_user(UserName=name, **create)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=policy(*statements))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return User(self, name, key["AccessKeyId"], key["SecretAccessKey"])

    def role(self, *statements: dict[str, Any], trust: Any = None, **create: Any) -> str:
        iam = self.admin("iam")
        name = self.name("role")
        trust = trust or {"AWS": self.account}
        document = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trust})
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, **create)["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=policy(*statements))
        return arn

    def session(self, *statements: dict[str, Any], role_policy: tuple[dict[str, Any], ...] = ()) -> Any:
        """A session of a role with those permissions; ``statements`` are its session policy."""
        user = self.user(allow("sts:AssumeRole"))
        extra = {"Policy": policy(*statements)} if statements else {}
        made = user.client("sts").assume_role(
            RoleArn=self.role(*role_policy), RoleSessionName="session", **extra
        )["Credentials"]
        return self.of_answer(made)

    def of_answer(self, made: dict[str, Any]) -> Any:
        """A session of the ``Credentials`` in an answer of STS."""
        return self.credential(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])

    def credential(self, key: str | None, secret: str | None, token: str | None = None) -> Any:
        """What makes the clients of a caller."""
        return self.aws.session(key, secret, token)

    def managed(self, *statements: dict[str, Any]) -> str:
        arn: str = self.admin("iam").create_policy(
            PolicyName=self.name("policy"), PolicyDocument=policy(*statements)
        )["Policy"]["Arn"]
        return arn

    def bucket(self, *statements: dict[str, Any], key: str | None = "x") -> str:
        s3, name = self.admin("s3"), self.name("bucket")
        s3.create_bucket(Bucket=name)
        if statements:
            filled = json.loads(policy(*statements).replace("BUCKET", name))
            s3.put_bucket_policy(Bucket=name, Policy=json.dumps(filled))
        if key:
            s3.put_object(Bucket=name, Key=key, Body=b"content")
        return name

    def table(self) -> str:
        name = self.name("table")
        self.admin("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        return name

    def instance(self, **tags: str) -> str:
        specification = [
            {"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}
        ]
        made = self.admin("ec2").run_instances(
            ImageId="ami-12345678",
            MinCount=1,
            MaxCount=1,
            InstanceType="t2.micro",
            **({"TagSpecifications": specification} if tags else {}),
        )
        identifier: str = made["Instances"][0]["InstanceId"]
        return identifier


@dataclass
class User:
    world: World
    name: str
    key: str
    secret: str

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.world.account}:user/{self.name}"

    def client(self, service: str, **options: Any) -> Any:
        return self.world.credential(self.key, self.secret).client(service, **options)
