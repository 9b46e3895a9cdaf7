"""On which resources AWS decides an action: those of the types that it takes, or ``*``.

Service Authorization Reference, "Actions, resources, and condition keys for AWS services": an action
without a resource type is decided on all resources, whatever ARN somebody has in mind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.iam.catalog.arn_formats import split_arn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rolecall.iam.catalog.arn_formats import ArnFormat
    from rolecall.iam.catalog.entries import Action

__all__ = ["asked_resources"]

_ALL_BUCKETS = "s3:ListAllMyBuckets"


def asked_resources(
    action: Action, arns: Iterable[str], formats: Callable[[str], Iterable[ArnFormat]], partition: str
) -> tuple[str, ...]:
    """Those of the ARNs (or patterns of ARNs) that AWS may decide the action on.

    In: ``formats`` answers the formats of ARNs that name a service. An action that takes no resources is
    decided on ``*``; ListAllMyBuckets on every bucket of the partition, as the examples of "Policy evaluation
    logic" have it. An ARN whose form nobody knows is kept. Empty where none of the ARNs fits.
    """
    if not action.resources:
        return (f"arn:{partition}:s3:::*",) if action.name == _ALL_BUCKETS else ("*",)
    wanted = {use.type.lower() for use in action.resources}
    return tuple(arn for arn in arns if arn == "*" or _may_be(arn, action.service, wanted, formats))


def _may_be(arn: str, service: str, wanted: set[str], formats: Callable[[str], Iterable[ArnFormat]]) -> bool:
    fields = split_arn(arn)
    if fields is None:
        return True
    fits = [known for vendor in (fields[2], "${Vendor}") for known in formats(vendor) if known.covers(fields)]
    return not fits or any(known.service == service and known.type.lower() in wanted for known in fits)
