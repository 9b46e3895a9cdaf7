"""AWS itself, or anything that speaks AWS over HTTP: shared, slow to settle, and to be left as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from rolecall.chains import rebase
from rolecall.errors import TargetError
from rolecall.provisioning import Marks, State
from rolecall.targets.ledgers import open_ledger, remove_ledger
from rolecall.targets.namespace import CREATED_BY, PATH, TAG_CREATED_BY, TAG_RUN, Namespace
from rolecall.targets.placement import Placement
from rolecall.targets.rails import Identity, Rails, reason_of
from rolecall.targets.retries import RetryBudget, with_retries
from rolecall.targets.sessions import SessionMaker

if TYPE_CHECKING:
    from rolecall.chains import Chain, Hop
    from rolecall.probes.patience import Patience

__all__ = ["AccountTarget", "Remote"]


@dataclass(frozen=True, slots=True)
class Remote:
    """How to get there. ``accounts``: sandbox account ids by a chain's alias, for chains with several.

    ``role``: the name of a role to assume in sandbox accounts other than the credentials' own. ``at_once``:
    things that are removed side by side.
    """

    name: str
    region: str
    endpoint_url: str | None = None
    profile: str | None = None
    accounts: Mapping[str, str] | None = None
    role: str | None = None
    boundary_arn: str | None = None
    at_once: int = 8


class AccountTarget:
    """The targets ``account`` and ``endpoint``. Nothing is asked, and nothing written, before ``start``."""

    authorizes_first = False
    is_emulator = False
    has_organization = False

    def __init__(
        self,
        remote: Remote,
        rails: Rails,
        namespace: Namespace,
        ledgers: Path,
        patience: Patience,
        budget: RetryBudget,
        *,
        credential: tuple[str, str, str | None] | None = None,
        sessions: SessionMaker | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = remote.name
        self.region = remote.region
        self.namespace = namespace
        self.ledgers = ledgers
        self.patience = patience
        self.budget = budget
        self._remote = remote
        self._rails = rails
        self._credential = credential
        self._maker = sessions or SessionMaker(remote.endpoint_url)
        self._clock = clock
        self._identity: Identity | None = None
        self._checked: set[tuple[str, str]] = set()
        self._admins: dict[tuple[str, str], boto3.Session] = {}

    @property
    def endpoint_url(self) -> str | None:
        """Where clients must be pointed at; None for AWS itself."""
        return self._remote.endpoint_url

    @property
    def identity(self) -> Identity:
        """Who provisions. Raises TargetError where that may not be."""
        if self._identity is None:
            session = self._own(self.region)
            self._identity = self._rails.check(session.client("sts"), session.client("iam"))
        return self._identity

    @property
    def sandbox_accounts(self) -> tuple[str, ...]:
        """The accounts that may be written to, as far as they are listed."""
        return tuple(sorted(self._rails.allowed))

    @property
    def at_once(self) -> int:
        """Things that are removed side by side."""
        return self._remote.at_once

    def start(self) -> None:
        """Check the rails. Raises TargetError before anything is written."""
        _ = self.identity

    def stop(self) -> None:
        """Forget every session."""
        self._admins.clear()

    def accounts(self, chain: Chain) -> Mapping[str, str]:
        """Account ids to use. Raises TargetError for a chain with more accounts than are given."""
        own = self.identity.account
        given = self._remote.accounts or {}
        if len(set(chain.accounts.values())) == 1:
            return {alias: given.get(alias, own) for alias in chain.accounts}
        missing = [alias for alias in chain.accounts if alias not in given]
        if missing:
            raise TargetError(
                f"chain {chain.name} declares {len(set(chain.accounts.values()))} accounts: say which "
                f"sandbox stands for {', '.join(missing)} (--sandbox-account {missing[0]}=111122223333). "
                "Two accounts in one would turn every trust between them into one inside an account, which "
                "AWS decides otherwise"
            )
        mapped = {alias: given[alias] for alias in chain.accounts}
        by_target: dict[str, str] = {}
        for alias, account in mapped.items():
            if by_target.setdefault(account, chain.accounts[alias]) != chain.accounts[alias]:
                raise TargetError(
                    f"chain {chain.name}: two of its accounts are mapped to {account}; each needs its own"
                )
        return mapped

    def place(self, chain: Chain) -> Placement:
        """The chain under this run's path and names, in the accounts that are given."""
        marks = self.namespace.marks(chain.name)
        accounts = self.accounts(chain)

        def moving(one: Chain) -> Chain:
            return rebase(one, accounts, self.namespace.path, self.namespace.prefix(chain.name))

        moved = moving(chain)
        for account in dict.fromkeys(moved.accounts.values()):
            self._enter_region(account, moved.region)
            self._check_boundary(account, moved.region)
        if self.name == "account":
            # An instance costs money and shows nothing about permissions.
            moved = replace(moved, resources=tuple(r for r in moved.resources if r.kind != "ec2_instance"))
        ledger = open_ledger(self.ledgers, self.namespace, chain.name)

        def done() -> None:
            if all(entry.state in (State.GONE, State.REFUSED) for entry in ledger.entries()):
                remove_ledger(ledger)
            else:
                ledger.close()

        return Placement(
            moved,
            moving,
            marks,
            self._remote.boundary_arn,
            ledger,
            self.within,
            self.patience,
            self.patience.sleep,
            done,
            at_once=self.at_once,
            shared=True,
        )

    @property
    def within(self) -> Marks:
        """Outside of these nothing is ever removed."""
        return Marks(PATH, {TAG_CREATED_BY: CREATED_BY, TAG_RUN: self.namespace.run})

    def admin(self, account: str, region: str) -> boto3.Session:
        """A session that may provision in an account. Raises TargetError."""
        if account == self.identity.account:
            key = (account, region)
            if key not in self._admins:
                self._admins[key] = self._own(region)
            return self._admins[key]
        return self._entered(account, region)

    def session(
        self, access_key_id: str, secret_access_key: str, token: str | None, region: str
    ) -> boto3.Session:
        """A session with a credential of the chain; no AWS setting of the user reaches it."""
        made = self._maker.session(access_key_id or None, secret_access_key or None, token, region)
        return with_retries(made, self.budget)

    def enter(self, chain: Chain) -> None:
        """Organization policies are not ours to set here: they stay the engine's matter."""

    def web_identity(self, chain: Chain, hop: Hop) -> Mapping[str, Any] | None:
        """None: only the provider itself can sign a token that AWS takes."""
        return None

    def _enter_region(self, account: str, region: str) -> None:
        """Raises TargetError where an account or its region cannot be entered, before anything is written."""
        session = self.admin(account, region)
        if (account, region) in self._checked:
            return
        try:
            # STS of the region itself: others' tokens may not be valid in regions that are switched off.
            session.client("sts", region_name=region).get_caller_identity()
        except (ClientError, BotoCoreError) as error:
            raise TargetError(
                f"region {region} of account {account} cannot be used: {reason_of(error)}; nothing was "
                "written. Is the region enabled in the account, and its STS endpoint active?"
            ) from None
        self._checked.add((account, region))

    def _check_boundary(self, account: str, region: str) -> None:
        """Raises TargetError where the boundary of all users and roles cannot be one in an account."""
        arn = self._remote.boundary_arn
        if arn is None or (account, arn) in self._checked:
            return
        owner = arn.split(":")[4]
        if owner not in ("aws", account):
            raise TargetError(
                f"--boundary-arn {arn} is of account {owner}: it is no boundary of what is in {account}, and "
                "nothing was written there"
            )
        iam = self.admin(account, region).client("iam")
        try:
            iam.get_policy(PolicyArn=arn)
        except iam.exceptions.NoSuchEntityException:
            raise TargetError(
                f"--boundary-arn {arn} does not exist: nothing was written to {account}"
            ) from None
        except (ClientError, BotoCoreError):
            pass  # who may not read it may use it all the same
        self._checked.add((account, arn))

    def _own(self, region: str) -> boto3.Session:
        if self._credential is not None:
            return with_retries(self._maker.session(*self._credential, region), self.budget)
        try:
            session = _Own(self._remote.profile, region, self._remote.endpoint_url)
        except BotoCoreError as error:
            raise TargetError(f"{error}. Profiles are named with --aws-profile") from None
        return with_retries(session, self.budget)

    def _entered(self, account: str, region: str) -> boto3.Session:
        key = (account, region)
        if key in self._admins:
            return self._admins[key]
        if account not in (self._remote.accounts or {}).values():
            raise TargetError(f"account {account} is not a sandbox account of this run: it is left alone")
        if not self._remote.role:
            raise TargetError(
                f"account {account} is not that of the credentials ({self.identity.account}): name a role "
                "that they may assume in it with --sandbox-role"
            )
        arn = f"arn:{self._partition()}:iam::{account}:role/{self._remote.role}"
        sts = self._own(region).client("sts")

        def become() -> Mapping[str, str]:
            held = sts.assume_role(RoleArn=arn, RoleSessionName="rolecall")["Credentials"]
            return {
                "access_key": held["AccessKeyId"],
                "secret_key": held["SecretAccessKey"],
                "token": held["SessionToken"],
                "expiry_time": held["Expiration"].isoformat(),
            }

        try:
            session = with_retries(self._maker.renewed(become, self._clock, region), self.budget)
        except (ClientError, BotoCoreError) as error:
            raise TargetError(f"{arn} cannot be assumed: {reason_of(error)}") from None
        entered = self._rails.check(session.client("sts"), session.client("iam"))
        if entered.account != account:
            raise TargetError(f"{arn} leads into account {entered.account}: nothing was written")
        self._admins[key] = session
        return session

    def _partition(self) -> str:
        return self.identity.arn.split(":")[1]


class _Own(boto3.Session):  # type: ignore[misc]
    """A session with the user's own credentials whose clients go to one endpoint, where there is one."""

    def __init__(self, profile: str | None, region: str, endpoint_url: str | None) -> None:
        super().__init__(profile_name=profile, region_name=region)
        self._endpoint_url = endpoint_url

    def client(self, *args: Any, **kwargs: Any) -> Any:
        if self._endpoint_url is not None:
            kwargs.setdefault("endpoint_url", self._endpoint_url)
        return super().client(*args, **kwargs)
