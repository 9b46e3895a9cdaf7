from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall.provisioning import Connections
from rolecall.targets.moto import enforcing_moto

if TYPE_CHECKING:
    from collections.abc import Iterator

    import boto3


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    """The root user of an enforcing moto, which refuses what AWS refuses and is empty at each start."""
    with enforcing_moto(account_id="123456789012") as aws:
        yield aws.root_session()


@pytest.fixture
def aws(session: boto3.Session) -> Connections:
    """Connections into it."""
    return Connections(lambda _: session)
