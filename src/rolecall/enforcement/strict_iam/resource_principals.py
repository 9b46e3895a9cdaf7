"""The principals of policies on resources: refused when they do not exist, and bound to the unique id.

Source: IAM User Guide, "AWS JSON policy elements: Principal"; the codes are those of PutBucketPolicy,
SetQueueAttributes, SetTopicAttributes, PutKeyPolicy, PutResourcePolicy and AddPermission in the API
references (S3: "Error responses", MalformedPolicy).

Where AWS's sentence about a principal that does not exist was found: S3 in re:Post, "Invalid principal in
policy"; SQS in aws/aws-cdk issue 13530 (the code, for a user who is not there) and
hashicorp/terraform-provider-aws pull request 42209 (code and sentence on the wire); SNS in
terraform-provider-aws issue 26041; KMS in aws-samples/aws-blog-codepipeline-third-party-git-build-status
issue 6; Secrets Manager in its User Guide's examples of ValidateResourcePolicy and in
terraform-provider-aws issue 14449; Lambda in terraform-provider-aws issue 41617. Of the sentences about a
text that is no policy, those of S3 (many reports) and Secrets Manager (its User Guide) were found, SQS's is
the one above; those of SNS and KMS are rolecall's own under the documented code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiCall, ApiError
from rolecall.enforcement.held_policies import all_held
from rolecall.enforcement.strict_iam.bound_principals import bind, exists, refresh
from rolecall.errors import MalformedPolicyDocument
from rolecall.iam import parse_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.environment import Environment
    from rolecall.enforcement.held_policies import HeldPolicy

__all__ = ["bind_all", "check_saved_policy", "up_to_date"]

_ORIGIN_ACCESS_IDENTITY = ":iam::cloudfront:user/CloudFront Origin Access Identity "
_MARK = "_rolecall_bound"

_CODES = {
    "s3": "MalformedPolicy",
    "sqs": "InvalidAttributeValue",
    "sns": "InvalidParameter",
    "kms": "MalformedPolicyDocumentException",
    "secretsmanager": "MalformedPolicyDocumentException",
    "lambda": "InvalidParameterValueException",
}
_NOBODY = {
    "s3": "Invalid principal in policy",
    "sqs": "Invalid value for the parameter Policy.",
    "sns": "Invalid parameter: Policy Error: PrincipalNotFound",
    "kms": "Policy contains a statement with one or more invalid principals.",
    "secretsmanager": "This resource policy contains an unsupported principal.",
    "lambda": "The provided principal was invalid. Please check the principal and try again.",
}
_NO_POLICY = {
    "s3": "Policies must be valid JSON and the first byte must be '{'",
    "sqs": "Invalid value for the parameter Policy.",
    "sns": "Invalid parameter: Policy Error: null",
    "kms": "Policy document is malformed.",
    "secretsmanager": "This resource policy contains a syntax error.",
}


def check_saved_policy(call: ApiCall, environment: Environment) -> None:
    """Raise the service's error where a call saves what is no policy, or names a principal that is none."""
    service, params = call.service, call.params
    if (service, call.operation) == ("lambda", "AddPermission"):
        principal = params.get("Principal") or ""
        # Services and "*" have no ARN, accounts have twelve digits.
        if ":" in principal and not exists(principal, environment):
            raise ApiError(_CODES[service], _NOBODY[service], 400)
        return
    text = _saved(call, params)
    if not text:
        return
    try:
        policy = parse_policy(text)
    except MalformedPolicyDocument:
        raise ApiError(_CODES[service], _NO_POLICY[service], 400) from None
    for statement in policy.statements:
        for kind, value in statement.principal.entries if statement.principal else ():
            if kind != "AWS" or (service == "s3" and _ORIGIN_ACCESS_IDENTITY in value):
                continue
            if not exists(value, environment):
                raise ApiError(_CODES[service], _NOBODY[service], 400)


def up_to_date(environment: Environment, held: HeldPolicy) -> str:
    """The text of a policy on a resource, after what became of the principals that it names.

    It is bound to their unique ids when it is read for the first time after it was saved; ``bind_all`` sees
    to those that nobody reads before a principal goes.
    """
    known: tuple[str, dict[str, str]] | None = getattr(held.holder, _MARK, None)
    if known is None or known[0] != held.text:
        now = bind(environment, held.text)
    else:
        now = refresh(environment, held.text, known[1])
        if now == known:
            return held.text
    setattr(held.holder, _MARK, now)
    if now[0] != held.text:
        held.put(now[0])
    return now[0]


def bind_all(environment: Environment) -> None:
    """To be called before a user or role goes or is renamed: every policy on a resource knows its ids."""
    for held in all_held():
        up_to_date(environment, held)


def _saved(call: ApiCall, params: Mapping[str, Any]) -> str | None:
    text: Any = None
    match call.service, call.operation:
        case ("s3", "PutBucketPolicy") | ("kms", "PutKeyPolicy" | "CreateKey"):
            text = params.get("Policy")
        case ("secretsmanager", "PutResourcePolicy"):
            text = params.get("ResourcePolicy")
        case ("sqs", "SetQueueAttributes" | "CreateQueue") | ("sns", "CreateTopic"):
            text = _attributes(params.get("Attributes")).get("Policy")
        case ("sns", "SetTopicAttributes") if params.get("AttributeName") == "Policy":
            text = params.get("AttributeValue")
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def _attributes(raw: Any) -> Mapping[str, Any]:
    return raw if isinstance(raw, dict) else {}
