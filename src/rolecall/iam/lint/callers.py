"""Who a statement lets in: accounts, identity providers, and conditions that narrow them.

Source: IAM User Guide, "AWS global condition context keys" (reference_policies_condition-keys).
"""

from __future__ import annotations

import re

from rolecall.iam.lint.subjects import StatementSubject

__all__ = ["account_of", "issuer_of", "narrows_callers"]

_NARROWING = (
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltag/",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:username",
    "aws:vpcsourceip",
    "aws:calledvia",
    "aws:viaawsservice",
    "kms:calleraccount",
    "kms:viaservice",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "sts:externalid",
    "sns:endpoint",
    "lambda:eventsourcetoken",
    "lambda:functionurlauthtype",
)
_ACCOUNT = re.compile(r"(?:arn:[^:]*:(?:iam|sts)::)?([0-9]{12})(?::.*)?")
_PROVIDER = re.compile(r"arn:[^:]*:iam::[0-9]*:oidc-provider/(.+)")


def narrows_callers(statement: StatementSubject) -> bool:
    """Whether a condition says something about who calls, or from where."""
    return any(
        key.startswith(_NARROWING)
        for condition in statement.conditions
        for key in (condition.key.lower(),)
        if not condition.operator.if_exists and condition.operator.family != "Null"
    )


def account_of(principal: str) -> str | None:
    """The account that an AWS principal belongs to, where its text tells."""
    match = _ACCOUNT.fullmatch(principal)
    return match.group(1) if match else None


def issuer_of(kind: str, principal: str) -> str | None:
    """The issuer of a web identity provider in lower case, which begins its condition keys."""
    if kind != "Federated" or ":saml-provider/" in principal:
        return None
    match = _PROVIDER.fullmatch(principal)
    return (match.group(1) if match else principal).lower()
