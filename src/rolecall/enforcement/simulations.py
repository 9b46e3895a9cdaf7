"""IAM's policy simulator, answered from the engine.

Source: IAM API Reference, "SimulatePrincipalPolicy", "SimulateCustomPolicy" and "GetContextKeysFor…Policy".
Like AWS's, it knows no session policies, and only the context that it is given.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.actions import checks_for
from rolecall.enforcement.caller_policies import attached_policies, boundary_of
from rolecall.enforcement.calls import ApiError
from rolecall.enforcement.denying import authorize_checks
from rolecall.enforcement.families import Family
from rolecall.errors import InputError, MalformedPolicyDocument
from rolecall.iam.documents import Policy, parse_policy
from rolecall.iam.evaluation import evaluate
from rolecall.iam.policy_sets import Policies
from rolecall.iam.principals import Principal, read_principal
from rolecall.iam.requests import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rolecall.enforcement.calls import ApiCall, Caller
    from rolecall.enforcement.environment import Environment
    from rolecall.iam.decisions import Decision
    from rolecall.iam.requests import ContextValue

__all__ = [
    "context_keys_of_custom_policy",
    "context_keys_of_principal",
    "simulate_custom_policy",
    "simulate_principal_policy",
]

_VARIABLE = re.compile(r"\$\{([\w:/.-]+)[^}]*\}")


def simulate_custom_policy(call: ApiCall, caller: Caller, environment: Environment) -> Mapping[str, Any]:
    """The decisions on the policies that the call brings."""
    authorize_checks(environment, caller, call, checks_for(call, caller, environment), Family.QUERY)
    identity = _documents(call, "PolicyInputList")
    return _simulated(call, environment, _caller_of(call, caller), identity, None)


def simulate_principal_policy(call: ApiCall, caller: Caller, environment: Environment) -> Mapping[str, Any]:
    """The decisions on the policies of a user, group or role, and those that the call brings."""
    authorize_checks(environment, caller, call, checks_for(call, caller, environment), Family.QUERY)
    arn = call.params["PolicySourceArn"]
    held, boundary = _policies_of(environment, arn)
    principal = (
        _caller_of(call, caller) if ":group/" in arn else _principal(call.params.get("CallerArn") or arn)
    )
    return _simulated(call, environment, principal, (*held, *_documents(call, "PolicyInputList")), boundary)


def context_keys_of_custom_policy(
    call: ApiCall, caller: Caller, environment: Environment
) -> Mapping[str, Any]:
    """The condition keys that the policies of the call mention."""
    authorize_checks(environment, caller, call, checks_for(call, caller, environment), Family.QUERY)
    return {"ContextKeyNames": _keys(_documents(call, "PolicyInputList"))}


def context_keys_of_principal(call: ApiCall, caller: Caller, environment: Environment) -> Mapping[str, Any]:
    """The condition keys that the policies of a principal, and of the call, mention."""
    authorize_checks(environment, caller, call, checks_for(call, caller, environment), Family.QUERY)
    held, _ = _policies_of(environment, call.params["PolicySourceArn"])
    return {"ContextKeyNames": _keys((*held, *_documents(call, "PolicyInputList")))}


def _simulated(
    call: ApiCall,
    environment: Environment,
    principal: Principal,
    identity: tuple[Policy, ...],
    boundary: tuple[Policy, ...] | None,
) -> Mapping[str, Any]:
    params = call.params
    boundary = _documents(call, "PermissionsBoundaryPolicyInputList") or boundary
    resource_policy = params.get("ResourcePolicy")
    policies = Policies(
        identity=identity,
        resource=_document(resource_policy, "ResourcePolicy") if resource_policy else None,
        boundary=boundary,
    )
    context = _context(params.get("ContextEntries") or ())
    owner = params.get("ResourceOwner")
    results = []
    for action in params["ActionNames"]:
        if action.count(":") != 1 or "*" in action:
            raise ApiError("InvalidInput", f"Invalid action name: {action}", 400)
        for resource in params.get("ResourceArns") or ("*",):
            request = Request(principal, action, resource, owner.split(":")[4] if owner else None, context)
            results.append(_result(evaluate(request, policies, environment.switches), policies))
    return {"EvaluationResults": results, "IsTruncated": False}


def _result(decision: Decision, policies: Policies) -> dict[str, Any]:
    names = {key.lower(): key for policy in _every(policies) for key in _keys((policy,))}
    result: dict[str, Any] = {
        "EvalActionName": decision.request.action,
        "EvalResourceName": decision.request.resource,
        "EvalDecision": decision.verdict.value,
        "MatchedStatements": [
            {"SourcePolicyId": match.policy.name, "SourcePolicyType": "IAM Policy"}
            for match in decision.statements
        ],
        "MissingContextValues": [names.get(key.lower(), key) for key in decision.missing_context],
    }
    if policies.boundary is not None:
        alone = evaluate(decision.request, Policies(identity=policies.boundary), decision.switches)
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": alone.allowed}
    return result


def _every(policies: Policies) -> Iterable[Policy]:
    yield from policies.identity
    yield from policies.boundary or ()
    if policies.resource is not None:
        yield policies.resource


def _keys(policies: Iterable[Policy]) -> list[str]:
    found: dict[str, None] = {}
    for policy in policies:
        for statement in policy.statements:
            for condition in statement.conditions:
                found[condition.key] = None
                found.update(dict.fromkeys(_variables(condition.values)))
            found.update(dict.fromkeys(_variables(statement.resources or ())))
    return sorted(found)


def _variables(texts: Iterable[str]) -> list[str]:
    return [name for text in texts for name in _VARIABLE.findall(text)]


def _context(entries: Iterable[Mapping[str, Any]]) -> dict[str, ContextValue]:
    context: dict[str, ContextValue] = {}
    for entry in entries:
        values = list(entry.get("ContextKeyValues") or ())
        many = str(entry.get("ContextKeyType", "")).endswith("List")
        context[str(entry.get("ContextKeyName"))] = values if many or len(values) != 1 else values[0]
    return context


def _documents(call: ApiCall, name: str) -> tuple[Policy, ...]:
    return tuple(
        _document(text, f"{name}.{number}") for number, text in enumerate(call.params.get(name) or (), 1)
    )


def _document(text: str, name: str) -> Policy:
    try:
        return parse_policy(text, name=name)
    except MalformedPolicyDocument as error:
        raise ApiError("InvalidInput", f"Invalid policy {name}: {error}", 400) from error


def _principal(arn: str) -> Principal:
    try:
        return read_principal(arn)
    except InputError as error:
        raise ApiError("InvalidInput", str(error), 400) from error


def _caller_of(call: ApiCall, caller: Caller) -> Principal:
    named = call.params.get("CallerArn")
    return _principal(named or f"arn:{call.partition}:iam::{caller.account}:user/simulated")


def _policies_of(environment: Environment, arn: str) -> tuple[tuple[Policy, ...], tuple[Policy, ...] | None]:
    fields = arn.split(":", 5)
    kind, _, path = fields[5].partition("/") if len(fields) == 6 else ("", "", "")
    name = path.rpartition("/")[2]
    if kind not in ("user", "group", "role"):
        raise ApiError("InvalidInput", f"Invalid Entity Arn: {arn}", 400)
    backend = environment.iam(fields[4])
    if kind == "role":
        entity = next((role for role in backend.roles.values() if role.name == name), None)
    else:
        entity = (backend.users if kind == "user" else backend.groups).get(name)
    if entity is None:
        raise ApiError("NoSuchEntity", f"The {kind} with name {name} cannot be found.", 404)
    held = list(attached_policies(entity))
    if kind == "user":
        for group in tuple(backend.groups.values()):
            if entity in group.users:
                held.extend(attached_policies(group))
    return tuple(held), boundary_of(environment, entity, fields[4])
