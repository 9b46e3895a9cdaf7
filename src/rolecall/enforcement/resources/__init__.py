"""On which resources a call acts: one module a service over a generic rule."""

from __future__ import annotations

from importlib import import_module

from rolecall.enforcement.resources.generic import fill
from rolecall.enforcement.resources.rules import Ask, ServiceRules, listed

__all__ = ["RULED_SERVICES", "Ask", "ServiceRules", "fill", "listed", "rules_of"]

_MODULES = {"lambda": "awslambda"}
RULED_SERVICES = (
    "dynamodb",
    "ec2",
    "iam",
    "kms",
    "lambda",
    "logs",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
)
"""The boto3 services with rules of their own."""

_NO_RULES = ServiceRules()


def rules_of(service: str) -> ServiceRules:
    """The rules of a boto3 service, loaded when it is first called."""
    if service not in RULED_SERVICES:
        return _NO_RULES
    module = import_module(f"rolecall.enforcement.resources.{_MODULES.get(service, service)}")
    rules: ServiceRules = module.RULES
    return rules
