"""Chains over several sandbox accounts: a role in each is assumed, and the rails are checked there again."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rolecall.chains import load_chain
from rolecall.errors import TargetError
from rolecall.provisioning import FileLedger
from rolecall.targets.server import RunningServer, enforcing_server
from tests.account.conftest import ROOT, Served
from tests.account.targets import make_target, make_workshop
from tests.account.test_sessions import run
from tests.faults.proxy import Call, Forward, Reply, proxy

HOME, PROD = "111122223333", "444455556666"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
TRUST = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": HOME}, "Action": "sts:AssumeRole"},
}
ACCOUNTS = ("--sandbox-account", f"tools={HOME}", "--sandbox-account", f"prod={PROD}")


@dataclass
class Accounts:
    """A server with two accounts, and the key of a runner in the first."""

    server: RunningServer
    runner: Served

    def iam(self, account: str) -> Any:
        return self.server.root_session(account, "us-east-1").client("iam")

    def names(self) -> dict[str, list[str]]:
        return {
            f"{account} {kind}": [item["Arn"] for item in getattr(self.iam(account), f"list_{kind.lower()}")(
                **({"Scope": "Local"} if kind == "Policies" else {}))[kind]]
            for account in (HOME, PROD) for kind in ("Users", "Roles", "Policies")
        }  # fmt: skip


@pytest.fixture(scope="module")
def accounts() -> Iterator[Accounts]:
    with enforcing_server(account_id=HOME) as server:
        iam = server.root_session(HOME, "us-east-1").client("iam")
        iam.create_user(UserName="ci")
        iam.attach_user_policy(UserName="ci", PolicyArn=ADMIN)
        key = iam.create_access_key(UserName="ci")["AccessKey"]
        other = server.root_session(PROD, "us-east-1").client("iam")
        other.create_role(RoleName="rolecall-runner", AssumeRolePolicyDocument=json.dumps(TRUST))
        other.attach_role_policy(RoleName="rolecall-runner", PolicyArn=ADMIN)
        assert server.endpoint_url is not None
        yield Accounts(server, Served(server.endpoint_url, key["AccessKeyId"], key["SecretAccessKey"]))


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    folder = tmp_path / "suite"
    (folder / "policies").mkdir(parents=True)
    shutil.copytree(ROOT / "policies" / "cross-account", folder / "policies" / "cross-account")
    (folder / "test_it.py").write_text("def test_it(expectation, verify):\n    verify(expectation)\n")
    (folder / "pytest.ini").write_text("[pytest]\n")
    return folder


def test_a_chain_of_two_accounts_is_verified_in_two_and_removed_from_both(
    accounts: Accounts, suite: Path
) -> None:
    before = accounts.names()
    code, output = run(accounts.runner, suite, *ACCOUNTS, "--sandbox-role", "rolecall-runner", "-x")
    assert code == 0, output
    evidence = json.loads((suite / "reports" / "evidence.json").read_text())
    (chain,) = evidence["chains"]
    assert {one["name"]: one["actual"] for one in chain["accounts"]} == {"tools": HOME, "prod": PROD}
    verdicts = {one["id"]: one["verdict"] for one in chain["expectations"]}
    assert set(verdicts.values()) == {"passed"}, verdicts
    observed = [one for one in chain["expectations"] if (one.get("observed") or {}).get("calls")]
    assert len(observed) >= 4
    assert {one["arn"].split(":")[4] for one in chain["principals"]} == {HOME, PROD}
    assert accounts.names() == before


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("nobody", r"role/nobody cannot be assumed: AccessDenied"),
        ("", r"name a role that they may assume in it with --sandbox-role"),
    ],
)
def test_a_role_that_cannot_be_assumed_is_told_and_nothing_stays(
    accounts: Accounts, suite: Path, role: str, said: str
) -> None:
    before = accounts.names()
    words = ("--sandbox-role", role) if role else ()
    code, output = run(accounts.runner, suite, *ACCOUNTS, *words)
    assert code == 1, output
    assert re.search(said, output)
    assert " passed" not in output
    assert accounts.names() == before


def test_the_rails_are_checked_in_each_account_that_is_entered(accounts: Accounts, suite: Path) -> None:
    accounts.iam(PROD).create_account_alias(AccountAlias="our-prod-eu")
    before = accounts.names()
    try:
        code, output = run(accounts.runner, suite, *ACCOUNTS, "--sandbox-role", "rolecall-runner")
    finally:
        accounts.iam(PROD).delete_account_alias(AccountAlias="our-prod-eu")
    assert code == 1, output
    assert 'has the alias "our-prod-eu", which matches "*prod*"' in output
    assert accounts.names() == before


def test_the_role_is_assumed_again_before_its_session_ends(accounts: Accounts, tmp_path: Path) -> None:
    on = timedelta()
    assumed: list[Call] = []

    def watch(call: Call, forward: Forward) -> Reply:
        assumed.extend([call] if call.operation == "AssumeRole" else [])
        return forward()

    runner = accounts.runner
    with proxy(runner.url, watch) as through:
        target = make_target(
            through.url, runner.credential, tmp_path, "hours-2", clock_of_day=lambda: datetime.now(UTC) + on,
            remote={"accounts": {"tools": HOME, "prod": PROD}, "role": "rolecall-runner"},
        )  # fmt: skip
        iam = target.admin(PROD, "us-east-1").client("iam")
        iam.list_roles()
        assert len(assumed) == 1
        on = timedelta(minutes=58)
        iam.list_roles()
        assert len(assumed) == 2, "a client that was made before has the new session"


def test_a_sweep_without_a_ledger_looks_through_every_account(accounts: Accounts, tmp_path: Path) -> None:
    before = accounts.names()
    target = make_target(
        accounts.runner.url, accounts.runner.credential, tmp_path, "both-1",
        remote={"accounts": {"tools": HOME, "prod": PROD}, "role": "rolecall-runner"},
    )  # fmt: skip
    live = make_workshop(target).live(load_chain(ROOT / "policies" / "cross-account"))
    assert isinstance(live.ledger, FileLedger)
    live.ledger.close()

    def sweep(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "rolecall", "sweep", *ACCOUNTS, "--run", "both-1"]
        return subprocess.run(
            [*command, "--aws-endpoint-url", accounts.runner.url, *words],
            env=accounts.runner.environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    alone = sweep("--dry-run")
    assert f"{PROD} cannot be entered without --sandbox-role" in alone.stderr
    assert f"in account {PROD}" not in alone.stdout
    swept = sweep("--sandbox-role", "rolecall-runner")
    assert swept.returncode == 0, swept.stdout + swept.stderr
    assert accounts.names() == before


def test_an_account_that_nobody_listed_is_left_alone(accounts: Accounts, tmp_path: Path) -> None:
    target = make_target(
        accounts.runner.url, accounts.runner.credential, tmp_path, "unlisted",
        remote={"accounts": {"tools": HOME}, "role": "rolecall-runner"},
    )  # fmt: skip
    with pytest.raises(TargetError, match="not a sandbox account of this run"):
        target.admin(PROD, "us-east-1")
