"""What the catalog holds: plain facts about services, as the Service Authorization Reference states them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["AccessLevel", "Action", "ConditionKey", "Operation", "Provenance", "ResourceType", "ResourceUse"]

AccessLevel = Literal["List", "Read", "Write", "Permissions management", "Tagging"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the data comes from. ``date`` is ISO 8601; ``counts`` by ``services``, ``actions`` …"""

    package: str
    version: str
    date: str
    license: str
    botocore: str
    counts: Mapping[str, int] = field(hash=False)


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """A resource type that an action takes; ``required`` as the reference's asterisk says."""

    type: str
    required: bool
    condition_keys: tuple[str, ...] = ()
    dependent_actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """An IAM action.

    ``name`` is ``ec2:DescribeInstances`` in AWS's spelling. ``resources`` is empty for an action without
    resource-level permissions. ``condition_keys`` are those that go with the action whatever the
    resource. ``permission_only`` answers for a name what ``is_permission_only`` tells; it is asked late,
    because it reads every operation of a service.
    """

    name: str
    service: str
    access_level: AccessLevel
    resources: tuple[ResourceUse, ...]
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]
    description: str
    permission_only: Callable[[str], bool | None] = field(compare=False, repr=False)

    @property
    def is_permission_only(self) -> bool | None:
        """True when no API operation has this as its base action; None when the SDK lacks the service."""
        return self.permission_only(self.name)

    @property
    def all_condition_keys(self) -> tuple[str, ...]:
        """The keys of the action and of all its resource types, sorted, without the global keys."""
        found = {*self.condition_keys, *(key for use in self.resources for key in use.condition_keys)}
        return tuple(sorted(found, key=str.lower))


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A resource type with its ARN formats, such as ``arn:${Partition}:s3:::${BucketName}``."""

    name: str
    service: str
    arn_formats: tuple[str, ...]
    condition_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """A condition key. ``name`` keeps its placeholder (``aws:PrincipalTag/${TagKey}``).

    ``type`` is as the reference has it: String, ARN, Numeric, Bool, Date, IPAddress, or ArrayOf one of
    them. ``other_types`` where AWS's page names more than one (``aws:EpochTime`` is Date and Numeric).
    """

    name: str
    type: str
    other_types: tuple[str, ...] = ()

    @property
    def multivalued(self) -> bool:
        """Whether a request may hold several values, so that a set operator belongs to it."""
        return self.type.startswith("ArrayOf")

    @property
    def value_type(self) -> str:
        """The type of one value."""
        return self.type.removeprefix("ArrayOf")


@dataclass(frozen=True, slots=True)
class Operation:
    """An API operation and the IAM actions it needs.

    ``service`` and ``name`` are boto3's (``s3``, ``ListObjectsV2``). ``actions`` are the base actions, in
    order of evaluation. ``needs`` is ``all`` of them, ``by-parameters`` (the call's parameters choose
    among them), or ``none`` (AWS checks no permission: ``actions`` is empty). ``signed`` is False for
    operations that carry no signature. ``source`` is the AWS page where the rule is not the default one.
    """

    service: str
    name: str
    actions: tuple[str, ...]
    needs: Literal["all", "by-parameters", "none"] = "all"
    signed: bool = True
    source: str | None = None
