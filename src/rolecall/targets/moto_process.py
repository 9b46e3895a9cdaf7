"""What of moto is one for the whole process: its mock and the variables that it reads.

Environments may nest, run in several threads and end in any order. The first one puts things in place,
the last one puts them back.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["emptied_moto", "mocked_aws", "moto_settings"]

_SETTINGS = {
    # 1,301 images nobody asked for: a tenth of a second per account and region.
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    # These would override the account that a call is made in, or load 1,582 policies into each account.
    "MOTO_ACCOUNT_ID": None,
    "MOTO_IAM_LOAD_MANAGED_POLICIES": None,
    # Who may reach a bucket of another account is the gate's to say.
    "MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS": None,
    # moto makes a boto3 session of its own, which fails on a profile that is not there.
    "AWS_PROFILE": None,
    "AWS_DEFAULT_PROFILE": None,
    # A client that user code makes by itself must end at moto, not at an address set for other work.
    "AWS_ENDPOINT_URL": None,
}


class _Settings:
    """The variables, with how many environments want them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._before: dict[str, str | None] = {}

    @property
    def users(self) -> int:
        return self._users

    def hold(self) -> None:
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._before = {name: os.environ.get(name) for name in _SETTINGS}
                _set(_SETTINGS)

    def release(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                _set(self._before)


# os.environ is one for the process, and so is the count of those who changed it.
_settings = _Settings()


def _set(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def moto_settings() -> Iterator[None]:
    """Variables that moto reads at call time, set for speed and safety, and put back at the end."""
    _settings.hold()
    try:
        yield
    finally:
        _settings.release()


@contextmanager
def mocked_aws() -> Iterator[None]:
    """moto's mock, without the credentials that ``mock_aws`` puts into the environment variables.

    ``mock_aws(config=…)`` would leave its configuration behind where it is nested, and its credentials
    would only be refused here. moto's count of nested mocks is kept, so both kinds can hold each other.
    """
    from moto.core.models import MockAWS

    mock = MockAWS()
    with MockAWS._mock_init_lock:
        MockAWS._nested_count += 1
        first = MockAWS._nested_count == 1
        if first:
            # An inner mock_aws would put boto3's default session aside and never back.
            MockAWS._mocks_active = True
            mock._enable_patching(reset=True)
    try:
        yield
    finally:
        with MockAWS._mock_init_lock:
            MockAWS._nested_count -= 1
            if first:
                MockAWS._mocks_active = False
            if MockAWS._nested_count == 0:
                mock._disable_patching(remove_data=True)


@contextmanager
def emptied_moto() -> Iterator[None]:
    """moto's state, emptied before and after unless another environment of this process uses it.

    To be entered inside ``moto_settings``, which counts the environments.
    """
    _reset_if_alone()
    try:
        yield
    finally:
        _reset_if_alone()


def _reset_if_alone() -> None:
    from moto.core.base_backend import BackendDict
    from moto.core.models import MockAWS

    if MockAWS._nested_count == 0 and _settings.users == 1:
        BackendDict.reset()
