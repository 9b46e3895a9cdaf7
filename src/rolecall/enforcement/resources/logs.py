"""CloudWatch Logs: log groups and streams.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon CloudWatch Logs";
CloudWatch Logs User Guide, "CloudWatch Logs resources and operations" (a log group's ARN ends in ``:*``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.moto_state import backend_of, plain_tags
from rolecall.enforcement.resources.rules import Ask, ServiceRules, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["RULES"]


def _group_arn(ask: Ask, name: str) -> str:
    if name.startswith("arn:"):
        return name.removesuffix(":*")
    return ask.arn("logs", f"log-group:{name}")


def _group(ask: Ask) -> Sequence[str] | None:
    names = listed(ask.param("logGroupName", "logGroupIdentifier"))
    names += listed(ask.param("logGroupNames", "logGroupIdentifiers", "logGroupArnList"))
    names += [arn for arn in listed(ask.param("resourceArn")) if ":log-group:" in arn]
    if not names and ask.call.operation == "DescribeLogGroups":
        prefix = ask.param("logGroupNamePrefix") or ""
        return (ask.arn("logs", f"log-group:{prefix}*" if prefix else "log-group::log-stream:"),)
    # Policies for a group are written with and without ":*"; the request carries the longer form, except
    # for tagging, which takes the bare ARN.
    ending = "" if "Tag" in ask.call.operation and ask.param("resourceArn") else ":*"
    return [_group_arn(ask, name) + ending for name in names] or None


def _stream(ask: Ask) -> Sequence[str] | None:
    group = ask.param("logGroupName", "logGroupIdentifier")
    stream = ask.param("logStreamName")
    return (f"{_group_arn(ask, group)}:log-stream:{stream}",) if group and stream else None


def _tags(ask: Ask, arn: str) -> Mapping[str, str]:
    fields = arn.split(":")
    if len(fields) < 7:
        return {}
    backend = backend_of("logs", fields[4], fields[3])
    return plain_tags(backend.tagger.get_tag_dict_for_resource(":".join(fields[:7])))


def _delivery(ask: Ask) -> Sequence[str] | None:
    return (ask.arn("logs", f"delivery:{ask.param('id')}"),) if ask.param("id") else None


RULES = ServiceRules(
    types={"log-group": _group, "log-stream": _stream, "delivery": _delivery},
    tags=_tags,
)
