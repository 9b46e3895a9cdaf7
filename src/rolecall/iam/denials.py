"""What AWS answers for a denial: error code, HTTP status and message, per service.

Sources: IAM User Guide, "Troubleshoot access denied error messages"; EC2 API Reference, "Error codes";
the CommonErrors page of each service; AWS STS API Reference, "DecodeAuthorizationMessage".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rolecall.iam.decisions import Decision
from rolecall.iam.explanations import explain
from rolecall.iam.outcomes import Outcome
from rolecall.iam.policy_sets import Stage
from rolecall.iam.principals import PrincipalType

if TYPE_CHECKING:
    from rolecall.iam.outcomes import Match

__all__ = ["Denial", "authorization_details", "denial", "denial_reason"]

_JSON = frozenset(
    {
        "acm", "cloudtrail", "codebuild", "codepipeline", "cognito-identity", "cognito-idp",
        "config", "dax", "dynamodb", "ecr", "ecs", "events", "firehose", "glue", "kinesis", "kms", "logs",
        "organizations", "resource-groups", "secretsmanager", "servicediscovery", "ssm", "states",
        "storagegateway", "tagging", "textract", "transcribe", "wafv2", "workspaces",
    }
)  # fmt: skip
_REST_JSON = frozenset(
    {
        "access-analyzer", "appconfig", "appsync", "athena", "backup", "batch", "bedrock", "eks",
        "apigateway", "elasticfilesystem", "es", "glacier", "greengrass", "guardduty", "iot",
        "kafka", "lambda",
        "mediaconvert", "mq", "pinpoint", "pipes", "scheduler", "securityhub", "ses", "signer", "xray",
    }
)  # fmt: skip

_NAMES = {
    Stage.SCP: "service control policy",
    Stage.RCP: "resource control policy",
    Stage.RESOURCE: "resource-based policy",
    Stage.IDENTITY: "identity-based policy",
    Stage.BOUNDARY: "permissions boundary",
    Stage.SESSION: "session policy",
}


@dataclass(frozen=True, slots=True)
class Denial:
    """An error answer: code, HTTP status, message."""

    code: str
    status: int
    message: str


def denial(decision: Decision) -> Denial:
    """The answer of the action's own service to a request that was not allowed."""
    request = decision.request
    service = request.action.partition(":")[0].lower()
    name = request.action.lower()
    if name == "sts:assumerole" and request.principal.type is PrincipalType.ROOT:
        return Denial("AccessDenied", 403, "Roles may not be assumed by root accounts.")
    if name in ("sts:assumerolewithwebidentity", "sts:assumerolewithsaml"):
        return Denial("AccessDenied", 403, f"Not authorized to perform {request.action}")
    sentence = _sentence(decision, service)
    if service == "ec2":
        return Denial(
            "UnauthorizedOperation", 403, f"You are not authorized to perform this operation. {sentence}"
        )
    if service == "sns":
        return Denial("AuthorizationError", 403, sentence)
    if service in _JSON:
        return Denial("AccessDeniedException", 400, sentence)
    if service in _REST_JSON:
        return Denial("AccessDeniedException", 403, sentence)
    return Denial("AccessDenied", 403, sentence)


def denial_reason(decision: Decision) -> str:
    """The documented "because …" or "with an explicit deny …" part; empty where AWS gives none."""
    stage = explain(decision).stage
    action = decision.request.action
    is_trust = stage is Stage.RESOURCE and _is_role(decision)
    if stage not in _NAMES:
        return ""
    policy = "role trust policy" if is_trust else _NAMES[stage]
    if decision.verdict is Outcome.EXPLICIT_DENY:
        article = "the" if is_trust else "an" if policy[0] in "aeiou" else "a"
        return f"with an explicit deny in {article} {policy}"
    if decision.verdict is Outcome.IMPLICIT_DENY and stage is not Stage.RCP:
        return f"because no {policy} allows the {action} action"
    return ""


def authorization_details(decision: Decision) -> dict[str, Any]:
    """The JSON that DecodeAuthorizationMessage gives for a decision."""
    request = decision.request
    why = explain(decision)
    caller = request.principal
    userid = request.context.get("aws:userid")
    return {
        "allowed": decision.allowed,
        "explicitDeny": decision.verdict is Outcome.EXPLICIT_DENY,
        "matchedStatements": {
            "items": [_matched(match) for match in why.statements if not decision.allowed]
            if decision.verdict is Outcome.EXPLICIT_DENY
            else []
        },
        "failures": {"items": []},
        "context": {
            "principal": {
                "id": userid if isinstance(userid, str) else caller.unique_id or caller.name,
                "arn": caller.arn,
            },
            "action": request.action,
            "resource": request.resource,
            "conditions": {
                "items": [
                    {"key": key, "values": {"items": [{"value": item} for item in _items(value)]}}
                    for key, value in sorted(request.context.items())
                ]
            },
        },
    }


def _sentence(decision: Decision, service: str) -> str:
    request = decision.request
    action = f"SNS:{request.action.partition(':')[2]}" if service == "sns" else request.action
    parts = [f"User: {request.principal.arn} is not authorized to perform: {action}"]
    if request.resource != "*":
        resource = f'"{request.resource}"' if service == "s3" else request.resource
        parts.append(f"on resource: {resource}")
    reason = denial_reason(decision)
    if reason:
        parts.append(reason)
    return " ".join(parts)


def _is_role(decision: Decision) -> bool:
    return decision.request.action.lower().startswith("sts:") and ":role/" in decision.request.resource


def _items(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _matched(match: Match) -> dict[str, Any]:
    statement = match.statement
    entries = statement.principal.entries if statement.principal else ()
    return {
        "statementId": statement.sid or "",
        "effect": statement.effect.value.upper(),
        "principals": {"items": [{"value": value} for _, value in entries]},
        "principalGroups": {"items": []},
        "actions": {"items": [{"value": action} for action in statement.actions]},
        "resources": {"items": [{"value": resource} for resource in statement.resources or ()]},
        "conditions": {
            "items": [
                {"key": c.key, "value": {"items": [{"value": value} for value in c.values]}}
                for c in statement.conditions
            ]
        },
    }
