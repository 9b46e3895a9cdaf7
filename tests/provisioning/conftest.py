from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from rolecall.provisioning import Connections

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connections]:
    """Connections into a plain moto; the account is moto's own or the one of the access key's header."""
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    with mock_aws(config={"iam": {"load_aws_managed_policies": False}}):

        def session(account: str) -> boto3.Session:
            monkeypatch.setenv("MOTO_ACCOUNT_ID", account)
            return boto3.Session("AKIAIOSFODNN7EXAMPLE", "not-a-secret", region_name="us-east-1")

        yield Connections(session)
