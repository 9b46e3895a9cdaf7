"""Removing what a run that was killed left: from its ledger, or by path and tag."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from rolecall.errors import TargetError
from rolecall.provisioning import (
    Connections,
    FileLedger,
    Ledger,
    LedgerInUse,
    Marks,
    MemoryLedger,
    State,
    TearDownResult,
    Thing,
    device_tags,
    read_ledger,
    read_run,
    tear_down,
)
from rolecall.targets.ledgers import remove_ledger
from rolecall.targets.namespace import (
    CREATED_BY,
    NAMED,
    PATH,
    TAG_CREATED_BY,
    TAG_EXPIRES,
    TAG_RUN,
    started_at,
)
from rolecall.targets.rails import reason_of
from rolecall.targets.tagged_resources import tagged_resources

if TYPE_CHECKING:
    from rolecall.targets.account import AccountTarget

__all__ = ["Found", "find_left", "sweep_found", "sweep_ledger"]

_WITHIN = Marks(PATH, {TAG_CREATED_BY: CREATED_BY})
_LIFETIME = timedelta(hours=2)
_LISTED = (
    # kind, listing, its key, the parameter, the name in an item, the listing of tags
    ("user", "list_users", "Users", "UserName", "UserName", "list_user_tags"),
    ("role", "list_roles", "Roles", "RoleName", "RoleName", "list_role_tags"),
    ("group", "list_groups", "Groups", "GroupName", "GroupName", ""),
    ("policy", "list_policies", "Policies", "PolicyArn", "Arn", "list_policy_tags"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """Something that bears rolecall's path or tag. ``created`` and ``expires`` where they are known."""

    thing: Thing
    run: str
    created: datetime | None = None
    expires: datetime | None = None
    learned: tuple[tuple[str, str], ...] = ()

    def due(self, now: datetime, older_than: timedelta | None, run: str | None) -> bool:
        """Whether it is to go: of that run, of that age, or past the time that it was made for."""
        if run is not None:
            return self.run == run
        if older_than is not None:
            # What tells no date of its own was made when its time began.
            made = self.created or (self.expires - _LIFETIME if self.expires else None)
            return made is not None and now - made >= older_than
        end = self.expires or (self.created + _LIFETIME if self.created else None)
        return end is not None and now >= end


def sweep_ledger(
    path: Path, target: AccountTarget, *, in_time: Callable[[], bool] | None = None
) -> TearDownResult:
    """Remove what a ledger names and what bears the marks of its run; the ledger goes when nothing is left.

    Once ``in_time`` answers False the rest is only named.

    Raises InputError for a file that is no ledger, TargetError where the account may not be written to or the
    run is still going on.
    """
    entries, run = read_ledger(path), read_run(path)
    within = Marks(f"{PATH}{run}/", {TAG_CREATED_BY: CREATED_BY, TAG_RUN: run})
    target.start()
    held: Ledger
    try:
        held = FileLedger(path, run="")
    except LedgerInUse:
        raise
    except TargetError:
        # A ledger that cannot be written can still be read: everything in it is looked at again next time.
        held = _Remembered(entries)
    result = tear_down(
        held, _connections(target), within=within, pause=target.patience.sleep, in_time=in_time,
        at_once=target.at_once,
    )  # fmt: skip
    if isinstance(held, FileLedger):
        if result.clean and result.ledger_error is None:
            remove_ledger(held)
        else:
            held.close()
    return result


def find_left(
    target: AccountTarget, account: str, region: str, told: Callable[[str], None]
) -> Iterator[Found]:
    """Everything in an account that bears rolecall's path, and what of other services bears its tag.

    ``told`` hears what could not be looked for. Raises TargetError where IAM cannot be listed.
    """
    session = target.admin(account, region)
    iam = session.client("iam")
    try:
        for kind, operation, key, parameter, name, tags in _LISTED:
            local = {"Scope": "Local"} if kind == "policy" else {}
            for page in iam.get_paginator(operation).paginate(PathPrefix=PATH, **local):
                for item in page[key]:
                    # Not every endpoint keeps to PathPrefix.
                    if item["Path"].startswith(PATH):
                        given = {parameter: item[name]}
                        held = _tags(iam, tags, given) if tags else {}
                        yield from _found(kind, account, region, given, item, held)
        yield from _devices(iam, account, region)
        yield from _providers(iam, account, region)
    except (ClientError, BotoCoreError) as error:
        raise TargetError(f"IAM cannot be looked through: {reason_of(error)}") from None
    try:
        for thing, learned in tagged_resources(session, account, region, TAG_CREATED_BY, CREATED_BY):
            run = thing.tags.get(TAG_RUN, "")
            yield Found(thing, run, None, _time(thing.tags.get(TAG_EXPIRES)), tuple(learned.items()))
    except (ClientError, BotoCoreError) as error:
        told(f"resources outside of IAM were not looked for in {region}: {reason_of(error)}")


