"""Web pages and broken text where an answer of AWS should be: told or asked again, never a verdict."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from rolecall.chains import load_chain
from rolecall.probes import Seen
from rolecall.targets.unreadable import UnreadableAnswer
from rolecall.verdicts import Status
from tests.account.conftest import Served
from tests.account.targets import ROOT, make_target, make_workshop
from tests.account.test_sessions import run, suite
from tests.faults.proxy import Call, Forward, Reply, proxy

__all__ = ["suite"]

BASE = replace(load_chain(ROOT / "policies" / "assume-role"), resources=())
PAGE = b"<!doctype html>\n<html lang=en><title>502 Bad Gateway</title><br></html>"
TORN = b"<ListUsersResponse><ListUsersResult><Users>"
CALLS = [("iam", "list_users"), ("ec2", "describe_instances"), ("s3", "list_buckets"), ("kms", "list_keys"),
         ("lambda", "list_functions")]  # fmt: skip


@pytest.mark.parametrize(("service", "operation"), CALLS)
@pytest.mark.parametrize(("status", "attempts"), [(200, 1), (404, 1), (502, 9)])
def test_a_web_page_is_no_answer_whatever_its_status(
    served: Served, tmp_path: Path, service: str, operation: str, status: int, attempts: int
) -> None:
    with proxy(served.url, lambda *_: Reply(status, PAGE, {"Content-Type": "text/html"})) as through:
        target = make_target(through.url, served.credential, tmp_path, "page")
        ask = getattr(target.session(*served.credential, "us-east-1").client(service), operation)
        with pytest.raises((UnreadableAnswer, ClientError)) as told:
            ask()
        if (service, status) == ("s3", 200):
            attempts = 9  # botocore itself takes a 200 of S3 that is no XML for a 500
        elif status == 200:
            assert isinstance(told.value, UnreadableAnswer)
        else:
            assert f"({status})" in str(told.value)
        assert len(through.calls) == attempts


def test_a_text_that_ends_too_early_is_no_answer(served: Served, tmp_path: Path) -> None:
    with proxy(served.url, lambda *_: Reply(200, TORN, {"Content-Type": "text/xml"})) as through:
        target = make_target(through.url, served.credential, tmp_path, "torn")
        with pytest.raises(UnreadableAnswer):
            target.session(*served.credential, "us-east-1").client("iam").list_users()


@pytest.mark.parametrize("status", [200, 403, 500])
def test_web_pages_between_answers_change_no_verdict_and_leave_nothing(
    served: Served, tmp_path: Path, status: int
) -> None:
    before = served.inventory()

    def gateway(call: Call, forward: Forward) -> Reply:
        # Of the chain's own calls every fifth, and the simulator's always.
        own = call.key_id not in ("", served.access_key_id)
        if call.operation == "SimulatePrincipalPolicy" or (own and call.number % 5 == 0):
            return Reply(status, PAGE, {"Content-Type": "text/html"})
        return forward()

    with proxy(served.url, gateway) as through:
        shop = make_workshop(make_target(through.url, served.credential, tmp_path, f"pages-{status}"))
        found = [shop.verify(BASE, one) for one in BASE.expectations]
        assert shop.close() == ()
    assert [(one.expectation.id, one.status) for one in found] == [
        (one.id, Status.PASSED) for one in BASE.expectations
    ]
    seen = {o.answer.seen for one in found for o in one.observation.calls}
    assert seen <= {Seen.ALLOWED, Seen.DENIED}
    assert served.inventory() == before


def test_an_address_of_something_else_is_told_without_a_traceback(
    served: Served, suite: Path, tmp_path: Path
) -> None:
    with proxy(served.url, lambda *_: Reply(200, PAGE, {"Content-Type": "text/html"})) as through:
        code, output = run(served, suite, url=through.url)
        swept = subprocess.run(
            [sys.executable, "-m", "rolecall", "sweep", "--aws-endpoint-url", through.url],
            env=served.environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert code == 1
    assert "does something else listen there?" in output
    assert "Traceback" not in output + swept.stderr
    assert "ResponseParserError" not in output + swept.stderr
    assert (swept.returncode, swept.stdout) == (3, "")
    assert len(swept.stderr.splitlines()) == 1
