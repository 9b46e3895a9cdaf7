"""One case of ``rolecall simulate``: JSON data in, JSON data out."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from math import isfinite
from typing import Any

from rolecall.errors import InputError, MalformedPolicyDocument
from rolecall.iam.case_documents import read_document, read_documents, read_levels, read_optional
from rolecall.iam.decisions import Decision
from rolecall.iam.evaluation import evaluate
from rolecall.iam.explanations import explain
from rolecall.iam.policy_sets import Policies
from rolecall.iam.principals import PrincipalType, read_principal
from rolecall.iam.requests import Request
from rolecall.iam.switches import Switches

__all__ = ["decide_case", "read_case", "show_decision"]

_FIELDS = frozenset(
    {
        "id",
        "principal",
        "action",
        "resource",
        "resource_account",
        "context",
        "identity_policies",
        "resource_policy",
        "trust_policy",
        "permissions_boundary",
        "session_policies",
        "scps",
        "rcps",
    }
)

_NOTES = frozenset({"section", "source"})
"""What a case's author may note although it looks like ``action`` and ``resource``."""


def decide_case(
    case: Mapping[str, Any], *, detail: bool = True, switches: Switches | None = None
) -> dict[str, Any]:
    """Decide one case.

    In: the fields that ``docs/simulate.md`` lists. Out: ``id`` and ``decision``, with ``detail`` also
    ``blocked_by``, ``statements`` and ``missing_context``; or ``id`` and ``error`` for what is malformed.
    """
    case_id = case.get("id") if isinstance(case, Mapping) else None
    try:
        request, policies = read_case(case)
    except InputError as error:
        code = error.code if isinstance(error, MalformedPolicyDocument) else "InvalidInput"
        return {"id": case_id, "error": {"code": code, "message": str(error)}}
    decision = evaluate(request, policies, switches) if switches else evaluate(request, policies)
    return {"id": case_id, **show_decision(decision, detail=detail)}


def show_decision(decision: Decision, *, detail: bool = True) -> dict[str, Any]:
    """A decision as ``rolecall simulate`` prints it."""
    if not detail:
        return {"decision": decision.verdict.value}
    why = explain(decision, near=False)
    shown: dict[str, Any] = {
        "decision": decision.verdict.value,
        "blocked_by": [stage.value for stage in why.blocked_by],
        "statements": [
            {
                "policy": match.label,
                "sid": match.statement.sid,
                "index": match.statement.index,
                "effect": match.statement.effect.value,
            }
            for match in why.statements
        ],
        "missing_context": list(why.missing_context),
    }
    if why.contested:
        shown["contested"] = list(why.contested)
    return shown


def read_case(case: Mapping[str, Any]) -> tuple[Request, Policies]:
    """The request and policies of a case. Raises InputError or MalformedPolicyDocument."""
    if not isinstance(case, Mapping):
        raise InputError("a case must be a JSON object")
    for name in case:
        if name not in _FIELDS:
            _refuse_misspelling(name)
    action = _text(case, "action")
    if action.count(":") != 1 or not all(action.split(":")):
        raise InputError(f'action "{action}" must be "service:Name"')
    request = Request(
        read_principal(_text(case, "principal")),
        action,
        _text(case, "resource", "*"),
        None if case.get("resource_account") is None else _text(case, "resource_account"),
        _context(_given(case, "context", {})),
    )
    name = "trust_policy" if case.get("resource_policy") is None else "resource_policy"
    if name == "resource_policy" and case.get("trust_policy") is not None:
        raise InputError('"resource_policy" and "trust_policy" are two names of one field; give one of them')
    attached = case.get(name)
    federated = request.principal.type is PrincipalType.FEDERATED_USER
    return request, Policies(
        identity=read_documents(_given(case, "identity_policies", ()), "identity_policies", "identity"),
        resource=None
        if attached is None
        else read_document(attached, name, "trust" if name == "trust_policy" else "resource"),
        boundary=read_optional(case.get("permissions_boundary"), "permissions_boundary", "boundary"),
        session=read_optional(
            case.get("session_policies"), "session_policies", "identity" if federated else "session"
        ),
        scps=read_levels(_given(case, "scps", ()), "scps", "scp"),
        rcps=read_levels(_given(case, "rcps", ()), "rcps", "rcp"),
    )


def _refuse_misspelling(name: str) -> None:
    """A field that looks like a known one is a mistake; any other is a note of the case's author."""
    if name in _NOTES:
        return
    near = get_close_matches(name.lower(), _FIELDS, 1, 0.75)
    if near:
        raise InputError(f'a case has no field "{name}"', hint=f'did you mean "{near[0]}"?')


def _text(case: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = case.get(name)
    if value is None:
        value = default
    if not isinstance(value, str):
        raise InputError(f'"{name}" must be a string', hint=None if name in case else "it is missing")
    if not value:
        raise InputError(f'"{name}" is empty')
    return value


def _given(case: Mapping[str, Any], name: str, default: object) -> object:
    """The field; only one that is absent or null has its default. What else is empty may be a mistake."""
    value = case.get(name)
    return default if value is None else value


def _context(context: object) -> Mapping[str, Any]:
    if not isinstance(context, Mapping):
        raise InputError('"context" must be an object')
    if len({str(key).lower() for key in context}) < len(context):
        raise InputError("context keys differ in case only; keys are case-insensitive, give one of them")
    for key, value in context.items():
        items = value if isinstance(value, (list, tuple)) else (value,)
        if not all(isinstance(item, (str, bool, int, float)) for item in items):
            raise InputError(f'context key "{key}" must be a string, a number, a boolean or a list of them')
        if any(isinstance(item, float) and not isfinite(item) for item in items):
            raise InputError(f'context key "{key}" is a number too large to be compared')
    return context
