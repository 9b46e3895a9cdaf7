"""What an organization adds to an account, as far as a runner is told: limits of what a run proves.

Organizations API reference, DescribeOrganization, ListParents, ListPoliciesForTarget: the first answers any
member account, the others the management account and delegated administrators only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

__all__ = ["organization_limits"]

_KINDS = {
    "scps": ("SERVICE_CONTROL_POLICY", "service control policies", "FullAWSAccess"),
    "rcps": ("RESOURCE_CONTROL_POLICY", "resource control policies", "RCPFullAWSAccess"),
}
_DEEPEST = 7
"""A root, five levels of units, an account (Organizations user guide, quotas)."""


def organization_limits(client: Any, account: str, declared: Collection[str]) -> tuple[str, ...]:
    """Sentences for the report. In: an Organizations client of that account, which of scps and rcps manifests
    declare for it. Never raises for what AWS answers.
    """
    try:
        organization = client.describe_organization()["Organization"]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "AWSOrganizationsNotInUseException":
            said = f"Account {account} is in no organization: no service or resource control policy applied."
            return (said,)
        return (_untold(account, code),)
    except BotoCoreError as error:
        return (_untold(account, type(error).__name__),)
    where = f"Account {account} is a member of organization {organization['Id']}"
    if organization.get("MasterAccountId") == account:
        return (
            f"Account {account} is the management account of organization {organization['Id']}, to which no "
            "service or resource control policy applies: a member account may answer otherwise.",
        )
    return tuple(_limit(client, account, where, kind, kind in declared) for kind in _KINDS)


def _untold(account: str, code: str) -> str:
    return (
        f"Whether account {account} is in an organization could not be told ({code}): service and resource "
        "control policies may have been in force that no prediction knows."
    )


def _limit(client: Any, account: str, where: str, kind: str, declared: bool) -> str:
    policy_type, words, usual = _KINDS[kind]
    try:
        names = sorted(set(_attached(client, account, policy_type)) - {usual})
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return f"{where}, whose {words} the runner may not read ({code}): predictions know none of them."
    except BotoCoreError as error:
        return f"{where}, whose {words} could not be read ({type(error).__name__}): predictions know none."
    if not names:
        return f"{where}; of its {words} none but {usual} applies to it."
    listed = ", ".join(names)
    if declared:
        return (
            f"{where}, under the {words} {listed}. Whether they say what the manifests' {kind} say was not "
            "compared."
        )
    return (
        f"ATTENTION: {where}, under the {words} {listed}, and no manifest declares any (`{kind}`): the "
        "predictions ignore them, the observations do not."
    )


def _attached(client: Any, account: str, policy_type: str) -> Iterator[str]:
    """Names of the policies on the account and on everything above it."""
    target: str | None = account
    for _ in range(_DEEPEST):
        if target is None:
            return
        for page in client.get_paginator("list_policies_for_target").paginate(
            TargetId=target, Filter=policy_type
        ):
            yield from (str(policy["Name"]) for policy in page["Policies"])
        if target.startswith("r-"):
            return
        parents = client.list_parents(ChildId=target)["Parents"]
        target = parents[0]["Id"] if parents else None
