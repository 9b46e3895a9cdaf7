"""AssumeRoot: a privileged task in a member account, for its organization's management account.

Sources: STS API Reference, AssumeRoot; IAM User Guide, "Perform a privileged task on an AWS Organizations
member account" and "Centralize root access for member accounts". The sentences of the refusals are
rolecall's where AWS documents none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiCall, ApiError, Caller
from rolecall.enforcement.documents import stored_policy
from rolecall.enforcement.sessions import SessionKind
from rolecall.enforcement.strict_iam.constraints import validation_error
from rolecall.enforcement.sts_authorization import require
from rolecall.enforcement.sts_credentials import credentials, issue, token_size
from rolecall.iam import Effect, Policy, Principal, PrincipalType, Statement

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment

__all__ = ["TASKS", "assume_root"]

TASKS = (
    "IAMAuditRootUserCredentials",
    "IAMCreateRootUserPassword",
    "IAMDeleteRootUserCredentials",
    "S3UnlockBucketPolicy",
    "SQSUnlockQueuePolicy",
)
"""The AWS managed policies that a root session can be scoped to, and nothing else."""

_TARGET = re.compile(r"(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?")
_LONGEST = 900
# Task policies consist of denials: they take away from what root may do.
_EVERYTHING = Policy((Statement(0, Effect.ALLOW, ("*",), resources=("*",)),), name="root")


def assume_root(call: ApiCall, caller: Caller, environment: Environment) -> dict[str, Any]:
    """The answer to AssumeRoot, or the ApiError that AWS would answer."""
    params = call.params
    if caller.principal.type is PrincipalType.ROOT:
        raise ApiError("AccessDenied", "Root user credentials cannot be used to call AssumeRoot.", 403)
    target = _TARGET.fullmatch(params["TargetPrincipal"])
    if target is None:
        raise validation_error(f"{params['TargetPrincipal']} is invalid")
    arn = params["TaskPolicyArn"].get("arn", "")
    task = arn.removeprefix(f"arn:{environment.partition}:iam::aws:policy/root-task/")
    if task not in TASKS:
        raise validation_error(f"The task policy must be one of {', '.join(TASKS)}.")
    if call.http.host == "sts.amazonaws.com":
        raise ApiError("AccessDenied", "AssumeRoot is not supported on the global endpoint of STS.", 403)
    account = target[1]
    root = f"arn:{environment.partition}:iam::{account}:root"
    # The root user of a member has no policy of its own: the caller's side decides.
    context = {"sts:TaskPolicyArn": arn, "aws:ResourceAccount": account}
    require(call, environment, caller, "sts:AssumeRoot", root, context, caller.account)
    _require_root_access(environment, caller.account, account)
    session = issue(
        environment,
        SessionKind.ROOT_TASK,
        Principal(PrincipalType.ROOT, root, account, environment.partition),
        _seconds(params.get("DurationSeconds")),
        smallest_token=params.get("MinimumSessionTokenSize"),
        session_policies=(_policy(environment, account, arn), _EVERYTHING),
        source_identity=caller.session.source_identity if caller.session else None,
    )
    answer: dict[str, Any] = {"Credentials": credentials(session), **token_size(session)}
    if session.source_identity is not None:
        answer["SourceIdentity"] = session.source_identity
    return answer


def _require_root_access(environment: Environment, caller: str, target: str) -> None:
    organization = environment.organization
    if organization is None or not organization.centralized_root_access:
        raise ApiError("AccessDenied", "Centralized root access is not enabled in the organization.", 403)
    if caller not in (organization.management_account, organization.delegated_iam_administrator):
        raise ApiError(
            "AccessDenied",
            "AssumeRoot takes credentials of the management account or of a delegated administrator for IAM.",
            403,
        )
    if target not in organization.paths or target == organization.management_account:
        raise ApiError("AccessDenied", f"{target} is not a member account of the organization.", 403)


def _seconds(asked: int | None) -> int:
    if asked is not None and asked > _LONGEST:
        raise validation_error(f"The requested DurationSeconds exceeds {_LONGEST} seconds.")
    return _LONGEST if asked is None else asked


def _policy(environment: Environment, account: str, arn: str) -> Policy:
    found = environment.managed_policy(account, arn)
    version = next(one for one in found.versions if one.version_id == found.default_version_id)
    return stored_policy(version.document, arn)
