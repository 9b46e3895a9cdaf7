"""What must hold before the first write: the right account, not production, not its root user."""

from __future__ import annotations

import fnmatch
import ipaddress
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from rolecall.errors import TargetError, UsageError

__all__ = ["DENIED_ALIASES", "Identity", "Rails", "is_loopback", "read_sandbox_accounts", "refuse_aws"]

DENIED_ALIASES = ("*prod*",)

_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws")
"""How the hosts of AWS's endpoints end ("AWS service endpoints", AWS General Reference)."""
_CLOCK = re.compile(r"Signature (expired|not yet current)|RequestTimeTooSkewed|clock", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identity:
    """What GetCallerIdentity answered."""

    account: str
    arn: str

    @property
    def is_root(self) -> bool:
        """Whether this is an account's root user."""
        return self.arn.endswith(":root")


@dataclass(frozen=True, slots=True)
class Rails:
    """Where may be written. ``loopback``: the endpoint is on this machine, nothing real can be reached.

    ``allowed`` are account ids; ``denied_aliases`` are patterns of account aliases, case-insensitive.
    """

    allowed: Collection[str]
    denied_aliases: Sequence[str] = DENIED_ALIASES
    loopback: bool = False
    root_refused: bool = True

    def check(self, sts: Any, iam: Any) -> Identity:
        """Who is calling, if that account may be written to. Raises TargetError; makes no write."""
        identity = identify(sts)
        self.check_identity(identity)
        self.check_aliases(identity, self._aliases(iam))
        return identity

    def check_identity(self, identity: Identity) -> None:
        """Raises TargetError for an account that is not listed, and for a root user."""
        if not self.loopback and identity.account not in self.allowed:
            listed = ", ".join(sorted(self.allowed)) or "none is"
            raise TargetError(
                f"the credentials are for account {identity.account}, which is not listed as a sandbox "
                f"({listed} listed): nothing was written. Name it with --sandbox-account "
                f"{identity.account}, ini sandbox_account or ROLECALL_SANDBOX_ACCOUNT if it is one"
            )
        if self.root_refused and identity.is_root:
            raise TargetError(
                f"the credentials are those of the root user of {identity.account}: nothing was written. Use "
                "a role with the policy that `rolecall runner-policy` prints"
            )

    def check_aliases(self, identity: Identity, aliases: Sequence[str]) -> None:
        """Raises TargetError where an alias matches a denied pattern."""
        for alias in aliases:
            for pattern in self.denied_aliases:
                if fnmatch.fnmatchcase(alias.lower(), pattern.lower()):
                    raise TargetError(
                        f'account {identity.account} has the alias "{alias}", which matches "{pattern}": '
                        "nothing was written. Patterns are set with --deny-alias"
                    )

    def _aliases(self, iam: Any) -> tuple[str, ...]:
        try:
            return tuple(iam.list_account_aliases()["AccountAliases"])
        except (ClientError, BotoCoreError) as error:
            if self.loopback:
                return ()
            raise TargetError(
                f"the account's alias cannot be read, so it may be production: {reason_of(error)}; nothing "
                "was written. Permit iam:ListAccountAliases (see `rolecall runner-policy`)"
            ) from None


def identify(sts: Any) -> Identity:
    """Ask who is calling. Raises TargetError with what to do about it."""
    try:
        answer = sts.get_caller_identity()
    except (ClientError, BotoCoreError) as error:
        raise TargetError(f"the target cannot be used: {reason_of(error)}") from None
    if not answer.get("Account") or not answer.get("Arn"):
        raise TargetError(
            "the target cannot be used: sts:GetCallerIdentity does not say who is calling there"
        )
    return Identity(str(answer["Account"]), str(answer["Arn"]))


def reason_of(error: ClientError | BotoCoreError) -> str:
    """An error of AWS or the way to it, with advice where there is some."""
    if not isinstance(error, ClientError):
        advice = ""
        if type(error).__name__ in ("NoCredentialsError", "PartialCredentialsError"):
            advice = ". Give credentials through --aws-profile, the environment or a role"
        return f"{str(error).rstrip('.')}{advice}"
    told = error.response.get("Error", {})
    code, message = str(told.get("Code", "")), str(told.get("Message", ""))
    said = f"{code}: {message}".rstrip(": ")
    if _CLOCK.search(message) or code == "RequestTimeTooSkewed":
        return f"{said} (the clock of this machine is off: set it by NTP)"
    if code in ("ExpiredToken", "ExpiredTokenException", "RequestExpired"):
        return f"{said} (the runner's credentials have expired: renew them)"
    return said


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own. Raises UsageError for what is no http(s) address."""
    host = _host(url)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_aws(url: str) -> None:
    """Raises UsageError for AWS's own address as an endpoint: what holds for an account has to hold there."""
    host = _host(url)
    if host.endswith(_AWS):
        raise UsageError(f"{host} is AWS itself: run with --aws-target=account, whose rails are meant for it")


def _host(url: str) -> str:
    host = None
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.port != 0:
            host = parts.hostname
    except ValueError:  # a port that is none, half an IPv6 address
        pass
    if not host:
        raise UsageError(f'"{url}" is not an address: http://… or https://…')
    return host.rstrip(".")


def read_sandbox_accounts(values: Sequence[str]) -> tuple[frozenset[str], dict[str, str]]:
    """``111122223333`` and ``alias=111122223333`` → all account ids, and ids by the chain's alias.

    Raises UsageError for what is no account id.
    """
    ids: set[str] = set()
    by_alias: dict[str, str] = {}
    for value in values:
        alias, _, account = value.rpartition("=")
        if not re.fullmatch(r"[0-9]{12}", account):
            raise UsageError(f'"{value}" is not a sandbox account: twelve digits, or alias=twelve digits')
        ids.add(account)
        if alias:
            by_alias[alias] = account
    return frozenset(ids), by_alias
