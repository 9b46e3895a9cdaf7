"""Many callers at once in one process: each gets the verdict of its own policies."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rolecall.targets.moto import EnforcedMoto, enforcing_moto

CALLERS = 16


def _callers(aws: EnforcedMoto) -> list[Any]:
    """Sixteen users, each of whom may read the object of its own number only."""
    root = aws.root_session()
    iam, s3 = root.client("iam"), root.client("s3")
    s3.create_bucket(Bucket="shared")
    found = []
    for number in range(CALLERS):
        name = f"u{number}"
        s3.put_object(Bucket="shared", Key=name, Body=name.encode())
        resource = f"arn:aws:s3:::shared/{name}"
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        found.append(aws.session(key["AccessKeyId"], key["SecretAccessKey"]).client("s3"))
    return found


def _read(client: Any, number: int) -> str:
    try:
        body: bytes = client.get_object(Bucket="shared", Key=f"u{number}")["Body"].read()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return body.decode()


def _wanted(caller: int, number: int) -> str:
    return f"u{number}" if caller == number else "AccessDenied"


def test_sixteen_threads_get_the_verdicts_of_their_own_policies() -> None:
    with enforcing_moto() as aws:
        clients, start = _callers(aws), threading.Barrier(CALLERS)
        seen: list[tuple[int, int, str]] = []

        def call(caller: int) -> None:
            start.wait()
            for step in range(CALLERS):
                number = (caller + step) % CALLERS
                seen.append((caller, number, _read(clients[caller], number)))

        threads = [threading.Thread(target=call, args=(caller,)) for caller in range(CALLERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(seen) == CALLERS**2
    assert [row for row in seen if row[2] != _wanted(*row[:2])] == []


def test_tasks_of_an_event_loop_do_not_mix() -> None:
    async def main(clients: list[Any]) -> list[str]:
        calls = [(caller, number) for caller in range(4) for number in range(4)]
        done = await asyncio.gather(*(asyncio.to_thread(_read, clients[c], n) for c, n in calls))
        return [f"{c} {n} {found}" for (c, n), found in zip(calls, done, strict=True)]

    # In a thread of its own: a loop may be running in this one, Playwright's for one.
    with enforcing_moto() as aws, ThreadPoolExecutor(1) as alone:
        seen = alone.submit(lambda: asyncio.run(main(_callers(aws)))).result()
    assert seen == [f"{c} {n} {_wanted(c, n)}" for c in range(4) for n in range(4)]


@pytest.fixture
def outer() -> Iterator[EnforcedMoto]:
    with enforcing_moto(account_id="111111111111") as aws:
        yield aws


@pytest.fixture
def inner(outer: EnforcedMoto) -> Iterator[EnforcedMoto]:
    with enforcing_moto(account_id="222222222222") as aws:
        yield aws


def test_fixtures_nest_and_threads_know_whose_key_it_is(outer: EnforcedMoto, inner: EnforcedMoto) -> None:
    seen: list[tuple[str, str]] = []

    def call(aws: EnforcedMoto) -> None:
        for _ in range(5):
            account = aws.root_session().client("sts").get_caller_identity()["Account"]
            seen.append((aws.account_id, account))

    threads = [threading.Thread(target=call, args=((outer, inner)[number % 2],)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 40
    assert all(wanted == found for wanted, found in seen)
