"""What bears the marks of a run is its own, whatever a ledger, a name or a stale answer says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from rolecall.chains import load_chain
from rolecall.provisioning import FileLedger, ProvisioningFailed, State, TearDownResult, Thing
from rolecall.targets.ledgers import find_ledgers
from rolecall.targets.namespace import Namespace
from rolecall.targets.sweeping import find_left, sweep_found, sweep_ledger
from tests.account.conftest import ACCOUNT, ROOT, Served
from tests.account.targets import Clock, make_target, make_workshop
from tests.account.test_sweep import sweep
from tests.faults.proxy import Call, Dropped, Forward, Reply, proxy, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASE = load_chain(ROOT / "policies" / "assume-role")
REGION = "ap-northeast-2"
MARKS = Namespace("claims-1", datetime.now(UTC)).marks("base")
TAGS = [{"Key": key, "Value": value} for key, value in MARKS.tags.items()]


def swept(served: Served, ledger: FileLedger, *, url: str | None = None) -> TearDownResult:
    """What `rolecall sweep --ledger` does."""
    ledger.close()
    return sweep_ledger(
        ledger.path, make_target(url or served.url, served.credential, ledger.path.parent, "sweep")
    )


def test_ids_in_an_edited_ledger_end_no_instance_of_others(served: Served, tmp_path: Path) -> None:
    ec2 = served.session(REGION).client("ec2")

    def start(**more: Any) -> str:
        made = ec2.run_instances(ImageId="ami-0abcdef1234567890", MinCount=1, MaxCount=1, **more)
        return str(made["Instances"][0]["InstanceId"])

    ours = start(TagSpecifications=[{"ResourceType": "instance", "Tags": TAGS}])
    theirs = start()
    ledger = FileLedger(tmp_path / "edited.ledger.jsonl", run="claims-1")
    thing = Thing("ec2_instance", ACCOUNT, REGION, {"ClientToken": "web"}, tags=MARKS.tags)
    ledger.note(ledger.intend(thing), State.DONE, {"InstanceIds": f"{ours},{theirs}"})
    try:
        assert swept(served, ledger).clean
        assert served.inventory()["instances"] == {theirs}
    finally:
        ec2.terminate_instances(InstanceIds=[theirs])


@pytest.mark.parametrize("learned", [False, True])
def test_a_key_of_the_same_description_that_is_not_ours_stays(
    served: Served, tmp_path: Path, learned: bool
) -> None:
    kms = served.session(REGION).client("kms")
    tags = [{"TagKey": key, "TagValue": value} for key, value in MARKS.tags.items()]
    ours, theirs = (
        kms.create_key(Description="rolecall app", **more)["KeyMetadata"]["KeyId"]
        for more in ({"Tags": tags}, {})
    )
    ledger = FileLedger(tmp_path / "edited.ledger.jsonl", run="claims-1")
    thing = Thing("kms_key", ACCOUNT, REGION, {"Description": "rolecall app"}, tags=MARKS.tags)
    number = ledger.intend(thing)
    if learned:
        ledger.note(number, State.DONE, {"KeyId": theirs})
    result = swept(served, ledger)
    states = [kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for key in (ours, theirs)]
    kms.schedule_key_deletion(KeyId=theirs)
    if learned:
        kms.schedule_key_deletion(KeyId=ours)
        assert states == ["Enabled", "Enabled"]
        assert "does not bear the path and tags of the run: not touched" in str(result.left[0])
    else:
        assert states == ["PendingDeletion", "Enabled"]


@pytest.mark.parametrize("path", ["/rolecall/", "/rolecall/r1", "/rolecall/r1x/"])
def test_an_edited_ledger_reaches_no_other_run(served: Served, tmp_path: Path, path: str) -> None:
    iam = served.clients[0]
    theirs = Namespace("r1x-going-on", datetime.now(UTC)).marks("base")
    iam.create_group(GroupName="rc-untagged", Path="/rolecall/r1x/")
    iam.create_user(
        UserName="rc-of-r1x",
        Path="/rolecall/r1x/",
        Tags=[{"Key": k, "Value": v} for k, v in theirs.tags.items()],
    )
    ledger = FileLedger(tmp_path / "edited.ledger.jsonl", run="r1-was-killed")
    tags = {"rolecall:created-by": "rolecall"}
    for thing in (
        Thing("user", ACCOUNT, REGION, {"UserName": "rc-of-r1x"}, path, tags),
        Thing("user", ACCOUNT, REGION, {"UserName": "rc-of-r1x"}, path, theirs.tags),
        Thing("group", ACCOUNT, REGION, {"GroupName": "rc-untagged"}, path),
    ):
        ledger.note(ledger.intend(thing), State.DONE)
    try:
        result = swept(served, ledger)
        assert (len(result.left), result.removed) == (3, ())
        assert served.inventory()["users"] == {"rc-of-r1x"}
        assert served.inventory()["groups"] == {"rc-untagged"}
    finally:
        iam.delete_user(UserName="rc-of-r1x")
        iam.delete_group(GroupName="rc-untagged")


@pytest.fixture
def device(served: Served) -> Iterator[Any]:
    iam = served.clients[0]
    made: list[str] = []

    def make(run: str) -> str:
        answer = iam.create_virtual_mfa_device(Path=f"/rolecall/{run}/", VirtualMFADeviceName="rc-someone")
        made.append(answer["VirtualMFADevice"]["SerialNumber"])
        return made[-1]

    yield make
    for serial in set(made) & served.inventory()["devices"]:
        iam.delete_virtual_mfa_device(SerialNumber=serial)


def telling(tags: dict[str, str]) -> Any:
    """ListMFADeviceTags as AWS answers it; moto keeps no tags of devices."""
    members = "".join(f"<member><Key>{k}</Key><Value>{v}</Value></member>" for k, v in tags.items())
    body = (
        '<ListMFADeviceTagsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListMFADeviceTagsResult>'
        f"<Tags>{members}</Tags><IsTruncated>false</IsTruncated>"
        "</ListMFADeviceTagsResult></ListMFADeviceTagsResponse>"
    )

    def fault(call: Call, forward: Forward) -> Reply:
        if call.operation == "ListMFADeviceTags":
            return Reply(200, body.encode(), {"Content-Type": "text/xml"})
        return forward()

    return fault


def test_a_device_that_a_run_has_just_made_is_not_swept_from_under_it(served: Served, device: Any) -> None:
    now = datetime.now(UTC)
    young, old = (
        device(f"{at:%Y%m%dT%H%M%SZ}-1a2b3c4d") for at in (now, now - timedelta(hours=3))
    )  # neither was ever enabled
    assert sweep(served).returncode == 0
    assert served.inventory()["devices"] == {young}
    assert old != young


def test_the_tags_of_a_device_tell_whose_it_is_and_how_old(
    served: Served, device: Any, tmp_path: Path
) -> None:
    serial = device("claims-1")
    ledger = FileLedger(tmp_path / "edited.ledger.jsonl", run="claims-1")
    thing = Thing("mfa_device", ACCOUNT, REGION, {"SerialNumber": serial}, MARKS.path, MARKS.tags)
    ledger.intend(thing)
    now = datetime.now(UTC)
    with proxy(served.url, telling({"owner": "somebody"})) as through:
        target = make_target(through.url, served.credential, tmp_path, "sweep")
        assert list(find_left(target, ACCOUNT, REGION, lambda _: None)) == []
        assert len(swept(served, ledger, url=through.url).foreign) == 1
    assert served.inventory()["devices"] == {serial}
    with proxy(served.url, telling(dict(MARKS.tags))) as through:
        target = make_target(through.url, served.credential, tmp_path, "sweep")
        (found,) = find_left(target, ACCOUNT, REGION, lambda _: None)
        assert not found.due(now, None, None)
        assert found.due(now + timedelta(hours=3), None, None)
        assert found.due(now, None, "claims-1")
        assert sweep_found([found], target).clean
    assert served.inventory()["devices"] == set()


def test_a_call_whose_answer_got_lost_is_not_refused_because_its_repetition_is(
    served: Served, tmp_path: Path, others: dict[str, frozenset[str]]
) -> None:
    made: list[int] = []

    def lose(call: Call, forward: Forward) -> Reply:
        if call.operation != "CreateRole":
            return forward()
        made.append(call.number)
        if len(made) == 1:
            forward()
            raise Dropped
        return refusal(call, 403, "AccessDenied", "the session ended in between")

    with proxy(served.url, lose) as through:
        shop = make_workshop(make_target(through.url, served.credential, tmp_path, "lost-1"))
        with pytest.raises(ProvisioningFailed, match="AccessDenied"):
            shop.live(BASE)
        assert shop.close() == ()
    assert len(made) == 2
    assert served.inventory() == others


def test_our_own_thing_that_exists_already_and_cannot_be_read_yet_is_waited_for(
    served: Served, tmp_path: Path, others: dict[str, frozenset[str]]
) -> None:
    lost: list[int] = []
    unseen = [2]

    def lose(call: Call, forward: Forward) -> Reply:
        if call.operation == "CreateRole" and not lost:
            lost.append(call.number)
            forward()
            raise Dropped
        if call.operation == "GetRole" and unseen[0]:
            unseen[0] -= 1
            return refusal(call, 404, "NoSuchEntity", "not seen by this host yet")
        return forward()

    with proxy(served.url, lose) as through:
        shop = make_workshop(make_target(through.url, served.credential, tmp_path, "unseen-1"))
        assert shop.live(BASE).provisioned.made("CreateRole")
        assert shop.close() == ()
    assert served.inventory() == others


def test_what_is_not_seen_yet_is_not_taken_for_gone(
    served: Served, tmp_path: Path, others: dict[str, frozenset[str]]
) -> None:
    unseen: set[str] = set()

    def stale(call: Call, forward: Forward) -> Reply:
        name = call.params.get("RoleName", "")
        if call.operation == "GetRole" and name not in unseen:
            unseen.add(name)
            return refusal(call, 404, "NoSuchEntity", "not seen by this host yet")
        return forward()

    with proxy(served.url, stale) as through:
        shop = make_workshop(make_target(through.url, served.credential, tmp_path, "stale-1"))
        shop.live(BASE)
        assert shop.close() == ()
    assert unseen
    assert served.inventory() == others
    assert find_ledgers(tmp_path) == ()


def test_what_was_put_on_our_user_by_hand_goes_with_it(
    served: Served, tmp_path: Path, others: dict[str, frozenset[str]]
) -> None:
    held = ["ACCAEXAMPLE0000000001"]
    listing = (
        '<ListServiceSpecificCredentialsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
        "<ListServiceSpecificCredentialsResult><ServiceSpecificCredentials><member>"
        "<ServiceSpecificCredentialId>ACCAEXAMPLE0000000001</ServiceSpecificCredentialId></member>"
        "</ServiceSpecificCredentials></ListServiceSpecificCredentialsResult>"
        "</ListServiceSpecificCredentialsResponse>"
    )

    def with_credential(call: Call, forward: Forward) -> Reply:
        """A Git credential for CodeCommit, which moto does not know."""
        if call.operation == "ListServiceSpecificCredentials":
            return Reply(200, listing.encode(), {"Content-Type": "text/xml"})
        if call.operation == "DeleteServiceSpecificCredential":
            held.remove(call.params["ServiceSpecificCredentialId"])
            return Reply(200, b"<R><ResponseMetadata/></R>", {"Content-Type": "text/xml"})
        if call.operation == "DeleteUser" and held:
            return refusal(
                call, 409, "DeleteConflict", "Cannot delete entity, must remove credentials first."
            )
        return forward()

    with proxy(served.url, with_credential) as through:
        shop = make_workshop(make_target(through.url, served.credential, tmp_path, "by-hand-1"))
        user = shop.live(BASE).chain.users["assume-role-user"].aws_name
        served.clients[0].create_login_profile(UserName=user, Password="Correct-Horse-1")
        assert shop.close() == ()
    assert held == []
    assert served.inventory() == others


@pytest.mark.parametrize("code", ["DeleteConflict", "Throttling"])
def test_who_is_told_to_end_does_not_wait_for_what_cannot_be_removed(
    served: Served, tmp_path: Path, others: dict[str, frozenset[str]], code: str
) -> None:
    clock = Clock()

    def stuck(call: Call, forward: Forward) -> Reply:
        if call.operation == "DeleteRole":
            return refusal(call, 409 if code == "DeleteConflict" else 400, code, "not now")
        return forward()

    with proxy(served.url, stuck) as through:
        target = make_target(through.url, served.credential, tmp_path, f"told-{code}", clock=clock)
        shop = make_workshop(target)
        shop.live(BASE)
        end = clock.now + 6
        target.budget.left = lambda: max(0.0, end - clock.now)
        left = shop.close(in_time=lambda: clock.now < end)
    assert clock.now <= end + 0.5
    assert code in str(left[0])
    (path,) = find_ledgers(tmp_path)
    assert sweep_ledger(path, make_target(served.url, served.credential, tmp_path, "sweep")).clean
    assert served.inventory() == others
