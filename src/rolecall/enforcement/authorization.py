"""Deciding one action of one caller: the caller's policies as moto holds them now, put to the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.caller_policies import CallerPolicies, policies_of, principal_facts
from rolecall.enforcement.sessions import SessionKind
from rolecall.iam.evaluation import evaluate
from rolecall.iam.policy_sets import Policies
from rolecall.iam.request_context import CallFacts, call_context, principal_context
from rolecall.iam.requests import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.calls import Caller, HttpRequest
    from rolecall.enforcement.environment import Environment
    from rolecall.iam.decisions import Decision
    from rolecall.iam.documents import Policy
    from rolecall.iam.requests import ContextValue

__all__ = ["authorize", "decide", "standing_context"]

# Their requests are signed for one region of the partition, whatever the client's.
_GLOBAL = {
    "iam": "us-east-1",
    "organizations": "us-east-1",
    "cloudfront": "us-east-1",
    "route53": "us-east-1",
}


def authorize(
    environment: Environment,
    caller: Caller,
    action: str,
    resource_arn: str,
    context: Mapping[str, ContextValue],
    *,
    service: str,
    resource_policy: Policy | None = None,
    resource_account: str | None = None,
    http: HttpRequest | None = None,
    region: str | None = None,
) -> Decision:
    """The engine's decision on one action.

    In: the caller, ``service:Action``, the resource's ARN (``"*"`` where the action has none), the
    context keys of the request (what follows from the principal and the clock is added here), the
    policy on the resource and the account that owns it. Reads moto's IAM state at the moment of the call.
    """
    standing = standing_context(environment, caller, service, http, region)
    return decide(
        environment,
        caller,
        policies_of(environment, caller),
        action,
        resource_arn,
        {**standing, **context},
        resource_policy=resource_policy,
        resource_account=resource_account,
    )


def standing_context(
    environment: Environment,
    caller: Caller,
    service: str,
    http: HttpRequest | None = None,
    region: str | None = None,
) -> dict[str, ContextValue]:
    """The keys that are the same for every action of one call."""
    now = environment.clock()
    context = principal_context(principal_facts(environment, caller), now)
    if caller.session is not None and caller.session.kind is SessionKind.ROOT_TASK:
        context["aws:AssumedRoot"] = True
    context.update(
        call_context(
            CallFacts(
                now=now,
                region=_GLOBAL.get(service, region or environment.region),
                secure=http.secure if http else True,
                source_ip=http.source_ip if http else "127.0.0.1",
                user_agent=http.headers.get("user-agent") if http else None,
            )
        )
    )
    return context


def decide(
    environment: Environment,
    caller: Caller,
    held: CallerPolicies,
    action: str,
    resource_arn: str,
    context: Mapping[str, ContextValue],
    *,
    resource_policy: Policy | None = None,
    resource_account: str | None = None,
) -> Decision:
    """The decision on one action, for a caller whose policies are already gathered."""
    owner = resource_account or _account_in(resource_arn) or caller.account
    whole = dict(context)
    whole.setdefault("aws:ResourceAccount", owner)
    organization = environment.organization
    if organization is not None and owner in organization.paths:
        whole["aws:ResourceOrgID"] = organization.id
        whole["aws:ResourceOrgPaths"] = (organization.paths[owner],)
    return evaluate(
        Request(caller.principal, action, resource_arn, owner, whole),
        Policies(
            identity=held.identity,
            resource=resource_policy,
            boundary=held.boundary,
            session=held.session,
            scps=_levels(environment, environment.scps, caller.account),
            rcps=_levels(environment, environment.rcps, owner),
        ),
        environment.switches,
    )


def _levels(
    environment: Environment, levels: Mapping[str, tuple[tuple[Policy, ...], ...]], account: str
) -> tuple[tuple[Policy, ...], ...]:
    organization = environment.organization
    if organization is not None and organization.management_account == account:
        return ()
    return levels.get(account, ())


def _account_in(arn: str) -> str | None:
    fields = arn.split(":", 5)
    return fields[4] if len(fields) == 6 and fields[4].isdigit() else None
