"""The runner's policy: enough for a run and a sweep, and not for more."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from rolecall.chains import load_chain
from rolecall.cli.runner_policy import runner_policy
from rolecall.targets.ledgers import find_ledgers
from rolecall.targets.sweeping import find_left, sweep_found
from tests.account.conftest import ACCOUNT, ROOT, Served
from tests.account.targets import make_target, make_workshop

BASE = load_chain(ROOT / "policies" / "assume-role")


def test_the_chain_that_is_verified_is_what_is_printed() -> None:
    held = json.loads((ROOT / "policies" / "runner" / "runner-policy.json").read_text())
    printed = subprocess.run(
        [sys.executable, "-m", "rolecall", "runner-policy"], capture_output=True, text=True, timeout=60,
        env={"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert printed.returncode == 0, printed.stderr
    assert json.loads(printed.stdout) == held == runner_policy()
    assert len(json.dumps(held, separators=(",", ":"))) <= 6144


def test_a_boundary_is_asked_of_users_and_roles() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/cap"
    statements = {s["Sid"]: s for s in runner_policy(ACCOUNT, arn)["Statement"]}
    assert statements["CreateWhatIsMarked"]["Action"] == ["iam:CreatePolicy", "iam:CreateVirtualMFADevice"]
    assert statements["CreateWhatIsCapped"]["Action"] == ["iam:CreateRole", "iam:CreateUser"]
    condition = statements["CreateWhatIsCapped"]["Condition"]["StringEquals"]
    assert condition["iam:PermissionsBoundary"] == arn
    assert condition["aws:RequestTag/rolecall:created-by"] == "rolecall"
    assert f"arn:aws:iam::{ACCOUNT}:role/rolecall/*" in statements["WorkUnderThePath"]["Resource"]


def test_a_runner_with_that_policy_runs_and_sweeps_and_can_do_no_more(
    served: Served, tmp_path: Path, others: dict[str, frozenset[str]]
) -> None:
    iam = served.clients[0]
    iam.create_user(UserName="ci-runner")
    arn = iam.create_policy(PolicyName="runner", PolicyDocument=json.dumps(runner_policy(ACCOUNT)))["Policy"][
        "Arn"
    ]
    iam.attach_user_policy(UserName="ci-runner", PolicyArn=arn)
    key = iam.create_access_key(UserName="ci-runner")["AccessKey"]
    credential = key["AccessKeyId"], key["SecretAccessKey"], None
    chain = replace(BASE, resources=())
    try:
        target = make_target(served.url, credential, tmp_path, "runner-1")
        shop = make_workshop(target)
        statuses = [shop.verify(chain, one).status.value for one in chain.expectations]
        assert statuses == ["passed"] * 5
        told: list[str] = []
        found = [one for one in find_left(target, ACCOUNT, "us-east-1", told.append) if one.run == "runner-1"]
        assert len(found) == 3
        assert shop.close() == ()
        assert find_ledgers(tmp_path) == ()
        assert sweep_found(found, target).clean
        mine = served.maker.session(*credential, "us-east-1").client("iam")
        for call in (
            lambda: mine.delete_role(RoleName="somebody-elses"),
            lambda: mine.put_user_policy(UserName="ci-runner", PolicyName="more", PolicyDocument="{}"),
            lambda: mine.create_user(UserName="elsewhere"),
            lambda: mine.create_user(UserName="unmarked", Path="/rolecall/x/"),
        ):
            with pytest.raises(ClientError, match="AccessDenied"):
                call()
    finally:
        iam.delete_access_key(UserName="ci-runner", AccessKeyId=key["AccessKeyId"])
        iam.detach_user_policy(UserName="ci-runner", PolicyArn=arn)
        iam.delete_user(UserName="ci-runner")
        iam.delete_policy(PolicyArn=arn)
    assert served.inventory() == others
