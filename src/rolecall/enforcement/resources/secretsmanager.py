"""Secrets Manager: secrets, by name, partial ARN or ARN.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Secrets Manager".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.checks import Check
from rolecall.enforcement.moto_state import backend_of, plain_tags
from rolecall.enforcement.resources.rules import Ask, ServiceRules, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rolecall.iam.requests import ContextValue

__all__ = ["RULES", "secret_of"]

# A new or unknown secret: Secrets Manager adds a hyphen and six characters to the name.
_UNKNOWN_SUFFIX = "-000000"


def secret_of(name: str, account: str, region: str) -> Any:
    """moto's secret of a name or ARN; None when there is none."""
    fields = name.split(":", 6)
    if len(fields) == 7:
        account, region = fields[4], fields[3]
    for secret in dict.values(backend_of("secretsmanager", account, region).secrets):
        if name in (secret.arn, secret.name) or secret.arn.rpartition("-")[0] == name:
            return secret
    return None


def _arn(ask: Ask, name: str) -> str:
    secret = secret_of(name, ask.caller.account, ask.call.region)
    if secret is not None:
        return str(secret.arn)
    if name.startswith("arn:"):
        return name
    return ask.arn("secretsmanager", f"secret:{name}{_UNKNOWN_SUFFIX}")


def _secret(ask: Ask) -> Sequence[str] | None:
    name = ask.param("SecretId", "Name")
    return (_arn(ask, name),) if name else None


def _batch(ask: Ask) -> Iterator[Check]:
    yield Check("secretsmanager:BatchGetSecretValue")
    names: Iterable[str] = listed(ask.param("SecretIdList"))
    for name in names:
        yield Check("secretsmanager:GetSecretValue", _arn(ask, name))


def _context(ask: Ask, action: str, arn: str) -> Mapping[str, ContextValue]:
    context: dict[str, ContextValue] = {}
    if arn != "*":
        context["secretsmanager:SecretId"] = arn
    for parameter, key in (
        ("Name", "secretsmanager:Name"),
        ("VersionId", "secretsmanager:VersionId"),
        ("VersionStage", "secretsmanager:VersionStage"),
        ("KmsKeyId", "secretsmanager:KmsKeyId"),
        ("Description", "secretsmanager:Description"),
        ("RecoveryWindowInDays", "secretsmanager:RecoveryWindowInDays"),
        ("ForceDeleteWithoutRecovery", "secretsmanager:ForceDeleteWithoutRecovery"),
        ("BlockPublicPolicy", "secretsmanager:BlockPublicPolicy"),
        ("RotationLambdaARN", "secretsmanager:RotationLambdaARN"),
    ):
        if ask.param(parameter) is not None:
            context[key] = ask.param(parameter)
    if ask.call.operation == "GetSecretValue" and "secretsmanager:VersionStage" not in context:
        context["secretsmanager:VersionStage"] = "AWSCURRENT"
    for name, value in _tags(ask, arn).items():
        context[f"secretsmanager:ResourceTag/{name}"] = value
    return context


def _tags(ask: Ask, arn: str) -> Mapping[str, str]:
    secret = secret_of(arn, ask.caller.account, ask.call.region) if arn != "*" else None
    return plain_tags(secret.tags) if secret is not None else {}


RULES = ServiceRules(
    types={"secret": _secret},
    operations={"BatchGetSecretValue": _batch},
    context=_context,
    tags=_tags,
)
