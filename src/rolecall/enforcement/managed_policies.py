"""AWS managed policies, put into moto one by one when they are named.

Loading all 1,582 takes more than a second in every account; cutting the named one out of moto's data
takes some milliseconds.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment

__all__ = ["aws_managed_document", "aws_managed_paths", "provide", "provide_all"]


@lru_cache(maxsize=256)
def aws_managed_document(name: str) -> str | None:
    """moto's JSON entry of the AWS managed policy of that name, None when there is none."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data as data

    # Only a policy's own entry follows a line break and one space.
    mark = f"\n {json.dumps(name)}:"
    start = data.find(mark)
    if start < 0:
        return None
    start += len(mark)
    _, end = json.JSONDecoder().raw_decode(data, start)
    return str(data[start:end])


def aws_managed_paths() -> dict[str, str]:
    """What follows ``:policy`` in the ARN of every AWS managed policy of moto's copy, by name."""
    return {name: entry.get("Path", "/") + name for name, entry in _entries().items()}


def provide(environment: Environment, account: str, arn: str) -> Any:
    """moto's policy object of an AWS managed policy, put into the account's IAM state if it exists."""
    head, _, path = arn.partition(":policy/")
    backend = environment.iam(account)
    known = backend.managed_policies.get(arn)
    if known is not None or head != f"arn:{environment.partition}:iam::aws":
        return known
    name = path.rpartition("/")[2]
    text = aws_managed_document(name)
    if text is None:
        return None
    from moto.iam.models import AWSManagedPolicy

    policy = AWSManagedPolicy.from_data(name, account, backend.region_name, json.loads(text))
    if policy.arn != arn:
        return None
    backend.managed_policies[arn] = policy
    backend.aws_managed_policies.append(policy)
    return policy


def provide_all(environment: Environment, account: str) -> None:
    """Put every AWS managed policy into the account's IAM state: for lists of them only."""
    from moto.iam.models import AWSManagedPolicy

    backend = environment.iam(account)
    known = {policy.name for policy in backend.aws_managed_policies}
    # A list comes page by page: after the first one there is nothing left to do.
    if len(known) >= _how_many():
        return
    for name, entry in _entries().items():
        if name not in known:
            policy = AWSManagedPolicy.from_data(name, account, backend.region_name, entry)
            backend.managed_policies[policy.arn] = policy
            backend.aws_managed_policies.append(policy)


def _entries() -> dict[str, Any]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data as data

    entries: dict[str, Any] = json.loads(data)
    return entries


@lru_cache(maxsize=1)
def _how_many() -> int:
    return len(_entries())
