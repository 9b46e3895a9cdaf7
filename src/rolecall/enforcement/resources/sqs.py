"""SQS: queues, named by URL or name.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SQS".
"""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rolecall.enforcement.moto_state import backend_of, plain_tags
from rolecall.enforcement.resources.rules import Ask, ServiceRules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["RULES"]


def _queue(ask: Ask) -> Sequence[str] | None:
    if ask.call.operation == "ListQueues":
        return None
    url = ask.param("QueueUrl")
    source = ask.param("SourceArn") or _source_of(ask.param("TaskHandle"))
    if url is None and source:
        return (source,)
    if url is None:
        name, owner = ask.param("QueueName"), ask.param("QueueOwnerAWSAccountId")
        return (ask.arn("sqs", name, account=owner),) if name else None
    parts = [part for part in urlsplit(url).path.split("/") if part]
    owner = parts[-2] if len(parts) > 1 and parts[-2].isdigit() else None
    return (ask.arn("sqs", parts[-1], account=owner),) if parts else None


def _source_of(handle: Any) -> str | None:
    """The queue of a message move task: its handle is JSON in Base64 that names the source."""
    try:
        told = json.loads(b64decode(handle or "", validate=True))
        source = told["sourceArn"]
    except (ValueError, TypeError, KeyError):
        return None
    return source if isinstance(source, str) and source.startswith("arn:") else None


def _tags(ask: Ask, arn: str) -> Mapping[str, str]:
    fields = arn.split(":")
    if len(fields) != 6:
        return {}
    queue = backend_of("sqs", fields[4], fields[3]).queues.get(fields[5])
    return plain_tags(queue.tags) if queue is not None else {}


RULES = ServiceRules(types={"queue": _queue}, tags=_tags)
