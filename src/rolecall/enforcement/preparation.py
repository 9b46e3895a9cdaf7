"""What moto needs before an admitted call reaches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.managed_policies import provide_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rolecall.enforcement.calls import ApiCall, Caller
    from rolecall.enforcement.checks import Check
    from rolecall.enforcement.environment import Environment

__all__ = ["account_for", "prepare"]


def prepare(call: ApiCall, caller: Caller, environment: Environment) -> None:
    """Put the AWS managed policies that a call names into moto."""
    if call.service != "iam":
        return
    if call.operation == "ListPolicies" and call.params.get("Scope") == "AWS":
        provide_all(environment, caller.account)
    for name in ("PolicyArn", "PermissionsBoundary", "PolicySourceArn"):
        arn = call.params.get(name)
        if isinstance(arn, str) and ":iam::aws:policy/" in arn:
            environment.managed_policy(caller.account, arn)


def account_for(call: ApiCall, caller: Caller, checks: Sequence[Check]) -> str:
    """The account in whose state moto has to work: the resource's where the call reaches across.

    S3 finds buckets by itself, and IAM and EC2 work in the caller's account only.
    """
    if call.service in ("s3", "iam", "ec2"):
        return caller.account
    own = call.service if call.service != "stepfunctions" else "states"
    for check in checks:
        fields = check.resource.split(":", 5)
        if len(fields) == 6 and fields[2] == own and len(fields[4]) == 12 and fields[4].isdigit():
            return fields[4]
    return caller.account
