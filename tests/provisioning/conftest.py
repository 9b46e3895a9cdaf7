from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from rolecall.provisioning import Connections

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """One session for all tests: a session reads its service models anew."""
    return boto3.Session("AKIAIOSFODNN7EXAMPLE", "not-a-secret", region_name="us-east-1")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, session: boto3.Session) -> Iterator[Connections]:
    """Connections into a plain moto, which is empty at the start of each test."""
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    with mock_aws(config={"iam": {"load_aws_managed_policies": False}}):
        yield Connections(lambda _: session)
