"""moto that enforces IAM, in process.

with enforcing_moto(account_id="111122223333") as aws:
    admin = aws.root_session()
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rolecall.enforcement.environment import Environment, system_clock
from rolecall.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    import boto3

    from rolecall.iam.switches import Switches
    from rolecall.targets.sessions import SessionMaker

__all__ = ["EnforcedMoto", "enforcing_moto", "moto_settings", "new_environment"]

_SETTINGS = {
    # 1,301 images nobody asked for: a tenth of a second per account and region.
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    # These would override the account that a call is made in, or load 1,582 policies into each account.
    "MOTO_ACCOUNT_ID": None,
    "MOTO_IAM_LOAD_MANAGED_POLICIES": None,
}


@dataclass(slots=True)
class EnforcedMoto:
    """A running environment: who may call is decided by IAM, root excepted.

    ``endpoint_url`` is set where it is served over HTTP.
    """

    environment: Environment
    region: str
    sessions: SessionMaker = field(repr=False)
    endpoint_url: str | None = None

    @property
    def account_id(self) -> str:
        """The account that the environment was started with."""
        return self.environment.account_id

    def root_session(self, account_id: str | None = None, region: str | None = None) -> boto3.Session:
        """A boto3 session of an account's root user; the account comes into being with it."""
        root = self.environment.root(account_id)
        return self.session(root.access_key_id, root.secret_access_key, region=region)

    def session(
        self,
        access_key_id: str | None,
        secret_access_key: str | None,
        token: str | None = None,
        region: str | None = None,
    ) -> boto3.Session:
        """A boto3 session of a credential. It takes nothing from environment variables or files of AWS."""
        return self.sessions.session(access_key_id, secret_access_key, token, region or self.region)


def new_environment(
    account_id: str, region: str, clock: Callable[[], datetime], switches: Switches | None
) -> Environment:
    """An environment with its root credential. Raises UsageError for what is no account id."""
    if not (len(account_id) == 12 and account_id.isascii() and account_id.isdigit()):
        raise UsageError(f'"{account_id}" is not an account id: twelve digits')
    from moto.utilities.utils import get_partition

    environment = Environment(account_id, region, str(get_partition(region)), clock)
    if switches is not None:
        environment.switches = switches
    environment.root()
    return environment


@contextmanager
def moto_settings() -> Iterator[None]:
    """Environment variables that moto reads at call time, set for speed and put back at the end."""
    before = {name: os.environ.get(name) for name in _SETTINGS}
    try:
        for name, value in _SETTINGS.items():
            _set(name, value)
        yield
    finally:
        for name, value in before.items():
            _set(name, value)


def _set(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


@contextmanager
def enforcing_moto(
    *,
    account_id: str = "123456789012",
    region: str = "us-east-1",
    clock: Callable[[], datetime] = system_clock,
    switches: Switches | None = None,
) -> Iterator[EnforcedMoto]:
    """moto in this process, every call authenticated and authorized as AWS does.

    In: the account and region to start in, a clock (aware UTC datetimes) and the engine's switches. Out:
    an EnforcedMoto. Its root credential is the only one that exists at the start. moto is as it was when
    the block ends, also after an exception. Blocks may nest; moto's state is one for the process, so they
    share it.
    """
    environment = new_environment(account_id, region, clock, switches)
    from moto import mock_aws

    from rolecall.enforcement.gate import Gate
    from rolecall.enforcement.interception import install, remove
    from rolecall.enforcement.strict_iam import moto_replaced
    from rolecall.targets.sessions import SessionMaker

    gate = Gate(environment)
    with ExitStack() as stack:
        stack.enter_context(moto_settings())
        # moto's own credentials for boto3's default session would only be refused.
        stack.enter_context(
            mock_aws(config={"core": {"mock_credentials": False, "reset_boto3_session": False}})
        )
        stack.enter_context(moto_replaced(environment))
        install(gate)
        stack.callback(remove, gate)
        yield EnforcedMoto(environment, region, SessionMaker())
