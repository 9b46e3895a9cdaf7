"""`rolecall sweep` as a command, against an endpoint."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rolecall.chains import load_chain
from rolecall.provisioning import FileLedger, State, Thing
from rolecall.targets.ledgers import find_ledgers, find_orphans
from rolecall.targets.namespace import Namespace
from tests.account.conftest import ACCOUNT, ROOT, Served
from tests.account.targets import make_target, make_workshop
from tests.faults.proxy import Call, Forward, Reply, proxy, refusal

if TYPE_CHECKING:
    from rolecall.runs import LiveChain

BASE = load_chain(ROOT / "policies" / "assume-role")


def sweep(served: Served, *words: str, url: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rolecall", "sweep", "--aws-endpoint-url", url or served.url, *words]
    command += ["--aws-region", "ap-northeast-2"]
    return subprocess.run(command, env=served.environment, capture_output=True, text=True, timeout=60)


@pytest.fixture
def abandoned(served: Served, tmp_path: Path, others: dict[str, frozenset[str]]) -> LiveChain:
    """A chain that nobody removed, of a run that is over."""
    target = make_target(served.url, served.credential, tmp_path, "abandoned-1")
    live = make_workshop(target).live(BASE)
    assert isinstance(live.ledger, FileLedger)
    live.ledger.close()
    return live


def test_a_ledger_is_swept_and_gone_and_a_second_sweep_finds_nothing(
    served: Served, tmp_path: Path, abandoned: LiveChain, others: dict[str, frozenset[str]]
) -> None:
    (path,) = find_ledgers(tmp_path)
    dry = sweep(served, "--ledger", str(path), "--dry-run")
    assert (dry.returncode, served.inventory() == others) == (0, False)
    assert "would look for role rc-" in dry.stdout
    swept = sweep(served, "--ledger", str(path))
    assert (swept.returncode, swept.stderr) == (0, "")
    assert swept.stdout.count("removed ") == 4
    assert served.inventory() == others
    assert not path.exists()
    assert sweep(served, "--ledger", str(path)).returncode == 2


def test_what_a_run_works_with_is_not_swept_from_under_it(
    served: Served, tmp_path: Path, others: dict[str, frozenset[str]]
) -> None:
    shop = make_workshop(make_target(served.url, served.credential, tmp_path, "going-on-1"))
    shop.live(BASE)
    there = served.inventory()
    (path,) = find_ledgers(tmp_path)
    dead = FileLedger(tmp_path / "dead.base.ledger.jsonl", run="dead")
    dead.close()
    assert find_orphans(tmp_path, "going-on-1") == (dead.path,)
    swept = sweep(served, "--ledger", str(path), "--ledger", str(dead.path))
    assert (swept.returncode, served.inventory()) == (3, there)
    assert "is still going on: nothing of it is removed" in swept.stderr
    assert not dead.path.exists(), "the other one is swept all the same"
    assert shop.close() == ()
    assert served.inventory() == others


def test_without_a_ledger_only_what_is_past_its_time_goes(
    served: Served, abandoned: LiveChain, others: dict[str, frozenset[str]]
) -> None:
    young = sweep(served)
    assert young.returncode == 0
    assert "4 are of younger runs and stay" in young.stdout
    assert served.inventory() != others
    dry = sweep(served, "--older-than", "0s", "--dry-run")
    assert "4 of 4 would go; nothing was removed" in dry.stdout, "a group of others is under the path too"
    assert served.inventory() != others
    swept = sweep(served, "--run", "abandoned-1")
    assert swept.returncode == 0, swept.stdout
    assert served.inventory() == others
    assert "nothing of rolecall is left" in sweep(served, "--run", "abandoned-1").stdout


def test_what_others_attached_to_our_policy_stays_and_is_named(
    served: Served, tmp_path: Path, abandoned: LiveChain, others: dict[str, frozenset[str]]
) -> None:
    iam = served.clients[0]
    arn = next(p["Arn"] for p in iam.list_policies(Scope="Local")["Policies"] if "rc-" in p["PolicyName"])
    iam.attach_role_policy(RoleName="somebody-elses", PolicyArn=arn)
    try:
        swept = sweep(served, "--ledger", str(find_ledgers(tmp_path)[0]))
        assert swept.returncode == 1
        assert "is in use by role somebody-elses, which this run did not make" in swept.stdout
        assert find_ledgers(tmp_path)
        held = iam.list_attached_role_policies(RoleName="somebody-elses")["AttachedPolicies"]
        assert [one["PolicyArn"] for one in held] == [arn]
    finally:
        iam.detach_role_policy(RoleName="somebody-elses", PolicyArn=arn)
    assert sweep(served, "--ledger", str(find_ledgers(tmp_path)[0])).returncode == 0
    assert served.inventory() == others


def test_what_was_attached_to_our_role_by_hand_goes_with_it(
    served: Served, tmp_path: Path, abandoned: LiveChain, others: dict[str, frozenset[str]]
) -> None:
    iam = served.clients[0]
    name = next(r["RoleName"] for r in iam.list_roles()["Roles"] if r["RoleName"].startswith("rc-"))
    arn = next(p["Arn"] for p in iam.list_policies(Scope="Local")["Policies"] if p["PolicyName"] == "theirs")
    iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    assert sweep(served, "--ledger", str(find_ledgers(tmp_path)[0])).returncode == 0
    assert served.inventory() == others


@pytest.mark.parametrize("state", [State.INTENDED, State.DONE])
@pytest.mark.parametrize(
    ("path", "tags"),
    [
        ("", {}),
        ("/", {}),
        ("/rolecall/x/", {"rolecall:created-by": "rolecall"}),
        ("/rolecall/", {}),
        ("/rolecall/other/", {"rolecall:created-by": "rolecall"}),
    ],
)
def test_a_ledger_that_names_others_things_removes_nothing(
    served: Served,
    tmp_path: Path,
    others: dict[str, frozenset[str]],
    path: str,
    tags: dict[str, str],
    state: State,
) -> None:
    ledger = FileLedger(tmp_path / "edited.ledger.jsonl", run="edited")
    for kind, identity in (
        ("role", {"RoleName": "somebody-elses"}),
        ("role", {"RoleName": "under-the-path"}),
        ("user", {"UserName": "tagged-alike"}),
        ("policy", {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/theirs"}),
    ):
        ledger.note(ledger.intend(Thing(kind, ACCOUNT, "us-east-1", identity, path, tags)), state)
    ledger.close()
    swept = sweep(served, "--ledger", str(ledger.path))
    assert served.inventory() == others
    assert "removed" not in swept.stdout


def test_a_ledger_of_another_account_is_left_alone(served: Served, tmp_path: Path) -> None:
    namespace = Namespace("elsewhere", datetime.now(UTC))
    marks = namespace.marks("base")
    ledger = FileLedger(tmp_path / "x.ledger.jsonl", run="elsewhere")
    thing = Thing("role", "999988887777", "us-east-1", {"RoleName": "r"}, marks.path, marks.tags)
    ledger.note(ledger.intend(thing), State.DONE)
    ledger.close()
    swept = sweep(served, "--ledger", str(ledger.path))
    assert swept.returncode == 1
    assert "not a sandbox account of this run" in swept.stdout


def test_more_roles_than_a_page_holds_are_all_found(
    served: Served, others: dict[str, frozenset[str]]
) -> None:
    iam = served.clients[0]
    marks = Namespace("many-1", datetime.now(UTC) - timedelta(days=1)).marks("base")
    tags = [{"Key": key, "Value": value} for key, value in marks.tags.items()]
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    for number in range(105):
        iam.create_role(
            RoleName=f"rc-many-{number}", Path=marks.path, AssumeRolePolicyDocument=document, Tags=tags
        )
    swept = sweep(served)
    assert swept.stdout.count("removed ") == 105, swept.stdout[-500:]
    assert served.inventory() == others


@pytest.mark.parametrize(
    ("status", "code", "times", "clean"),
    [
        (409, "DeleteConflict", 2, True),
        (409, "DeleteConflict", 999, False),
        (404, "NoSuchEntity", 1, True),
        (400, "Throttling", 3, True),
        (500, "ServiceFailure", 2, True),
        (403, "AccessDenied", 999, False),
    ],
)
def test_teardown_goes_on_past_what_is_refused(
    served: Served, tmp_path: Path, others: dict[str, frozenset[str]],
    status: int, code: str, times: int, clean: bool,
) -> None:  # fmt: skip
    left = [times]

    def fault(call: Call, forward: Forward) -> Reply:
        if call.operation == "DeleteRole" and left[0]:
            left[0] -= 1
            if code == "NoSuchEntity":
                forward()
            return refusal(call, status, code, "as the test wants it")
        return forward()

    with proxy(served.url, fault) as through:
        target = make_target(through.url, served.credential, tmp_path, f"refused-{code}")
        shop = make_workshop(target)
        shop.live(BASE)
        found = shop.close()
    assert (found == ()) is clean
    now = served.inventory()
    assert {kind for kind in now if now[kind] != others[kind]} == (set() if clean else {"roles"})
    if not clean:
        assert code in str(found[0])
        assert "role rc-" in str(found[0])
    for path in find_ledgers(tmp_path):
        assert sweep(served, "--ledger", str(path)).returncode == 0
    assert served.inventory() == others


def test_a_sweep_of_an_account_that_is_not_listed_asks_who_it_is_and_no_more(served: Served) -> None:
    command = [sys.executable, "-m", "rolecall", "sweep", "--sandbox-account", "12"]
    wrong = subprocess.run(command, env=served.environment, capture_output=True, text=True, timeout=60)
    assert (wrong.returncode, wrong.stdout) == (4, "")
    assert "twelve digits" in wrong.stderr
    assert os.linesep.join(wrong.stderr.splitlines()[1:]) == ""
