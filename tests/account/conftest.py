from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rolecall.targets.sessions import SessionMaker

if TYPE_CHECKING:
    from collections.abc import Iterator

    import boto3

ROOT = Path(__file__).parents[2]
ACCOUNT = "111122223333"


@dataclass(frozen=True)
class Served:
    """`rolecall serve` in a process of its own, and its root credential."""

    url: str
    access_key_id: str
    secret_access_key: str

    @property
    def credential(self) -> tuple[str, str, None]:
        return self.access_key_id, self.secret_access_key, None

    @property
    def environment(self) -> dict[str, str]:
        """Variables for a child process: this credential, this checkout, no other setting of AWS."""
        left_out = ("AWS_", "ROLECALL_", "PYTEST_CURRENT", "PYTEST_XDIST")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
        return {
            **kept,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    @cached_property
    def maker(self) -> SessionMaker:
        return SessionMaker(self.url)

    def session(self, region: str = "us-east-1") -> boto3.Session:
        return self.maker.session(*self.credential, region)

    @cached_property
    def clients(self) -> tuple[Any, Any]:
        return self.session().client("iam"), self.session("ap-northeast-2").client("ec2")

    def inventory(self) -> dict[str, frozenset[str]]:
        """Names of what exists: IAM, and instances that are not terminated."""
        iam, ec2 = self.clients

        def names(operation: str, key: str, name: str, **params: Any) -> frozenset[str]:
            pages = iam.get_paginator(operation).paginate(**params)
            return frozenset(item[name] for page in pages for item in page[key])

        groups = ec2.describe_instances()["Reservations"]
        return {
            "users": names("list_users", "Users", "UserName"),
            "roles": names("list_roles", "Roles", "RoleName"),
            "groups": names("list_groups", "Groups", "GroupName"),
            "policies": names("list_policies", "Policies", "PolicyName", Scope="Local"),
            "devices": names("list_virtual_mfa_devices", "VirtualMFADevices", "SerialNumber"),
            "instances": frozenset(
                i["InstanceId"] for g in groups for i in g["Instances"] if i["State"]["Name"] == "running"
            ),
        }


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "ROLECALL_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "rolecall", "serve", "--account-id", ACCOUNT],
        stdout=subprocess.PIPE,
        text=True,
        env={**environment, "PYTHONPATH": str(ROOT / "src")},
    )
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    try:
        yield Served(ready["endpoint_url"], ready["access_key_id"], ready["secret_access_key"])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        process.stdout.close()


@pytest.fixture
def others(served: Served) -> Iterator[dict[str, frozenset[str]]]:
    """Things of somebody else, also under the path, with the inventory that must be found in the end."""
    iam = served.session().client("iam")
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"},
        }
    )
    allow = json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    )
    iam.create_role(RoleName="somebody-elses", AssumeRolePolicyDocument=trust)
    # Under our path, but without our tag: it is not ours either.
    iam.create_role(RoleName="under-the-path", Path="/rolecall/other/", AssumeRolePolicyDocument=trust)
    iam.create_group(GroupName="under-the-path-too", Path="/rolecall/other/")
    tags = [{"Key": "rolecall:created-by", "Value": "rolecall"}]
    # With our tag, but not under our path.
    iam.create_user(UserName="tagged-alike", Tags=tags)
    arn = iam.create_policy(PolicyName="theirs", PolicyDocument=allow)["Policy"]["Arn"]
    yield served.inventory()
    iam.delete_policy(PolicyArn=arn)
    iam.delete_user(UserName="tagged-alike")
    iam.delete_group(GroupName="under-the-path-too")
    iam.delete_role(RoleName="under-the-path")
    iam.delete_role(RoleName="somebody-elses")
