"""ARNs of seeded resources, as documents and expectations say them.

What AWS names itself (the id of an instance or a key, the six characters after a secret's name) cannot be
known beforehand: in a manifest, the declared name stands in its place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.chains.model import Chain
    from rolecall.chains.resources import Resource

__all__ = ["named_arn", "real_arn", "resource_arn", "resource_of"]

_SECRET = re.compile(r"arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:(?P<name>[^*?]+)")
_MADE_UP = "-Rc0a1L"
_LOG_GROUP = re.compile(r"arn:[^:]+:logs:[^:]*:[^:]*:log-group:[^:*?]+")
_BARE_LOG_GROUP = frozenset({"logs:tagresource", "logs:untagresource", "logs:listtagsforresource"})
_ALL_OF_IT = ":*"
_LOOKS_ENDED = re.compile(r"-[A-Za-z0-9]{6}")

_FORMATS = {
    "ec2_instance": "ec2:{region}:{account}:instance/{name}",
    "s3_bucket": "s3:::{name}",
    "sqs_queue": "sqs:{region}:{account}:{name}",
    "sns_topic": "sns:{region}:{account}:{name}",
    "dynamodb_table": "dynamodb:{region}:{account}:table/{name}",
    "secret": "secretsmanager:{region}:{account}:secret:{name}",
    "ssm_parameter": "ssm:{region}:{account}:parameter/{name}",
    "kms_key": "kms:{region}:{account}:key/{name}",
    "log_group": "logs:{region}:{account}:log-group:{name}",
}


def resource_arn(chain: Chain, resource: Resource) -> str:
    """The ARN of a seeded resource, its declared name in it."""
    name = resource.name.removeprefix("/") if resource.kind == "ssm_parameter" else resource.name
    tail = _FORMATS[resource.kind].format(
        region=chain.region, account=chain.accounts[resource.account], name=name
    )
    return f"arn:{chain.partition}:{tail}"


def resource_of(chain: Chain, arn: str) -> Resource | None:
    """The seeded resource that an ARN means (an object belongs to its bucket); None for any other ARN."""
    if not arn.startswith("arn:"):
        return None
    bucket = arn.partition("/")[0]
    for item in chain.resources:
        declared = resource_arn(chain, item)
        if declared == arn or (item.kind == "s3_bucket" and declared == bucket):
            return item
    return None


def real_arn(chain: Chain, action: str, arn: str) -> str:
    """An ARN as policies meet it for an action.

    A secret's has a hyphen and six characters after the name: those of a declared secret are made up, and
    those of another one whose ARN does not seem to have them, since no request is ever about a secret without
    ("Secrets Manager secret ARN", AWS Secrets Manager User Guide). A log group's ends in ``:*``, except for
    its tags ("CloudWatch Logs resources and operations", CloudWatch Logs User Guide).
    """
    if _LOG_GROUP.fullmatch(arn):
        return arn if action.lower() in _BARE_LOG_GROUP else f"{arn}{_ALL_OF_IT}"
    match = _SECRET.fullmatch(arn)
    if match is None:
        return arn
    ended = _LOOKS_ENDED.fullmatch(match["name"][-7:]) is not None
    return arn if ended and resource_of(chain, arn) is None else f"{arn}{_MADE_UP}"


def named_arn(arn: str) -> str:
    """The ARN that ``real_arn`` was asked about: without what it added."""
    shorter = arn.removesuffix(_ALL_OF_IT)
    return shorter if _LOG_GROUP.fullmatch(shorter) else arn.removesuffix(_MADE_UP)
