"""The policy documents of a case, each of its kind: what AWS takes is read, what AWS refuses is refused.

The grammar is the parser's matter. Here is what the kind of a policy adds to it. Sources: IAM User Guide,
"JSON policy elements" (Principal, NotPrincipal, Resource, Sid), "Identify AWS resources with Amazon Resource
Names (ARNs)" (session policies complete nothing) and "IAM roles" (trust policies).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from rolecall.errors import InputError, MalformedPolicyDocument
from rolecall.iam.documents import Effect, parse_policy

if TYPE_CHECKING:
    from rolecall.iam.documents import Policy, Statement

__all__ = ["DocumentKind", "read_document", "read_documents", "read_levels", "read_optional"]

DocumentKind = Literal["identity", "boundary", "session", "scp", "rcp", "resource", "trust"]
_WITH_PRINCIPAL = frozenset({"resource", "trust", "rcp"})
_UNIQUE_SIDS = frozenset({"identity", "boundary", "session", "trust"})
"""What IAM and STS check; other services have their own rules for the Sid."""


def read_documents(items: object, name: str, kind: DocumentKind) -> tuple[Policy, ...]:
    """A list of documents. ``name`` is the field; refusals say which document of it they are about."""
    if not isinstance(items, (list, tuple)):
        raise InputError(f'"{name}" must be a list of policy documents')
    return tuple(read_document(item, f"{name}[{i}]", kind) for i, item in enumerate(items))


def read_optional(value: object, name: str, kind: DocumentKind) -> tuple[Policy, ...] | None:
    """A document, a list of them, or None where there is none."""
    if value is None:
        return None
    if not isinstance(value, (list, tuple)):
        return (read_document(value, name, kind),)
    return read_documents(value, name, kind) or None


def read_levels(levels: object, name: str, kind: DocumentKind) -> tuple[tuple[Policy, ...], ...]:
    """Levels of an organization, each a list of documents."""
    if not isinstance(levels, (list, tuple)) or not all(isinstance(level, (list, tuple)) for level in levels):
        raise InputError(f'"{name}" must be a list of levels, each a list of policy documents')
    return tuple(read_documents(level, f"{name}[{i}]", kind) for i, level in enumerate(levels))


def read_document(item: object, name: str, kind: DocumentKind) -> Policy:
    """One document: JSON data, or the text of it. Raises MalformedPolicyDocument for what AWS refuses."""
    try:
        if not isinstance(item, (str, Mapping)):
            raise MalformedPolicyDocument("must be a policy document")
        policy = parse_policy(item, name=name)
    except MalformedPolicyDocument as error:
        raise MalformedPolicyDocument(f"{name}: {error}") from None
    sids: set[str] = set()
    for statement in policy.statements:
        problem = _problem(statement, kind)
        if problem is None and statement.sid and kind in _UNIQUE_SIDS:
            problem = f'repeats the Sid "{statement.sid}"' if statement.sid in sids else None
            sids.add(statement.sid)
        if problem is not None:
            raise MalformedPolicyDocument(f"{name}: Statement[{statement.index}] {problem}")
    return policy


def _problem(statement: Statement, kind: DocumentKind) -> str | None:
    """What a statement has, or lacks, that its kind of policy may not."""
    principal = statement.principal
    if kind in _WITH_PRINCIPAL:
        if principal is None:
            return "must have a Principal"
        if principal.negated and kind == "trust":
            return "must not have a NotPrincipal; a trust policy names who is trusted"
        if principal.negated and statement.effect is Effect.ALLOW:
            return "combines Allow with NotPrincipal, which AWS refuses"
    elif principal is not None:
        return "must not have a Principal; the policy's owner is meant"
    if kind == "trust":
        if statement.resources is not None:
            element = "NotResource" if statement.not_resource else "Resource"
            return f"must not have a {element}; the resource of a trust policy is its role"
    elif kind != "resource" and statement.resources is None:
        return "must have Resource or NotResource"
    if kind == "session":
        return next(
            (_incomplete(resource) for resource in statement.resources or () if _is_short(resource)), None
        )
    return None


def _is_short(resource: str) -> bool:
    return resource.startswith("arn:") and resource.count(":") < 5


def _incomplete(resource: str) -> str:
    return f'has the incomplete ARN "{resource}"; a session policy completes none'
