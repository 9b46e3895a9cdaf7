"""The policy on a resource, as moto holds it, and the account that owns the resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.documents import stored_policy
from rolecall.enforcement.held_policies import held_on
from rolecall.enforcement.strict_iam.resource_principals import up_to_date

if TYPE_CHECKING:
    from rolecall.enforcement.checks import Check
    from rolecall.enforcement.environment import Environment
    from rolecall.iam.documents import Policy

__all__ = ["policy_on"]


def policy_on(environment: Environment, check: Check) -> tuple[Policy | None, str | None]:
    """The resource-based policy that applies to a check, and the owner where the ARN does not tell.

    Covered: S3 buckets, SQS queues, SNS topics, KMS keys, Lambda functions and secrets. The trust policy
    of a role belongs to the STS operations.
    """
    service = check.resource.partition(":")[2].partition(":")[2].partition(":")[0]
    if service != "s3" and check.action.partition(":")[0] != service:
        return None, None
    held, owner = held_on(check.resource)
    if held is None:
        return None, owner
    name = f"{held.holder.name} bucket policy" if service == "s3" else check.resource
    return stored_policy(up_to_date(environment, held), name), owner
