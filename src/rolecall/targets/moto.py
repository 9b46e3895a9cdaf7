"""moto that enforces IAM, in process.

with enforcing_moto(account_id="111122223333") as aws:
    admin = aws.root_session()
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rolecall.enforcement.environment import Environment, system_clock
from rolecall.errors import UsageError
from rolecall.targets.moto_process import mocked_aws, moto_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    import boto3

    from rolecall.iam.switches import Switches
    from rolecall.targets.sessions import SessionMaker

__all__ = ["EnforcedMoto", "enforcing_moto", "new_environment"]


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
    from rolecall.enforcement.gate import Gate
    from rolecall.enforcement.interception import install, remove
    from rolecall.enforcement.moto_judgement import judgement_set_aside
    from rolecall.enforcement.s3_hosts import hosts_remembered
    from rolecall.enforcement.strict_iam import moto_replaced
    from rolecall.targets.sessions import SessionMaker

    gate = Gate(environment)
    with ExitStack() as stack:
        stack.enter_context(moto_settings())
        stack.enter_context(mocked_aws())
        stack.enter_context(moto_replaced(environment))
        stack.enter_context(judgement_set_aside())
        stack.enter_context(hosts_remembered())
        install(gate)
        stack.callback(remove, gate)
        yield EnforcedMoto(environment, region, SessionMaker())
