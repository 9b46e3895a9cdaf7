"""Tags that a call puts on what it creates: AWS asks for the permission to tag as well.

Sources: API References of CloudWatch, Amazon EventBridge, KMS, Kinesis, CloudWatch Logs, S3, Secrets Manager,
SNS, SQS and Systems Manager (the words on ``Tags``); the guides of ECS, EFS and Elastic Load Balancing,
"Grant permission to tag resources during creation"; IAM User Guide, "Tags for IAM resources"; denials that
users report, for DynamoDB (terraform-provider-aws issue 10943) and Lambda (amazon-mwaa-examples pull request
63). EC2 has its own rule.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.tagging import request_tags
from rolecall.iam.catalog import load_catalog

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rolecall.enforcement.checks import Check
    from rolecall.enforcement.resources.rules import Ask
    from rolecall.iam.requests import ContextValue

__all__ = ["tagging_checks"]


def tagging_checks(ask: Ask, found: Iterable[Check]) -> Iterator[Check]:
    """The checks on tagging for a call that creates and brings tags, on what it creates.

    ``found`` are the checks of the call so far.
    """
    action = _table().get(ask.call.service, {}).get(ask.call.operation)
    if action is None or not request_tags(ask.call):
        return
    first, *others = [action] if isinstance(action, str) else action
    context: dict[str, ContextValue] = {}
    creating = f"{first.partition(':')[0]}:CreateAction"
    if load_catalog().condition_key(creating) is not None:
        context[creating] = ask.call.operation
    for check in tuple(found):
        if check.action in ask.actions:
            where = _KEY if first.startswith("kms:") else check.resource
            resource = ask.arn("kms", where) if where == _KEY else where.removesuffix(":log-stream:")
            yield replace(
                check, action=first, resource=resource, context=context, other_actions=tuple(others)
            )


# A new key has no ARN yet.
_KEY = "key/*"


@cache
def _table() -> dict[str, Any]:
    text = files("rolecall.enforcement.resources").joinpath("tags_on_create.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]