def sweep_found(found: Iterator[Found] | list[Found], target: AccountTarget) -> TearDownResult:
    """Remove what was found; what does not bear the marks by now is left alone."""
    ledger = MemoryLedger()
    for one in found:
        ledger.note(ledger.intend(one.thing), State.DONE, dict(one.learned))
    return tear_down(
        ledger, _connections(target), within=_WITHIN, pause=target.patience.sleep, at_once=target.at_once
    )


class _Remembered(MemoryLedger):
    """Entries that were read, and nowhere to write."""

    def __init__(self, entries: tuple[Any, ...]) -> None:
        super().__init__()
        for entry in entries:
            self.note(self.intend(entry.thing), entry.state, entry.learned)


def _connections(target: AccountTarget) -> Connections:
    return Connections(
        lambda account: target.admin(account, target.region),
        lambda session, service, region: session.client(service, region_name=region),
    )


def _found(
    kind: str, account: str, region: str, given: dict[str, str], item: dict[str, Any], tags: dict[str, str]
) -> Iterator[Found]:
    # A group bears no tags: its name has to be one that a run gives.
    if tags.get(TAG_CREATED_BY) != CREATED_BY if kind != "group" else not NAMED.match(item["GroupName"]):
        return
    marks = {TAG_CREATED_BY: CREATED_BY} if kind != "group" else {}
    run = item["Path"].removeprefix(PATH).partition("/")[0]
    thing = Thing(kind, account, region, given, item["Path"], marks)
    yield Found(thing, run, item.get("CreateDate"), _time(tags.get(TAG_EXPIRES)))


def _tags(iam: Any, operation: str, given: dict[str, str]) -> dict[str, str]:
    try:
        return {tag["Key"]: tag["Value"] for tag in getattr(iam, operation)(**given)["Tags"]}
    except iam.exceptions.NoSuchEntityException:
        return {}  # gone since it was listed


def _tags_of_device(iam: Any, serial: str) -> dict[str, str] | None:
    try:
        return device_tags(iam, serial)
    except iam.exceptions.NoSuchEntityException:
        return {}


def _devices(iam: Any, account: str, region: str) -> Iterator[Found]:
    for page in iam.get_paginator("list_virtual_mfa_devices").paginate():
        for item in page["VirtualMFADevices"]:
            serial = item["SerialNumber"]
            path = serial.partition(":mfa")[2].rpartition("/")[0] + "/"
            if path.startswith(PATH):
                tags = _tags_of_device(iam, serial)
                if tags is not None and tags.get(TAG_CREATED_BY) != CREATED_BY:
                    continue
                marks = {TAG_CREATED_BY: CREATED_BY}
                thing = Thing("mfa_device", account, region, {"SerialNumber": serial}, path, marks)
                run = path.removeprefix(PATH).partition("/")[0]
                # A device that was never enabled has no date of its own.
                created = item.get("EnableDate") or started_at(run) or datetime(2020, 1, 1, tzinfo=UTC)
                yield Found(thing, run, created, _time((tags or {}).get(TAG_EXPIRES)))


def _providers(iam: Any, account: str, region: str) -> Iterator[Found]:
    for kind, listing, key, parameter, get in (
        ("oidc_provider", "list_open_id_connect_providers", "OpenIDConnectProviderList",
         "OpenIDConnectProviderArn", "get_open_id_connect_provider"),
        ("saml_provider", "list_saml_providers", "SAMLProviderList", "SAMLProviderArn", "get_saml_provider"),
    ):  # fmt: skip
        for item in getattr(iam, listing)()[key]:
            given = {parameter: item["Arn"]}
            about = getattr(iam, get)(**given)
            tags = {tag["Key"]: tag["Value"] for tag in about.get("Tags") or ()}
            if tags.get(TAG_CREATED_BY) == CREATED_BY:
                thing = Thing(kind, account, region, given, tags={TAG_CREATED_BY: CREATED_BY})
                yield Found(
                    thing, tags.get(TAG_RUN, ""), about.get("CreateDate"), _time(tags.get(TAG_EXPIRES))
                )


def _time(text: str | None) -> datetime | None:
    try:
        return datetime.strptime(text or "", "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
