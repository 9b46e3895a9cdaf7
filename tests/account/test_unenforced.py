"""Endpoints that allow everything, as moto's own server does: nothing passes because of that."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.account.conftest import Served
from tests.account.test_sessions import MANIFEST, run, suite
from tests.faults.proxy import Call, Forward, Reply, proxy, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["suite"]

TOLD = "This endpoint does not enforce IAM"
# Of AWS's managed policies that server has none unless it is told to load them all.
CHAIN = MANIFEST.replace('"arn:aws:iam::aws:policy/AmazonEC2FullAccess"', "see").replace(
    "{assume: assume.json}", "{assume: assume.json, see: see.json}"
)
BROKEN = CHAIN.replace(", policies: [see]", "")


@pytest.fixture(scope="module")
def lax(served: Served) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        env=served.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/moto-api/", timeout=2)  # noqa: S310
                break
            except OSError:
                time.sleep(0.1)
        yield Served(url, "anybody", "anything")
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def lists_policies(suite: Path) -> Path:
    statement = {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}
    (suite / "policies" / "small" / "see.json").write_text(
        json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    return suite


def verdicts(suite: Path) -> dict[str, str]:
    evidence = json.loads((suite / "reports" / "evidence.json").read_text())
    assert evidence["limits"][0].startswith(TOLD)
    assert all(e.get("disagreement", "") == "" for e in evidence["chains"][0]["expectations"])
    return {e["id"]: e["verdict"] for e in evidence["chains"][0]["expectations"] if "auto" not in e["id"]}


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "xdist"])
@pytest.mark.parametrize(
    ("manifest", "sees"), [(CHAIN, "passed"), (BROKEN, "failed")], ids=["kept", "broken"]
)
def test_nothing_passes_because_an_endpoint_lets_everything_through(
    lax: Served, lists_policies: Path, manifest: str, sees: str, workers: tuple[str, ...]
) -> None:
    suite = lists_policies
    (suite / "policies" / "small" / "chain.yaml").write_text(manifest)
    before = lax.inventory()
    started = time.monotonic()
    code, output = run(lax, suite, *workers, "--patience=100")
    assert code == 1, output
    assert verdicts(suite) == {"reaches": "passed", "sees": sees, "not-more": "failed"}
    assert f"! {TOLD}" in output
    assert "engine and target differ" not in output
    assert "Traceback" not in output
    assert TOLD in (suite / "reports" / "index.html").read_text()
    assert f"**{TOLD}" in (suite / "reports" / "summary.md").read_text()
    assert time.monotonic() - started < 60, "there is nothing to wait for"
    assert lax.inventory() == before


def test_one_service_that_does_not_ask_is_no_endpoint_that_enforces_nothing(
    served: Served, suite: Path
) -> None:
    """Where only some services enforce IAM the verdicts follow what they answered."""

    def open_door(call: Call, forward: Forward) -> Reply:
        if call.service == "s3" and call.key_id != served.access_key_id:
            return Reply(200, b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>")
        return forward()

    with proxy(served.url, open_door) as through:
        code, output = run(served, suite, url=through.url)
    assert code == 1
    assert TOLD not in output
    assert "engine and target differ in small/not-more" in output


def test_a_key_that_is_not_known_yet_is_no_sign_of_an_endpoint_that_enforces_nothing(
    served: Served, suite: Path
) -> None:
    asked: list[int] = []

    def late(call: Call, forward: Forward) -> Reply:
        if call.key_id != served.access_key_id and len(asked) < 3:
            asked.append(call.number)
            return refusal(call, 403, "InvalidClientTokenId", "not known")
        return forward()

    with proxy(served.url, late) as through:
        code, output = run(served, suite, url=through.url)
    assert code == 0, output
    assert TOLD not in output
