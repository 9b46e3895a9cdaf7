"""Allowed, explicitly denied or implicitly denied: the formula, and nothing of why.

The closed formula of the IAM User Guide's pages "Policy evaluation logic", "Determining whether a request is
allowed or denied within an account" and "Cross-account policy evaluation logic"; Organizations User Guide,
"SCP evaluation" and "RCP evaluation"; KMS Developer Guide, "Key policies".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rolecall.iam.call_rules import request_rule
from rolecall.iam.compiled import CompiledPolicy, CompiledStatement, compiled, compiled_identity
from rolecall.iam.grants import Grant
from rolecall.iam.outcomes import Outcome
from rolecall.iam.principals import PrincipalType

if TYPE_CHECKING:
    from rolecall.iam.documents import Policy
    from rolecall.iam.policy_sets import Policies
    from rolecall.iam.requests import NormalValue, Request
    from rolecall.iam.switches import Switches

__all__ = ["decide", "in_one_account", "names_caller", "needs_resource_grant", "organization_applies"]

_UNOWNED = (PrincipalType.SERVICE, PrincipalType.FEDERATED_PROVIDER, PrincipalType.ANONYMOUS)
_ROLE_ACTIONS = frozenset(
    {
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:tagsession",
        "sts:setsourceidentity",
        "sts:setcontext",
    }
)


@dataclass(frozen=True, slots=True)
class _Findings:
    """What the policies of each type say, Deny statements aside: the terms of the formula."""

    identity: bool
    boundary: bool
    session: bool
    scp: bool
    grant: Grant


def decide(request: Request, policies: Policies, switches: Switches) -> Outcome:
    """The outcome alone; ``evaluate`` gives it with everything needed to explain it."""
    caller, resource, context = request.principal, request.resource, request.context
    action = request.action.lower()
    rule = request_rule(request)
    if rule is not None:
        return Outcome.ALLOWED if rule else Outcome.IMPLICIT_DENY

    forms = compiled_identity(policies, switches)
    boundary = _forms(policies.boundary, switches)
    session = _forms(policies.session, switches)
    for form in (*forms, *(boundary or ()), *(session or ())):
        if form.denies_request(action, resource, context):
            return Outcome.EXPLICIT_DENY
    grant = Grant.NONE
    if policies.resource is not None:
        form = compiled(policies.resource, switches)
        has_boundary = bool(policies.boundary)
        for statement in form.denies.candidates(action):
            if names_caller(statement, request, has_boundary=has_boundary) and _applies(
                statement, resource, context
            ):
                return Outcome.EXPLICIT_DENY
        for statement in form.allows.candidates(action):
            if statement.principal is None:
                continue
            named = statement.principal.grants(caller, context)
            if named > grant and not statement.principal.negated and _applies(statement, resource, context):
                grant = named
    scp = True
    if (policies.scps or policies.rcps) and organization_applies(request):
        for level in policies.rcps:
            if action != "kms:retiregrant" and any(
                compiled(policy, switches).denies_request(action, resource, context) for policy in level
            ):
                return Outcome.EXPLICIT_DENY
        if caller.type not in (PrincipalType.SERVICE, PrincipalType.ANONYMOUS):
            for level in policies.scps:
                level_forms = [compiled(policy, switches) for policy in level]
                if any(form.denies_request(action, resource, context) for form in level_forms):
                    return Outcome.EXPLICIT_DENY
                scp = scp and any(form.allows_request(action, resource, context) for form in level_forms)
    if not scp:
        return Outcome.IMPLICIT_DENY
    is_root = caller.type is PrincipalType.ROOT
    findings = _Findings(
        identity=is_root or any(form.allows_request(action, resource, context) for form in forms),
        boundary=is_root
        or boundary is None
        or any(form.allows_request(action, resource, context) for form in boundary),
        session=_session_allows(request, session, switches),
        scp=scp,
        grant=grant,
    )
    return _outcome_of(request, findings, policies, switches)


def _outcome_of(request: Request, findings: _Findings, policies: Policies, switches: Switches) -> Outcome:
    """The formula without its Deny term: allowed or implicitly denied."""
    caller = request.principal
    grant = findings.grant
    own = findings.identity and findings.boundary and findings.session
    if not findings.scp:
        allowed = False
    elif caller.type in _UNOWNED:
        allowed = grant is not Grant.NONE
    elif not in_one_account(request):
        allowed = own and grant is not Grant.NONE
    else:
        direct = grant is Grant.DIRECT
        needs_grant = needs_resource_grant(request, policies)
        if direct and needs_grant and switches.boundary_limits_direct_trust and _is_role_call(request):
            direct = findings.boundary
        by_entity = grant is Grant.ENTITY and findings.boundary and findings.session
        by_own = own and (not needs_grant or grant is not Grant.NONE)
        allowed = direct or by_entity or by_own
    return Outcome.ALLOWED if allowed else Outcome.IMPLICIT_DENY


def needs_resource_grant(request: Request, policies: Policies) -> bool:
    """Whether the resource's own policy must allow, even within one account: roles and KMS keys."""
    if _is_role_call(request):
        return True
    if not request.action.lower().startswith("kms:"):
        return False
    return policies.resource is not None or ":key/" in request.resource


def in_one_account(request: Request) -> bool:
    """Whether no other account has to allow.

    A member account's root is assumed by the organization's management account, which no policy of the
    member allows ("AssumeRoot", STS API Reference).
    """
    return request.principal.account == request.resource_account or request.action.lower() == "sts:assumeroot"


def organization_applies(request: Request) -> bool:
    """Whether SCPs and RCPs have a say: service-linked roles escape both."""
    return not request.principal.is_service_linked


def names_caller(statement: CompiledStatement, request: Request, *, has_boundary: bool) -> bool:
    """Whether Principal or NotPrincipal of a statement in a resource-based policy covers the caller."""
    principal = statement.principal
    if principal is None:
        return False
    if principal.negated:
        return not principal.spares(request.principal, request.context, has_boundary=has_boundary)
    return principal.grants(request.principal, request.context) is not Grant.NONE


def _is_role_call(request: Request) -> bool:
    # TagSession is asked on a federated user too, by GetFederationToken; everything else is on a role,
    # also where the caller of evaluate() left the resource open.
    return request.action.lower() in _ROLE_ACTIONS and ":federated-user/" not in request.resource


def _applies(statement: CompiledStatement, resource: str, context: Mapping[str, NormalValue]) -> bool:
    return statement.matches_resource(resource, context) and statement.matches_conditions(context)


def _forms(policies: tuple[Policy, ...] | None, switches: Switches) -> list[CompiledPolicy] | None:
    return [compiled(policy, switches) for policy in policies] if policies else None


def _session_allows(request: Request, session: list[CompiledPolicy] | None, switches: Switches) -> bool:
    if session is None:
        federated = request.principal.type is PrincipalType.FEDERATED_USER
        return switches.federated_session_without_policy_allows or not federated
    action = request.action.lower()
    return any(form.allows_request(action, request.resource, request.context) for form in session)
