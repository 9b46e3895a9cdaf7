"""What IAM and STS refuse in a policy document, by kind, in AWS's words (code ``MalformedPolicyDocument``).

Sources: IAM User Guide, "Grammar of the IAM JSON policy language" and the pages on the elements; the
wording is as IAM was observed to answer.
"""

from __future__ import annotations

import json
import re
from typing import Any

from rolecall.enforcement.calls import ApiError
from rolecall.errors import MalformedPolicyDocument
from rolecall.iam import Policy, parse_policy

__all__ = ["malformed", "read_identity_policy", "read_session_policy", "read_trust_policy"]

_SID = re.compile(r"[A-Za-z0-9]*")


def malformed(message: str) -> ApiError:
    """A ``MalformedPolicyDocument``, HTTP 400."""
    return ApiError("MalformedPolicyDocument", message, 400)


def read_identity_policy(text: str, *, managed: bool) -> Policy:
    """A managed or inline policy, or the ApiError with which IAM refuses it.

    A managed policy must say version 2012-10-17; an inline policy may leave the version out. Where moto
    refuses too, the sentence is moto's, which was held against IAM document by document.
    """
    data = _json(text, "Syntax errors in policy.")
    if any("Principal" in found or "NotPrincipal" in found for found in _statements(data)):
        raise malformed("Policy document should not specify a principal.")
    _refuse_what_moto_refuses(data if managed else _as_2012(data))
    if "Id" in data:
        raise malformed("Syntax errors in policy.")
    policy = _parse(text, "Syntax errors in policy.")
    _refuse_repeated_sids(policy, "Statement IDs (SID) in a single policy must be unique.")
    for found in policy.statements:
        if found.sid is not None and not _SID.fullmatch(found.sid):
            raise malformed("Statement IDs (SID) must be alpha-numeric.")
        for resource in found.resources or ():
            if resource != "*" and not resource.startswith("arn:"):
                raise malformed(f'Resource {resource} must be in ARN format or "*".')
    return policy


def read_session_policy(text: str) -> Policy:
    """A session policy, or the ApiError with which STS refuses it: inline, with complete ARNs only."""
    for statement in _statements(_json(text, "Syntax errors in policy.")):
        named = statement.get("Resource", "*")
        for resource in [named] if isinstance(named, str) else named or ():
            if isinstance(resource, str) and _is_incomplete(resource):
                raise malformed(f'Resource {resource} must be in ARN format or "*".')
    return read_identity_policy(text, managed=False)


def read_trust_policy(text: str) -> Policy:
    """A role trust policy, or the ApiError with which IAM refuses it."""
    data = _json(text, "This policy contains invalid Json")
    _refuse_odd_version(data, "The policy must contain a valid version string")
    statements = _statements(data)
    if not statements:
        raise malformed("Could not parse the policy: Statement is empty!")
    for statement in statements:
        if "Effect" not in statement:
            raise malformed("Missing required field Effect")
        if "NotPrincipal" in statement:
            if statement["Effect"] == "Allow":
                raise malformed("Allow with NotPrincipal is not allowed.")
            raise malformed("AssumeRole policy must not contain NotPrincipal field.")
        if "Principal" not in statement:
            raise malformed("Missing required field Principal")
        if statement["Principal"] == "*":
            raise malformed('AssumeRolepolicy contained an invalid principal: "STAR":"*".')
        if not statement["Principal"]:
            raise malformed("Missing required field Principal cannot be empty!")
        if "Action" not in statement and "NotAction" not in statement:
            raise malformed("Missing required field Action")
        if "Resource" in statement:
            raise malformed("Has prohibited field Resource")
        if "NotResource" in statement:
            raise malformed("AssumeRole policy must not contain resources.")
    policy = _parse(text, "Syntax error in policy.")
    _refuse_repeated_sids(policy, "The Statement Ids in the policy are not unique")
    for found in policy.statements:
        for action in found.actions:
            if not action.lower().startswith("sts:"):
                raise malformed("AssumeRole policy may only specify STS AssumeRole actions.")
    return policy


def _is_incomplete(resource: str) -> bool:
    return resource != "*" and (resource.count(":") < 5 or resource.endswith(":"))


def _json(text: str, message: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise malformed(message) from None
    if not isinstance(data, dict):
        raise malformed(message)
    return data


def _parse(text: str, message: str) -> Policy:
    try:
        return parse_policy(text)
    except MalformedPolicyDocument:
        raise malformed(message) from None


def _statements(data: dict[str, Any]) -> list[dict[str, Any]]:
    raw = data.get("Statement", [])
    items = raw if isinstance(raw, list) else [raw]
    return [item for item in items if isinstance(item, dict)]


def _refuse_odd_version(data: dict[str, Any], message: str) -> None:
    version = data.get("Version")
    if version is not None and version not in ("2012-10-17", "2008-10-17"):
        raise malformed(message)


def _refuse_repeated_sids(policy: Policy, message: str) -> None:
    sids = [statement.sid for statement in policy.statements if statement.sid]
    if len(set(sids)) < len(sids):
        raise malformed(message)


def _as_2012(data: dict[str, Any]) -> dict[str, Any]:
    absent_or_old = data.get("Version", "2008-10-17") == "2008-10-17"
    return {**data, "Version": "2012-10-17"} if absent_or_old else data


def _refuse_what_moto_refuses(data: dict[str, Any]) -> None:
    from moto.iam.exceptions import MalformedPolicyDocument as RefusedByMoto
    from moto.iam.policy_validation import IAMPolicyDocumentValidator

    try:
        IAMPolicyDocumentValidator(json.dumps(data)).validate()
    except RefusedByMoto as error:
        raise malformed(error.message) from None
