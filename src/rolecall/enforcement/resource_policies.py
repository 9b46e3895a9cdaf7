"""The policy on a resource, as moto holds it, and the account that owns the resource."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.documents import stored_policy
from rolecall.enforcement.moto_state import backend_of, bucket_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.enforcement.checks import Check
    from rolecall.enforcement.environment import Environment
    from rolecall.iam.documents import Policy

__all__ = ["policy_on"]


def policy_on(environment: Environment, check: Check) -> tuple[Policy | None, str | None]:
    """The resource-based policy that applies to a check, and the owner where the ARN does not tell.

    Covered: S3 buckets, SQS queues, SNS topics, KMS keys, Lambda functions and secrets. The trust policy
    of a role belongs to the STS operations.
    """
    fields = check.resource.split(":", 5)
    if len(fields) < 6:
        return None, None
    service, account = fields[2], fields[4]
    if service == "s3":
        return _of_bucket(fields[5])
    reader = _READERS.get(service)
    if reader is None or not account.isdigit() or check.action.partition(":")[0] != service:
        return None, None
    text = reader(check.resource, fields)
    return (stored_policy(text, check.resource) if text else None), None


def _of_bucket(resource: str) -> tuple[Policy | None, str | None]:
    found = bucket_of(resource.partition("/")[0])
    if found is None:
        return None, None
    account, bucket = found
    if not bucket.policy:
        return None, account
    return stored_policy(bucket.policy.decode(), f"{bucket.name} bucket policy"), account


def _of_queue(arn: str, fields: list[str]) -> str | None:
    queue = backend_of("sqs", fields[4], fields[3]).queues.get(fields[5])
    return queue.policy if queue is not None else None


def _of_topic(arn: str, fields: list[str]) -> str | None:
    topic = backend_of("sns", fields[4], fields[3]).topics.get(arn)
    return _document(topic._policy_json) if topic is not None else None


def _of_key(arn: str, fields: list[str]) -> str | None:
    if not fields[5].startswith("key/"):
        return None
    key = backend_of("kms", fields[4], fields[3]).keys.get(fields[5].removeprefix("key/"))
    return str(key.policy) if key is not None else None


def _of_function(arn: str, fields: list[str]) -> str | None:
    from rolecall.enforcement.resources.awslambda import function_of

    function = function_of(arn)
    if function is None or not function.policy.statements:
        return None
    return _document({"Version": "2012-10-17", "Statement": function.policy.statements})


def _of_secret(arn: str, fields: list[str]) -> str | None:
    from rolecall.enforcement.resources.secretsmanager import secret_of

    secret = secret_of(arn, fields[4], fields[3])
    policy: str | None = secret.policy if secret is not None else None
    return policy


def _document(data: Any) -> str:
    return json.dumps(data)


_READERS: dict[str, Callable[[str, list[str]], str | None]] = {
    "sqs": _of_queue,
    "sns": _of_topic,
    "kms": _of_key,
    "lambda": _of_function,
    "secretsmanager": _of_secret,
}
