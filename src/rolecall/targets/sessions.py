"""boto3 sessions that share what is slow to load, and that no AWS setting of the user reaches."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import boto3
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConfigValueStore, ConstantProvider
from botocore.credentials import RefreshableCredentials
from botocore.loaders import Loader
from botocore.session import Session

__all__ = ["SessionMaker"]


class SessionMaker:
    """Makes sessions for one environment; ``endpoint_url`` where it is served over HTTP."""

    def __init__(self, endpoint_url: str | None = None) -> None:
        self._endpoint_url = endpoint_url

    def session(
        self, access_key_id: str | None, secret_access_key: str | None, token: str | None, region: str
    ) -> boto3.Session:
        """A session of that credential in that region.

        Environment variables, profiles and files of AWS do not reach it: a stray AWS_PROFILE or
        AWS_ENDPOINT_URL would send test traffic elsewhere.
        """
        session = self._bare(region)
        if access_key_id is not None:
            session.set_credentials(access_key_id, secret_access_key, token)
        return self._pointed(session, region)

    def renewed(
        self, become: Callable[[], Mapping[str, str]], clock: Callable[[], datetime], region: str
    ) -> boto3.Session:
        """A session of a role that is entered anew before each session of it ends.

        ``become`` answers what botocore's refreshable credentials take: access_key, secret_key, token,
        expiry_time. It is called once at once, and raises what it raises.
        """
        session = self._bare(region)
        session._credentials = RefreshableCredentials.create_from_metadata(
            metadata=dict(become()), refresh_using=become, method="sts-assume-role"
        )
        session._credentials._time_fetcher = clock
        return self._pointed(session, region)

    def _bare(self, region: str) -> Session:
        session = Session()
        values = {name: spec[2] for name, spec in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
        values |= {
            "config_file": os.devnull,
            "credentials_file": os.devnull,
            "ignore_configured_endpoint_urls": True,
            "region": region,
        }
        session.register_component(
            "config_store",
            ConfigValueStore(mapping={name: ConstantProvider(value) for name, value in values.items()}),
        )
        session.register_component("data_loader", _loader())
        return session

    def _pointed(self, session: Session, region: str) -> boto3.Session:
        if self._endpoint_url is None:
            return boto3.Session(botocore_session=session, region_name=region)
        return _EndpointSession(self._endpoint_url, session, region)


@cache
def _loader() -> Loader:
    # What it reads are the files of the installed botocore, which no environment changes: reading them
    # again for each one took most of the time of a short test.
    return Loader()


class _EndpointSession(boto3.Session):  # type: ignore[misc]
    """A session whose clients go to one endpoint."""

    def __init__(self, endpoint_url: str, session: Session, region: str) -> None:
        super().__init__(botocore_session=session, region_name=region)
        self._endpoint_url = endpoint_url

    def client(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("endpoint_url", self._endpoint_url)
        return super().client(*args, **kwargs)

    def resource(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("endpoint_url", self._endpoint_url)
        return super().resource(*args, **kwargs)
