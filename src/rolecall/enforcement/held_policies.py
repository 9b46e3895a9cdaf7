"""Where moto keeps the policies on resources: S3 buckets, SQS queues, SNS topics, KMS keys, Lambda functions
and secrets."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.moto_state import backend_of, bucket_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HeldPolicy", "all_held", "held_on"]


@dataclass(frozen=True, slots=True)
class HeldPolicy:
    """A policy on a resource. ``holder`` is moto's object, ``put`` sets another text in its place."""

    holder: Any = field(repr=False)
    text: str
    put: Callable[[str], None] = field(repr=False)


def held_on(arn: str) -> tuple[HeldPolicy | None, str | None]:
    """The policy on the resource of an ARN, and the account that owns a bucket."""
    fields = arn.split(":", 5)
    if len(fields) < 6:
        return None, None
    service, region, account = fields[2], fields[3], fields[4]
    if service == "s3" and fields[5].startswith("accesspoint/"):
        from rolecall.enforcement.resources.s3_access_points import held_point

        point = held_point(arn)
        return (_of_attribute("policy")(point) if point is not None else None), account or None
    if service == "s3":
        found = bucket_of(fields[5].partition("/")[0])
        return (_of_bucket(found[1]), found[0]) if found is not None else (None, None)
    if service not in _FINDERS or not account.isdigit():
        return None, None
    holder = _FINDERS[service](arn, account, region, fields[5])
    return (_READERS[service](holder) if holder is not None else None), None


def all_held() -> Iterator[HeldPolicy]:
    """Every policy on a resource that moto holds, in all accounts and regions."""
    for service, (module, holders) in _HOLDERS.items():
        # A module that nobody has used yet holds nothing, and takes long to import.
        if f"moto.{module}.models" not in sys.modules:
            continue
        from moto.backends import get_backend

        for regions in tuple(get_backend(module).values()):
            for backend in tuple(regions.values()):
                for holder in holders(backend):
                    held = _READERS[service](holder)
                    if held is not None:
                        yield held


def _of_bucket(bucket: Any) -> HeldPolicy | None:
    if not bucket.policy:
        return None

    def put(text: str) -> None:
        bucket.policy = text.encode()

    return HeldPolicy(bucket, bucket.policy.decode(), put)


def _of_attribute(name: str) -> Callable[[Any], HeldPolicy | None]:
    def read(holder: Any) -> HeldPolicy | None:
        text = getattr(holder, name)
        return HeldPolicy(holder, str(text), lambda new: setattr(holder, name, new)) if text else None

    return read


def _of_topic(topic: Any) -> HeldPolicy | None:
    def put(text: str) -> None:
        topic._policy_json = json.loads(text)

    return HeldPolicy(topic, json.dumps(topic._policy_json), put) if topic._policy_json else None


def _of_function(function: Any) -> HeldPolicy | None:
    policy = function.policy
    if not policy.statements:
        return None
    for statement in policy.statements:
        # moto leaves the principal of AddPermission as it was passed; Lambda stores and shows an element.
        principal = statement.get("Principal")
        if isinstance(principal, str) and principal != "*":
            statement["Principal"] = {"AWS": principal}

    def put(text: str) -> None:
        policy.statements = json.loads(text)["Statement"]

    return HeldPolicy(policy, json.dumps({"Version": "2012-10-17", "Statement": policy.statements}), put)


def _queue(arn: str, account: str, region: str, name: str) -> Any:
    return backend_of("sqs", account, region).queues.get(name)


def _topic(arn: str, account: str, region: str, name: str) -> Any:
    return backend_of("sns", account, region).topics.get(arn)


def _key(arn: str, account: str, region: str, name: str) -> Any:
    if not name.startswith("key/"):
        return None
    return backend_of("kms", account, region).keys.get(name.removeprefix("key/"))


def _function(arn: str, account: str, region: str, name: str) -> Any:
    from rolecall.enforcement.resources.awslambda import function_of

    return function_of(arn)


def _secret(arn: str, account: str, region: str, name: str) -> Any:
    from rolecall.enforcement.resources.secretsmanager import secret_of

    return secret_of(arn, account, region)


_FINDERS: dict[str, Callable[[str, str, str, str], Any]] = {
    "sqs": _queue,
    "sns": _topic,
    "kms": _key,
    "lambda": _function,
    "secretsmanager": _secret,
}
_READERS: dict[str, Callable[[Any], HeldPolicy | None]] = {
    "s3": _of_bucket,
    "s3control": _of_attribute("policy"),
    "sqs": _of_attribute("policy"),
    "sns": _of_topic,
    "kms": _of_attribute("policy"),
    "lambda": _of_function,
    "secretsmanager": _of_attribute("policy"),
}
_HOLDERS: dict[str, tuple[str, Callable[[Any], tuple[Any, ...]]]] = {
    "s3": ("s3", lambda backend: tuple(backend.buckets.values())),
    "s3control": (
        "s3control",
        lambda backend: tuple(one for found in backend.access_points.values() for one in found.values()),
    ),
    "sqs": ("sqs", lambda backend: tuple(backend.queues.values())),
    "sns": ("sns", lambda backend: tuple(backend.topics.values())),
    "kms": ("kms", lambda backend: tuple(dict.fromkeys(backend.keys.values()))),
    "lambda": (
        "awslambda",
        lambda backend: tuple(found["latest"] for found in backend._lambdas._functions.values()),
    ),
    # The store looks a secret up by name for every value that it hands out.
    "secretsmanager": ("secretsmanager", lambda backend: tuple(dict.values(backend.secrets))),
}
