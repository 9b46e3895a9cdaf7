"""The policy on a resource, as moto holds it, and the account that owns the resource."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rolecall.enforcement.documents import stored_policy
from rolecall.enforcement.held_policies import held_on
from rolecall.enforcement.kms_grants import with_grants
from rolecall.enforcement.strict_iam.resource_principals import up_to_date
from rolecall.iam.principals import PrincipalType

if TYPE_CHECKING:
    from rolecall.enforcement.calls import ApiCall, Caller
    from rolecall.enforcement.checks import Check
    from rolecall.enforcement.environment import Environment
    from rolecall.iam.documents import Policy

__all__ = ["policy_on"]

_BUCKET_POLICY = frozenset({"s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "s3:PutBucketPolicy"})


def policy_on(
    environment: Environment, check: Check, caller: Caller, call: ApiCall
) -> tuple[Policy | None, str | None]:
    """The resource-based policy that applies to a check, and the owner where the ARN does not tell.

    Covered: S3 buckets, SQS queues, SNS topics, KMS keys with their grants, Lambda functions and secrets.
    The trust policy of a role belongs to the STS operations. None where the owner's root user mends a policy
    by which it locked itself out.
    """
    service = check.resource.partition(":")[2].partition(":")[2].partition(":")[0]
    if service != "s3" and check.action.partition(":")[0] != service:
        return None, None
    if check.resource.endswith(":key/*"):
        return _of_a_new_key(check.resource), None
    held, owner = held_on(check.resource)
    if held is None:
        return None, owner
    # Also where it is not asked: this is when it learns what became of the principals that it names.
    text = up_to_date(environment, held)
    if _mends_own_policy(check, caller, call, owner or check.resource.split(":", 5)[4]):
        return None, owner
    if service == "kms" and held.holder.grants:
        text = with_grants(text, held.holder.grants, check)
    name = f"{held.holder.name} bucket policy" if service == "s3" else check.resource
    return stored_policy(text, name), owner


def _of_a_new_key(arn: str) -> Policy:
    """What stands for the policy of a key that is not made yet: IAM policies decide on its tags.

    Source: KMS API Reference, CreateKey ("To use the Tags parameter, kms:TagResource (IAM policy)").
    """
    fields = arn.split(":")
    root = f"arn:{fields[1]}:iam::{fields[4]}:root"
    statement = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
    return stored_policy(json.dumps({"Version": "2012-10-17", "Statement": statement}), arn)


def _mends_own_policy(check: Check, caller: Caller, call: ApiCall, owner: str) -> bool:
    """Whether the root user of the resource's account reads, sets or removes the policy itself.

    Sources: S3 API Reference, PutBucketPolicy ("even if their bucket policy explicitly denies the root
    principal's access"); Account Management Reference Guide, root-only actions, for SQS.
    """
    if caller.principal.type is not PrincipalType.ROOT or caller.account != owner:
        return False
    if check.action == "sqs:SetQueueAttributes":
        return list(call.params.get("Attributes") or ()) == ["Policy"]
    return check.action in _BUCKET_POLICY
