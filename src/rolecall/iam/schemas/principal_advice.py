"""What is wrong with a principal, in one sentence.

Source: IAM User Guide, "AWS JSON policy elements: Principal" (reference_policies_elements_principal).
"""

from __future__ import annotations

import json
import re

__all__ = ["explain_principal"]

_SERVICE = re.compile(r"^[A-Za-z0-9_.-]+\.amazonaws\.com(\.cn)?$")
_PROVIDER = re.compile(r":(oidc|saml)-provider/")


def explain_principal(title: str, value: str) -> tuple[str, str | None]:
    """The sentence after the path, and the value that was probably meant."""
    said = json.dumps(value, ensure_ascii=False)
    if value != value.strip():
        return f"has white space around {said}", value.strip()
    if title == "AWS principal":
        return _aws(value, said)
    if title == "service principal":
        return _service(value, said)
    if title == "federated principal":
        return _federated(value, said)
    if title == "canonical user":
        return f"must be a canonical user id of 64 hexadecimal digits, not {said}", None
    return f"is not a principal: {said}", None


def _aws(value: str, said: str) -> tuple[str, str | None]:
    if re.fullmatch(r"[0-9]+", value):
        return f"must be an account id of 12 digits; {said} has {len(value)}", None
    if re.fullmatch(r"[0-9]{4}-[0-9]{4}-[0-9]{4}", value):
        return f"must be an account id of 12 digits without dashes, not {said}", value.replace("-", "")
    if _SERVICE.match(value):
        return f"names the service {said}, which stands under Service", None
    if _PROVIDER.search(value):
        return f"names the identity provider {said}, which stands under Federated", None
    parts = value.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return f"must be an account id, an ARN or a unique id, not {said}", None
    _, partition, service, region, account, rest = parts
    kind = rest.partition("/")[0]
    if not re.fullmatch(r"aws[a-z-]*", partition):
        return (
            f'names the partition "{partition}" in {said}; partitions are aws, aws-cn, aws-us-gov ...',
            None,
        )
    if service not in ("iam", "sts"):
        return f"must be an ARN of iam or sts, not of {service}: {said}", None
    if region:
        return f'must not name a region ("{region}"): {said}', f"arn:{partition}:{service}::{account}:{rest}"
    if not re.fullmatch(r"[0-9]{12}", account):
        return f'must name an account of 12 digits, not "{account}": {said}', None
    if kind == "group":
        return f"names a group, and groups are never principals: {said}", None
    if "*" in rest or "?" in rest:
        return (
            f"has a wildcard in {said}; a principal is named in full, or is the account, or *",
            f"arn:{partition}:iam::{account}:root",
        )
    if service == "iam" and kind == "assumed-role":
        return f"must be an ARN of sts, not iam: {said}", f"arn:{partition}:sts::{account}:{rest}"
    if service == "sts" and kind in ("user", "role", "root"):
        return f"must be an ARN of iam, not sts: {said}", f"arn:{partition}:iam::{account}:{rest}"
    if kind == "assumed-role":
        return f"must be assumed-role/ROLE/SESSION (the role without its path), not {said}", None
    return (
        f"must end in root, user/NAME, role/NAME, assumed-role/ROLE/SESSION or federated-user/NAME: {said}",
        None,
    )


def _service(value: str, said: str) -> tuple[str, str | None]:
    if value == "*":
        return "must name a service, not *", None
    if value.lower() != value and _SERVICE.match(value):
        return f"must be in lower case, not {said}", value.lower()
    if re.fullmatch(r"[a-z0-9-]+", value):
        return f"must be the full name of a service, not {said}", f"{value}.amazonaws.com"
    return f"must be the name of a service such as ec2.amazonaws.com, not {said}", None


def _federated(value: str, said: str) -> tuple[str, str | None]:
    if "*" in value:
        return f"must name one identity provider, without wildcards, not {said}", None
    if re.fullmatch(r"(https://)?[a-z0-9.-]+(/.*)?", value):
        host = value.removeprefix("https://")
        return (
            f"must be the ARN of an identity provider, not its address {said}",
            f"arn:aws:iam::ACCOUNT:oidc-provider/{host}",
        )
    return f"must be an oidc-provider or saml-provider ARN of iam, or a built-in provider, not {said}", None
