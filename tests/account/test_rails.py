"""What must hold before the first write, asked of a real endpoint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rolecall.chains import load_chain
from rolecall.errors import TargetError, UsageError
from rolecall.targets.rails import Identity, Rails, is_loopback, read_sandbox_accounts
from rolecall.targets.remote import rails_of
from tests.account.conftest import ACCOUNT, Served
from tests.account.targets import ROOT, Clock, make_target, make_workshop
from tests.faults.proxy import Call, Forward, Reply, proxy, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = load_chain(ROOT / "policies" / "assume-role")


@pytest.fixture
def alias(served: Served) -> Iterator[str]:
    served.clients[0].create_account_alias(AccountAlias="my-prod-account")
    yield "my-prod-account"
    served.clients[0].delete_account_alias(AccountAlias="my-prod-account")


def writes_of(served: Served, tmp_path: Path, rails: Rails, **more: Any) -> list[str]:
    """The writes that were made before the target was refused."""
    with proxy(served.url, lambda call, forward: forward()) as through:
        target = make_target(
            through.url,
            served.credential,
            tmp_path,
            "rails-1",
            rails=rails,
            remote=more,
        )
        workshop = make_workshop(target)
        try:
            workshop.live(BASE)
        finally:
            workshop.close()
            made = [call.operation for call in through.calls if call.writes]
            if made:
                pytest.fail(f"written: {made}")
    return made


STRICT = Rails(frozenset({ACCOUNT}), root_refused=False)


def test_an_account_that_is_not_listed_is_not_written_to(served: Served, tmp_path: Path) -> None:
    for allowed in (frozenset[str](), frozenset({"999999999999"})):
        with pytest.raises(TargetError, match=f"for account {ACCOUNT}, which is not listed"):
            writes_of(served, tmp_path, replace(STRICT, allowed=allowed))


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        ("arn:aws:iam::999988887777:policy/cap", "is of account 999988887777"),
        (f"arn:aws:iam::{ACCOUNT}:policy/no-such-cap", "does not exist"),
    ],
)
def test_a_boundary_that_cannot_be_one_is_told_before_the_first_write(
    served: Served, tmp_path: Path, arn: str, words: str
) -> None:
    with pytest.raises(TargetError, match=words):
        writes_of(served, tmp_path, STRICT, boundary_arn=arn)


@pytest.mark.parametrize(
    "host", ["sts.amazonaws.com", "ec2.eu-west-1.amazonaws.com", "STS.cn-north-1.AMAZONAWS.com.cn."]
)
def test_aws_itself_is_no_endpoint(host: str) -> None:
    with pytest.raises(UsageError, match="--aws-target=account"):
        rails_of("endpoint", f"https://{host}", [ACCOUNT], [])
    assert not rails_of("endpoint", "https://amazonaws.com.example", [ACCOUNT], [])[0].loopback


def test_root_is_refused_in_an_account(served: Served, tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="root user"):
        writes_of(served, tmp_path, replace(STRICT, root_refused=True))


def test_an_empty_pattern_of_aliases_is_no_way_around_the_default() -> None:
    """As a pipeline gives it whose variable is not set: --deny-alias "$PATTERN"."""
    with pytest.raises(UsageError, match="--deny-alias is empty"):
        rails_of("account", None, [ACCOUNT], [""])
    assert rails_of("account", None, [ACCOUNT], [])[0].denied_aliases == ("*prod*",)


@pytest.mark.usefixtures("alias")
def test_an_alias_that_says_production_is_refused_even_on_a_listed_account(
    served: Served, tmp_path: Path
) -> None:
    with pytest.raises(TargetError, match=r'"my-prod-account", which matches "\*prod\*"'):
        writes_of(served, tmp_path, STRICT)
    with pytest.raises(TargetError, match="my-prod-account"):
        writes_of(served, tmp_path, replace(STRICT, loopback=True))


def test_an_alias_that_cannot_be_read_is_no_permission(served: Served, tmp_path: Path) -> None:
    def refuse(call: Call, forward: Forward) -> Reply:
        if call.operation == "ListAccountAliases":
            return refusal(call, 403, "AccessDenied", "no")
        return forward()

    with proxy(served.url, refuse) as through:
        target = make_target(through.url, served.credential, tmp_path, "rails-2", rails=STRICT)
        with pytest.raises(TargetError, match="may be production"):
            target.start()


@pytest.mark.parametrize(
    ("status", "code", "message", "said"),
    [
        (403, "SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than", "clock"),
        (403, "RequestTimeTooSkewed", "The difference is too large", "clock"),
        (403, "ExpiredToken", "The security token included in the request is expired", "have expired"),
        (403, "InvalidClientTokenId", "The security token included in the request is invalid.", "Invalid"),
    ],
)
def test_credentials_that_do_not_work_are_told_with_advice(
    served: Served, tmp_path: Path, status: int, code: str, message: str, said: str
) -> None:
    with proxy(served.url, lambda call, _: refusal(call, status, code, message)) as through:
        target = make_target(through.url, served.credential, tmp_path, "rails-3", rails=STRICT)
        with pytest.raises(TargetError, match=said):
            target.start()


def test_an_address_where_nothing_answers_is_told(tmp_path: Path) -> None:
    target = make_target("http://127.0.0.1:9", ("AKIAIOSFODNN7EXAMPLE", "x" * 40, None), tmp_path, "rails-4")
    with pytest.raises(TargetError, match="Could not connect"):
        target.start()


def test_throttling_is_waited_out_within_a_budget(served: Served, tmp_path: Path) -> None:
    clock, refused = Clock(), [0]

    def throttle(call: Call, forward: Forward) -> Reply:
        if refused[0] < 4:
            refused[0] += 1
            return refusal(call, 400, "Throttling", "Rate exceeded")
        return forward()

    with proxy(served.url, throttle) as through:
        target = make_target(through.url, served.credential, tmp_path, "rails-5", clock=clock)
        target.start()
        assert 1.5 < target.budget.spent == clock.now < 10
        assert len(through.calls) == 6
    with proxy(served.url, lambda call, _: refusal(call, 400, "Throttling", "Rate exceeded")) as through:
        target = make_target(through.url, served.credential, tmp_path, "rails-6", clock=clock)
        target.budget.seconds = 3.0
        with pytest.raises(TargetError, match="Throttling"):
            target.start()
        assert target.budget.spent <= 3.0


def test_two_declared_accounts_need_two_sandboxes(served: Served, tmp_path: Path) -> None:
    two = replace(BASE, accounts={"home": "278805249149", "other": "999988887777"})
    target = make_target(served.url, served.credential, tmp_path, "rails-7")
    with pytest.raises(TargetError, match="declares 2 accounts"):
        target.accounts(two)
    given = {"accounts": {"home": ACCOUNT, "other": ACCOUNT}}
    with pytest.raises(TargetError, match="each needs its own"):
        make_target(served.url, served.credential, tmp_path, "rails-8", remote=given).accounts(two)
    given = {"accounts": {"home": ACCOUNT, "other": "444455556666"}}
    target = make_target(served.url, served.credential, tmp_path, "rails-9", remote=given)
    assert target.accounts(two) == given["accounts"]
    with pytest.raises(TargetError, match="--sandbox-role"):
        target.admin("444455556666", "us-east-1")
    with pytest.raises(TargetError, match="not a sandbox account"):
        target.admin("123123123123", "us-east-1")


def test_everything_created_bears_path_names_and_tags_of_the_run(served: Served, tmp_path: Path) -> None:
    target = make_target(served.url, served.credential, tmp_path, "marks-1")
    workshop = make_workshop(target)
    live = workshop.live(BASE)
    role = live.provisioned.made("CreateRole", "assume-role-role")["Role"]
    iam = served.clients[0]
    tags = {tag["Key"]: tag["Value"] for tag in iam.get_role(RoleName=role["RoleName"])["Role"]["Tags"]}
    assert role["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/rolecall/marks-1/{role['RoleName']}"
    assert role["RoleName"].startswith("rc-")
    assert tags["rolecall:run"] == "marks-1"
    assert tags["rolecall:chain"] == "assume-role"
    assert tags["rolecall:created-by"] == "rolecall"
    assert tags["rolecall:expires"].endswith("Z")
    assert workshop.accounts == {"assume-role": {"home": ACCOUNT}}
    assert workshop.close() == ()


def test_two_runs_and_two_workers_at_once_do_not_meet(served: Served, tmp_path: Path) -> None:
    before = served.inventory()
    shops = [
        make_workshop(make_target(served.url, served.credential, tmp_path, run, worker=worker))
        for run, worker in (("twin-a", "gw0"), ("twin-a", "gw1"), ("twin-b", "gw0"))
    ]
    for shop in shops:
        shop.live(BASE)
    assert len(served.inventory()["roles"] - before["roles"]) == 3
    assert shops[0].close() == ()
    assert len(served.inventory()["roles"] - before["roles"]) == 2
    assert shops[1].close() == shops[2].close() == ()
    assert served.inventory() == before


def test_a_boundary_is_put_on_users_and_roles(served: Served, tmp_path: Path) -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    remote = {"boundary_arn": arn}
    target = make_target(served.url, served.credential, tmp_path, "bound-1", remote=remote)
    workshop = make_workshop(target)
    made = workshop.live(BASE).provisioned
    name = made.made("CreateRole", "assume-role-role")["Role"]["RoleName"]
    role = served.clients[0].get_role(RoleName=name)["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    assert workshop.close() == ()


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:4566", True),
        ("http://localhost:4566", True),
        ("http://[::1]:4566", True),
        ("http://10.0.0.1:4566", False),
        ("https://iam.amazonaws.com", False),
        ("http://localhost.example.org", False),
        ("http://127.0.0.1.example.org", False),
    ],
)
def test_only_this_machine_is_loopback(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback


def test_accounts_that_are_none_are_refused() -> None:
    assert read_sandbox_accounts(["111122223333", "home=444455556666"]) == (
        {"111122223333", "444455556666"},
        {"home": "444455556666"},
    )
    for wrong in ("1111", "home=", "prod", "1111-2222-3333"):
        with pytest.raises(UsageError, match="twelve digits"):
            read_sandbox_accounts([wrong])


def test_other_patterns_of_aliases_can_be_given() -> None:
    rails = Rails({ACCOUNT}, ("LIVE-*",))
    identity = Identity(ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/runner/ci")
    rails.check_aliases(identity, ("production",))
    with pytest.raises(TargetError, match="live-eu"):
        rails.check_aliases(identity, ("a", "live-eu"))


@pytest.mark.parametrize("code", ["RegionDisabledException", "InvalidClientTokenId"])
def test_a_region_that_is_switched_off_is_told_and_nothing_is_written(
    served: Served, tmp_path: Path, code: str
) -> None:
    def off(call: Call, forward: Forward) -> Reply:
        if call.region == BASE.region:
            return refusal(call, 403, code, "STS is not activated in this region for account")
        return forward()

    with proxy(served.url, off) as through:
        shop = make_workshop(make_target(through.url, served.credential, tmp_path, "off-1"))
        with pytest.raises(TargetError, match=f"region {BASE.region} of account {ACCOUNT} cannot be used"):
            shop.live(BASE)
        assert shop.close() == ()
        assert [call.operation for call in through.calls if call.writes] == []
        assert list(tmp_path.iterdir()) == []


def test_two_chains_of_a_run_may_call_things_alike(served: Served, tmp_path: Path) -> None:
    before = served.inventory()
    shop = make_workshop(make_target(served.url, served.credential, tmp_path, "alike-1"))
    chain = replace(BASE, resources=())
    for one in (chain, replace(chain, name="another")):
        assert shop.verify(one, one.expectations[0]).status.value == "passed"
    assert len(served.inventory()["roles"] - before["roles"]) == 2
    assert shop.close() == ()
    assert served.inventory() == before
