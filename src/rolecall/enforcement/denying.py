"""Authorizing the checks of a call, and the error of the first one that fails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.authorization import decide, standing_context
from rolecall.enforcement.caller_policies import policies_of
from rolecall.enforcement.calls import ApiError
from rolecall.enforcement.families import Family
from rolecall.enforcement.kms_grants import open_abroad
from rolecall.enforcement.resource_policies import policy_on
from rolecall.enforcement.sealed_messages import seal_decision
from rolecall.enforcement.underived import hanging_key, hangs_on_resource
from rolecall.enforcement.unknown_keys import unknown_to
from rolecall.iam.denials import denial
from rolecall.iam.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rolecall.enforcement.caller_policies import CallerPolicies
    from rolecall.enforcement.calls import ApiCall, Caller
    from rolecall.enforcement.checks import Check
    from rolecall.enforcement.environment import Environment
    from rolecall.iam.decisions import Decision
    from rolecall.iam.requests import ContextValue

__all__ = ["authorize_checks", "denial_error"]

_CODES = {
    Family.QUERY: ("AccessDenied", 403),
    Family.REST_XML: ("AccessDenied", 403),
    Family.SQS: ("AccessDenied", 403),
    Family.S3: ("AccessDenied", 403),
    Family.EC2: ("UnauthorizedOperation", 403),
    Family.JSON: ("AccessDeniedException", 400),
    Family.REST_JSON: ("AccessDeniedException", 403),
}

_BEHIND = {"sqs": ("KMS.AccessDeniedException", 400), "sns": ("KMSAccessDenied", 400)}


def authorize_checks(
    environment: Environment, caller: Caller, call: ApiCall, checks: Sequence[Check], family: Family
) -> None:
    """Put every check to the engine. Raises ApiError for the first that is not allowed.

    An EC2 dry run that passes raises too: DryRunOperation is how EC2 answers it.
    """
    held = policies_of(environment, caller)
    standing = standing_context(environment, caller, call.service, call.http, call.region)
    for check in checks:
        try:
            _authorize(environment, caller, call, check, family, held, standing)
        except ApiError:
            others = (replace(check, action=action, other_actions=()) for action in check.other_actions)
            if not any(_is_allowed(environment, caller, call, one, family, held, standing) for one in others):
                raise
    if family is Family.EC2 and call.params.get("DryRun") is True:
        raise ApiError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)


def _authorize(
    environment: Environment,
    caller: Caller,
    call: ApiCall,
    check: Check,
    family: Family,
    held: CallerPolicies,
    standing: Mapping[str, ContextValue],
) -> None:
    policy, owner = policy_on(environment, check, caller, call)
    if held.gone:
        policy = None
    decision = decide(
        environment,
        caller,
        held,
        check.action,
        check.resource,
        {**standing, **check.context} if check.context else standing,
        resource_policy=policy,
        resource_account=check.resource_account or owner,
    )
    if not check.derived and hangs_on_resource(decision):
        error = denial_error(environment, decision, family)
        note = f" (resource not derived: {check.action} has resources, and this policy tells them apart)"
        raise ApiError(error.code, error.message + note, error.status)
    key = hanging_key(decision, unknown_to(call.service, check, decision.request.context))
    if key is not None:
        error = denial_error(environment, decision, family)
        note = f" (condition key not derived: AWS knows {key}, which decides here, and rolecall does not)"
        raise ApiError(error.code, error.message + note, error.status)
    if not decision.allowed:
        error = denial_error(environment, decision, family)
        doubt = check.doubt or open_abroad(check, caller)
        if doubt and decision.verdict is not Outcome.EXPLICIT_DENY:
            raise ApiError(error.code, f"{error.message} (resource not derived: {doubt})", error.status)
        raise error


def _is_allowed(*asked: Any) -> bool:
    try:
        _authorize(*asked)
    except ApiError:
        return False
    return True


def denial_error(environment: Environment, decision: Decision, family: Family) -> ApiError:
    """The error of a decision, as the called service words it: EC2 answers for iam:PassRole too."""
    answer = denial(decision)
    prefix = decision.request.action.partition(":")[0]
    code, status = _CODES[family]
    message = answer.message
    if prefix == "kms":
        # Of a key behind a queue or a topic; other services have no code of their own for it.
        via = str(decision.request.context.get("kms:viaservice", "")).partition(".")[0]
        code, status = _BEHIND.get(via, (code, status))
    if family is Family.S3 and _is_stranger(environment, decision):
        message = "Access Denied"
    if prefix == "sns":
        code = answer.code
    if family is Family.EC2:
        if prefix != "ec2":
            message = f"You are not authorized to perform this operation. {message}"
        message += f". Encoded authorization failure message: {seal_decision(environment, decision)}"
    return ApiError(code, message, status)


def _is_stranger(environment: Environment, decision: Decision) -> bool:
    """Whether the caller is of another account and organization: S3 then keeps the reason to itself."""
    caller, owner = decision.request.principal.account, decision.request.resource_account
    paths = environment.organization.paths if environment.organization else {}
    return caller != owner and not (caller in paths and owner in paths)
