"""What exists before the calls are made, so that a positive answer has content."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.chains.documents import Document
    from rolecall.iam.strict_json import Place

__all__ = ["Resource"]


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing to create.

    ``kind``: ec2_instance, s3_bucket, sqs_queue, sns_topic, dynamodb_table, secret, ssm_parameter,
    kms_key or log_group. ``name`` is unique within its kind. ``properties`` holds what the kind knows
    beyond name, tags and policy: ``type`` and ``count`` (ec2_instance), ``objects`` (s3_bucket: key →
    text), ``key`` (dynamodb_table: the partition key), ``value`` (secret, ssm_parameter).
    """

    kind: str
    name: str
    account: str
    properties: Mapping[str, Any] = field(default_factory=dict, hash=False)
    policy: Document | None = None
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    place: Place | None = field(default=None, compare=False, repr=False)
