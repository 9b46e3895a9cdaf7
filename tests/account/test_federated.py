"""Federated hops where no token can be had: the engine decides alone, at once, and the words say so."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from rolecall.chains import load_chain
from rolecall.verdicts import Status
from tests.account.conftest import ACCOUNT, ROOT, Served
from tests.account.targets import Clock, make_target, make_workshop
from tests.account.test_sessions import run, suite
from tests.faults.proxy import proxy

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["suite"]

GITHUB = load_chain(ROOT / "policies" / "github-actions")
URL = "https://token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"


def test_no_call_is_made_and_nobody_waits_and_the_reason_says_so(served: Served, tmp_path: Path) -> None:
    clock = Clock()
    with proxy(served.url, lambda call, forward: forward()) as through:
        target = make_target(through.url, served.credential, tmp_path, "federated-1", clock=clock)
        shop = make_workshop(target)
        for one in GITHUB.expectations:
            verdict = shop.verify(GITHUB, one)
            assert verdict.status is Status.PASSED, f"{one.id}: {verdict.reason}"
            assert not verdict.observation.calls
            assert "decided by the engine alone" in verdict.reason
        assert shop.close() == ()
        assert not [call for call in through.calls if call.operation.startswith("AssumeRoleWith")]
    assert clock.now < 5


def test_somebody_elses_provider_of_that_url_is_used_and_stays_as_it_is(served: Served, suite: Path) -> None:
    for name in ("github-actions", "runner"):
        shutil.copytree(ROOT / "policies" / name, suite / "policies" / name)
    iam = served.clients[0]
    tags = [{"Key": "owner", "Value": "the pipeline"}]
    iam.create_open_id_connect_provider(Url=URL, ClientIDList=["theirs"], Tags=tags)
    try:
        code, output = run(served, suite)
        held = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)
    finally:
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)
    assert code == 0, output
    assert (held["ClientIDList"], held["Tags"]) == (["theirs"], tags)
    chains = json.loads((suite / "reports" / "evidence.json").read_text())["chains"]
    reasons = {one["id"]: one["reason"] for chain in chains for one in chain["expectations"]}
    assert "only github itself can sign a token that endpoint takes" in reasons["main-branch-deploys"]
    assert "only github itself can sign a token" in reasons["touches-nobody-elses-role"]
    assert list((suite / "reports").glob("*.ledger.jsonl")) == []
