"""Which service a request is for: from the credential scope, the host and what the request carries."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.calls import HttpRequest

__all__ = [
    "Service",
    "candidates",
    "is_aws_host",
    "load_services",
    "modules_on_host",
    "narrow",
    "unserved",
    "unserved_on_host",
]


@dataclass(frozen=True, slots=True)
class Service:
    """A service: its boto3 name and what it looks like on the wire."""

    name: str
    signing: str
    prefix: str
    host: str
    """The host, with ``{region}`` in place of the region."""
    target: str | None
    version: str | None
    protocol: str
    module: str
    """The moto module that answers it; empty where moto does not."""


@cache
def load_services() -> Mapping[str, Service]:
    """Every service that moto answers, by boto3 name."""
    return _read("services.json")


@cache
def _unserved() -> Mapping[str, Service]:
    # Read at the first call that needs it: most environments never do.
    return _read("unserved_services.json")


def _read(name: str) -> Mapping[str, Service]:
    text = files("rolecall.enforcement").joinpath(name).read_text(encoding="utf-8")
    return {name: Service(name=name, **row) for name, row in json.loads(text).items()}


@cache
def _by_signing_name(served: bool) -> Mapping[str, tuple[Service, ...]]:
    found: dict[str, list[Service]] = {}
    for service in (load_services() if served else _unserved()).values():
        found.setdefault(service.signing, []).append(service)
    # Where several share a name, the one that is called like it comes first.
    return {
        name: tuple(sorted(services, key=lambda service: service.name != name))
        for name, services in found.items()
    }


def candidates(signing_name: str) -> tuple[Service, ...]:
    """The services of moto's that sign by that name."""
    return _by_signing_name(True).get(signing_name, ())


def unserved(signing_name: str, aws_host: str | None) -> tuple[Service, ...]:
    """The services that moto does not answer and that sign by that name, those of the host first."""
    found = _by_signing_name(False).get(signing_name, ())
    if aws_host is None or len(found) < 2:
        return found
    return tuple(sorted(found, key=lambda service: not _on_host(service, aws_host)))


def unserved_on_host(host: str) -> tuple[Service, ...]:
    """The services that moto does not answer and that AWS has on a host."""
    return tuple(service for service in _unserved().values() if _on_host(service, host))


def _on_host(service: Service, host: str) -> bool:
    before, found, after = service.host.partition("{region}")
    if not found:
        return host == before
    # The domain is another one in other partitions.
    return re.match(rf"{re.escape(before)}[a-z0-9-]+\.", host) is not None and bool(after)


def is_aws_host(host: str) -> bool:
    """Whether a host is one of AWS's, whatever its partition, or one where moto answers."""
    name = host.partition(":")[0].lower()
    return name.endswith(_domains()) or bool(modules_on_host(host))


@cache
def _domains() -> tuple[str, ...]:
    from botocore.loaders import Loader

    outputs = [item["outputs"] for item in Loader().load_data("partitions")["partitions"]]
    found = {out[kind] for out in outputs for kind in ("dnsSuffix", "dualStackDnsSuffix")}
    return tuple(f".{domain}" for domain in sorted(found))


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
