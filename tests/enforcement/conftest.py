"""An enforced moto with a clock that tests move, and short ways to make what scenarios need."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from rolecall.targets.moto import EnforcedMoto, enforcing_moto

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import boto3

HOME = "111122223333"
OTHER = "444455556666"
STRANGE = "999988887777"


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass
class World:
    """The environment of a test, its root clients, and makers of users and roles."""

    aws: EnforcedMoto
    clock: Clock

    def __post_init__(self) -> None:
        self.root = self.aws.root_session()
        self.iam = self.root.client("iam")

    def iam_of(self, account: str) -> Any:
        return self.iam if account == HOME else self.aws.root_session(account).client("iam")

    def user(self, name: str, *statements: dict[str, Any], account: str = HOME) -> boto3.Session:
        """A session of a new user with these statements as its inline policy."""
        iam = self.iam_of(account)
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=document(*statements))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return self.aws.session(key["AccessKeyId"], key["SecretAccessKey"])

    def role(
        self,
        name: str,
        trust: dict[str, Any] | list[dict[str, Any]],
        *statements: dict[str, Any],
        account: str = HOME,
        **more: Any,
    ) -> str:
        """The ARN of a new role. ``trust`` is one statement or several."""
        iam = self.iam_of(account)
        statements_of_trust = trust if isinstance(trust, list) else [trust]
        arn: str = iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=document(*statements_of_trust), **more
        )["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document(*statements))
        return arn

    def session(self, answer: dict[str, Any]) -> boto3.Session:
        """A session of the credentials in an STS answer."""
        made = answer["Credentials"]
        return self.aws.session(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])

    def assume(self, session: boto3.Session, role: str, name: str = "hop", **more: Any) -> boto3.Session:
        """A session of the role."""
        return self.session(session.client("sts").assume_role(RoleArn=role, RoleSessionName=name, **more))


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, on: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def deny(*actions: str, on: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": list(actions), "Resource": on, **more}


def trusts(principal: Any, *actions: str, **conditions: Any) -> dict[str, Any]:
    """A trust statement. ``principal`` is an AWS principal, or a whole Principal element."""
    element = principal if isinstance(principal, dict) else {"AWS": principal}
    found: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": element,
        "Action": list(actions) or ["sts:AssumeRole"],
    }
    if conditions:
        found["Condition"] = conditions
    return found


@dataclass
class Refusal:
    """An error answer."""

    code: str
    status: int
    message: str


def refusal(call: Callable[..., Any], **params: Any) -> Refusal:
    """What a call was refused with; the test fails if it was not."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    response = caught.value.response
    return Refusal(
        response["Error"]["Code"],
        response["ResponseMetadata"]["HTTPStatusCode"],
        response["Error"]["Message"],
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock: Clock) -> Iterator[World]:
    with enforcing_moto(account_id=HOME, clock=clock) as aws:
        yield World(aws, clock)
