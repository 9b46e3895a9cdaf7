"""An ARN whose fields IAM refuses or cannot mean anything."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rolecall.iam.findings import Remark, Severity
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject
from rolecall.iam.wildcards import has_wildcard

__all__ = ["arn_form"]

_IAM_TYPES = (
    "user/",
    "federated-user/",
    "role/",
    "role-template/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
)
_S3_REGIONAL = (
    "accesspoint/",
    "access-grants/",
    "job/",
    "storage-lens/",
    "storage-lens-group/",
    "async-request/",
)
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}|global|aws-global")


@rule("arn-form")
def arn_form(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """An ARN whose fields IAM refuses or cannot mean anything."""
    for statement in document.statements:
        for one in statement.resources:
            if not one.text.startswith("arn:"):
                continue
            for message, severity in _faults(one.text):
                yield Remark("arn-form", one.path, f'{one.where} "{one.text}" {message}', severity)


def _faults(arn: str) -> Iterator[tuple[str, Severity]]:
    parts = arn.split(":", 5)
    service = parts[2] if len(parts) > 2 else ""
    if service == "" or has_wildcard(service):
        yield "must name its service in full", Severity.ERROR
        return
    if "${" in ":".join(parts[:5]):
        return
    if service != service.lower():
        yield f'names the service "{service}", which is "{service.lower()}"', Severity.ERROR
    if len(parts) < 6:
        severe = "::" in arn or service == "iam"
        yield (
            "has fewer than six fields: arn:partition:service:region:account:resource",
            Severity.ERROR if severe else Severity.WARNING,
        )
        return
    region, account, rest = parts[3:]
    if re.fullmatch(r"[0-9]+", account) and len(account) != 12:
        yield f'names the account "{account}"; accounts have 12 digits', Severity.ERROR
    if service == "iam":
        if region:
            yield f'names the region "{region}"; IAM has none', Severity.ERROR
        if not rest.startswith(_IAM_TYPES) and rest != "*":
            yield f"must continue with one of {', '.join(_IAM_TYPES)}", Severity.ERROR
    elif service == "s3":
        regional = _may_start(rest, _S3_REGIONAL)
        if region and not regional:
            yield f'names the region "{region}"; buckets and objects have none', Severity.ERROR
        elif account.isdigit() and not regional:
            yield f'names the account "{account}"; buckets and objects have none', Severity.ERROR
    if region and not has_wildcard(region) and not _REGION.fullmatch(region) and service != "iam":
        yield f'names the region "{region}", which AWS does not have', Severity.WARNING


def _may_start(text: str, heads: tuple[str, ...]) -> bool:
    literal = re.split(r"[*?]|\$\{", text, maxsplit=1)[0]
    whole = literal == text
    return any(literal.startswith(head) or (not whole and head.startswith(literal)) for head in heads)
