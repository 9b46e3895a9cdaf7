"""SNS: topics, named by ARN or, when they are made, by name.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SNS".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.moto_state import backend_of
from rolecall.enforcement.resources.rules import Ask, ServiceRules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rolecall.iam.requests import ContextValue

__all__ = ["RULES"]


def _topic(ask: Ask) -> Sequence[str] | None:
    arn = ask.param("TopicArn", "TargetArn", "ResourceArn")
    if arn is not None:
        return (arn,)
    subscription = ask.param("SubscriptionArn")
    if subscription is not None:
        return (subscription.rpartition(":")[0],)
    name = ask.param("Name")
    if name is not None:
        return (ask.arn("sns", name),)
    # Publishing to a phone number is on no topic.
    return ("*",) if ask.param("PhoneNumber") else None


def _context(ask: Ask, action: str, arn: str) -> Mapping[str, ContextValue]:
    context: dict[str, ContextValue] = {}
    if ask.param("Protocol"):
        context["sns:Protocol"] = ask.param("Protocol")
    if ask.param("Endpoint"):
        context["sns:Endpoint"] = ask.param("Endpoint")
    return context


def _tags(ask: Ask, arn: str) -> Mapping[str, str]:
    fields = arn.split(":")
    if len(fields) != 6:
        return {}
    topic = backend_of("sns", fields[4], fields[3]).topics.get(arn)
    return dict(topic._tags) if topic is not None else {}


RULES = ServiceRules(types={"topic": _topic}, context=_context, tags=_tags)
