"""Which service a request is for: from the credential scope, the host and what the request carries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.calls import HttpRequest

__all__ = ["Service", "candidates", "load_services", "modules_on_host", "narrow"]


@dataclass(frozen=True, slots=True)
class Service:
    """A service that moto knows: its boto3 name and what it looks like on the wire."""

    name: str
    signing: str
    prefix: str
    host: str
    """The host, with ``{region}`` in place of the region."""
    target: str | None
    version: str | None
    protocol: str
    module: str


@cache
def load_services() -> Mapping[str, Service]:
    """Every service of ``services.json``, by boto3 name."""
    text = files("rolecall.enforcement").joinpath("services.json").read_text(encoding="utf-8")
    return {name: Service(name=name, **row) for name, row in json.loads(text).items()}


@cache
def _by_signing_name() -> Mapping[str, tuple[Service, ...]]:
    found: dict[str, list[Service]] = {}
    for service in load_services().values():
        found.setdefault(service.signing, []).append(service)
    # Where several share a name, the one that is called like it comes first.
    return {
        name: tuple(sorted(services, key=lambda service: service.name != name))
        for name, services in found.items()
    }


def candidates(signing_name: str) -> tuple[Service, ...]:
    """The services that sign by that name."""
    return _by_signing_name().get(signing_name, ())


@lru_cache(maxsize=2048)
def modules_on_host(host: str) -> tuple[str, ...]:
    """The moto modules that answer on a host of AWS, in moto's order."""
    from moto.backend_index import backend_url_patterns
    from moto.core.utils import get_equivalent_url_in_aws_domain

    parsed, _ = get_equivalent_url_in_aws_domain(f"https://{host}/")
    url = f"https://{parsed.netloc}/"
    return tuple(dict.fromkeys(module for module, pattern in backend_url_patterns if pattern.match(url)))


def narrow(
    services: tuple[Service, ...], request: HttpRequest, values: Mapping[str, str]
) -> tuple[Service, ...]:
    """Those of ``services`` that the request can be meant for, judged by its target or API version."""
    if "x-amz-account-id" in request.headers and any(item.name == "s3control" for item in services):
        # S3 Control signs as S3 does; its calls name the account in a header.
        return tuple(service for service in services if service.name == "s3control")
    target = request.headers.get("x-amz-target")
    if target is not None:
        prefix = target.rpartition(".")[0]
        return tuple(service for service in services if service.target == prefix)
    if "Action" in values and "Version" in values:
        return tuple(service for service in services if service.version == values["Version"])
    return services
