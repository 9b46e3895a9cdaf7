"""CloudWatch Logs: log groups and streams.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon CloudWatch Logs";
CloudWatch Logs User Guide, "CloudWatch Logs resources and operations" (a log group's ARN ends in ``:*``);
denials that users report (terraform-provider-aws issue 8804, apm-aws-lambda issue 526).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.checks import Check
from rolecall.enforcement.moto_state import backend_of, plain_tags
from rolecall.enforcement.resources.rules import Ask, ServiceRules, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["RULES"]


def _group_arn(ask: Ask, name: str) -> str:
    if name.startswith("arn:"):
        return name.removesuffix(":*")
    return ask.arn("logs", f"log-group:{name}")


def _group(ask: Ask) -> Sequence[str] | None:
    names = listed(ask.param("logGroupName", "logGroupIdentifier"))
    names += listed(ask.param("logGroupNames", "logGroupIdentifiers", "logGroupArnList"))
    names += [arn for arn in listed(ask.param("resourceArn")) if ":log-group:" in arn]
    names += [arn for arn in listed(ask.param("resourceIdentifier")) if ":log-group:" in arn]
    query = backend_of("logs", ask.caller.account, ask.call.region).queries.get(ask.param("queryId"))
    if query is not None and ask.call.operation == "GetQueryResults":
        names += query.log_group_names
    # As AWS's denials name a group: as a stream without a name, which ":*" in a policy covers. Tagging takes
    # the bare ARN.
    ending = "" if "Tag" in ask.call.operation and ask.param("resourceArn") else ":log-stream:"
    return [_group_arn(ask, name) + ending for name in names] or None


def _every_group(ask: Ask) -> Iterable[Check]:
    """DescribeLogGroups, whatever prefix it asks for: a group without a name."""
    yield Check("logs:DescribeLogGroups", ask.arn("logs", "log-group::log-stream:"))


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
    if ask.call.operation == "CreateDelivery":
        return (ask.arn("logs", "delivery:*"),)
    return (ask.arn("logs", f"delivery:{ask.param('id')}"),) if ask.param("id") else None


def _delivery_source(ask: Ask) -> Sequence[str] | None:
    name = ask.param("deliverySourceName")
    if name is None and ask.call.operation.endswith("DeliverySource"):
        name = ask.param("name")
    if name is None and ask.call.operation == "UpdateDeliveryConfiguration":
        name = getattr(_kept_delivery(ask), "delivery_source_name", None)
    return (ask.arn("logs", f"delivery-source:{name}"),) if name else _tagged(ask, "delivery-source")


def _delivery_destination(ask: Ask) -> Sequence[str] | None:
    arn = ask.param("deliveryDestinationArn")
    if arn is None and ask.call.operation == "UpdateDeliveryConfiguration":
        arn = getattr(_kept_delivery(ask), "delivery_destination_arn", None)
    if arn is not None:
        return (arn,)
    name = ask.param("deliveryDestinationName")
    if name is None and ask.call.operation.endswith(("DeliveryDestination", "DeleteDeliverySource")):
        # The reference gives DeleteDeliverySource this type.
        name = ask.param("name")
    return (
        (ask.arn("logs", f"delivery-destination:{name}"),) if name else _tagged(ask, "delivery-destination")
    )


def _kept_delivery(ask: Ask) -> Any:
    return backend_of("logs", ask.caller.account, ask.call.region).deliveries.get(ask.param("id"))


def _scheduled_query(ask: Ask) -> Sequence[str] | None:
    name = ask.param("identifier", "name")
    if ask.call.operation == "CreateScheduledQuery":
        return (ask.arn("logs", "scheduled-query:*"),)
    if name is None:
        return _tagged(ask, "scheduled-query")
    return (name,) if name.startswith("arn:") else (ask.arn("logs", f"scheduled-query:{name}"),)


def _tagged(ask: Ask, kind: str) -> Sequence[str] | None:
    arn = ask.param("resourceArn")
    return (arn,) if arn and f":{kind}:" in arn else None


RULES = ServiceRules(
    types={
        "delivery": _delivery,
        "delivery-destination": _delivery_destination,
        "delivery-source": _delivery_source,
        "log-group": _group,
        "log-stream": _stream,
        "scheduled-query": _scheduled_query,
    },
    operations={"DescribeLogGroups": _every_group},
    tags=_tags,
)
