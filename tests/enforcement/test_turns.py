"""moto's state is plain dictionaries: calls that come at once are carried out one after the other."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

import boto3
import pytest

from rolecall.targets.moto import EnforcedMoto, enforcing_moto
from rolecall.targets.server import enforcing_server

TRUST = (
    '{"Version": "2012-10-17", "Statement": '
    '{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}'
)
Start = Callable[[], AbstractContextManager[EnforcedMoto]]


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads change after every few instructions."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.fixture(params=[enforcing_moto, enforcing_server], ids=["in process", "over http"])
def aws(request: pytest.FixtureRequest) -> Iterator[EnforcedMoto]:
    start: Start = request.param
    with start() as running:
        yield running


def session(aws: EnforcedMoto) -> boto3.Session:
    return aws.root_session()


@pytest.mark.usefixtures("restless")
def test_roles_can_be_made_removed_and_read_at_once(aws: EnforcedMoto) -> None:
    iam = session(aws).client("iam")
    for number in range(60):
        iam.create_role(RoleName=f"standing{number}", AssumeRolePolicyDocument=TRUST)
    failed: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            for number in range(12):
                name = f"passing{worker}-{number}"
                iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
                iam.get_role(RoleName="standing59")
                iam.delete_role(RoleName=name)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(iam.list_roles(MaxItems=1000)["Roles"]) == 60


def test_who_waits_for_a_message_keeps_nobody_from_sending_it(aws: EnforcedMoto) -> None:
    sqs = session(aws).client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(sqs.receive_message, QueueUrl=url, WaitTimeSeconds=4)
        time.sleep(0.1)
        sqs.send_message(QueueUrl=url, MessageBody="here")
        found: dict[str, Any] = waiting.result(timeout=30)
    assert [message["Body"] for message in found["Messages"]] == ["here"]
