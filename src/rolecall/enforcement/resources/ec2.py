"""EC2: instances and what they are made of.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2"; EC2 User
Guide, "Example policies to control access the Amazon EC2 API" (RunInstances asks for every resource).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.checks import Check
from rolecall.enforcement.moto_state import backend_of
from rolecall.enforcement.resources.passing import pass_role_of_profile
from rolecall.enforcement.resources.rules import Ask, Resolver, ServiceRules, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rolecall.iam.requests import ContextValue

__all__ = ["RULES"]

# What an id starts with → the resource type in its ARN, where they differ.
_PREFIXES = {
    "i": "instance", "vol": "volume", "ami": "image", "sg": "security-group", "eni": "network-interface",
    "snap": "snapshot", "rtb": "route-table", "igw": "internet-gateway", "nat": "natgateway",
    "acl": "network-acl", "eipalloc": "elastic-ip", "dopt": "dhcp-options", "lt": "launch-template",
    "pcx": "vpc-peering-connection", "vgw": "vpn-gateway", "cgw": "customer-gateway", "key": "key-pair",
    "vpce": "vpc-endpoint", "tgw": "transit-gateway", "pl": "prefix-list", "sgr": "security-group-rule",
    "sir": "spot-instances-request", "eigw": "egress-only-internet-gateway", "fl": "vpc-flow-log",
    "r": "reserved-instances", "h": "dedicated-host", "subnet": "subnet", "vpc": "vpc",
}  # fmt: skip
_ID = re.compile(r"([a-z]+)-")


def _arn(ask: Ask, kind: str, name: str) -> str:
    # Images and snapshots are shared between accounts: their ARNs name none.
    return ask.arn("ec2", f"{kind}/{name}", account="" if kind in ("image", "snapshot") else None)


def _by_id(ask: Ask, identifier: str) -> str:
    match = _ID.match(identifier)
    return _arn(ask, _PREFIXES.get(match[1], match[1]) if match else "*", identifier)


def _ids(kind: str, *params: str) -> Resolver:
    def resolve(ask: Ask) -> Sequence[str] | None:
        found = [item for name in params for item in listed(ask.call.params.get(name))]
        return [_arn(ask, kind, item) for item in found if isinstance(item, str)] or None

    return resolve


def _run_instances(ask: Ask) -> Iterator[Check]:
    for kind, name in _launched(ask):
        yield Check("ec2:RunInstances", _arn(ask, kind, name))
    yield from _tags_on_create(ask)
    yield from _associate_profile(ask)


def _launched(ask: Ask) -> Iterator[tuple[str, str]]:
    interfaces = [item for item in listed(ask.param("NetworkInterfaces")) if isinstance(item, dict)]
    yield "image", ask.param("ImageId") or "*"
    yield "instance", "*"
    subnets = listed(ask.param("SubnetId")) + [i["SubnetId"] for i in interfaces if i.get("SubnetId")]
    for subnet in dict.fromkeys(subnets or [_default_subnet(ask)]):
        yield "subnet", subnet
    groups = listed(ask.param("SecurityGroupIds"))
    groups += [_group_id(ask, name) for name in listed(ask.param("SecurityGroups"))]
    groups += [group for i in interfaces for group in listed(i.get("Groups"))]
    for group in dict.fromkeys(groups or [_group_id(ask, "default")]):
        yield "security-group", group
    existing = [i["NetworkInterfaceId"] for i in interfaces if i.get("NetworkInterfaceId")]
    for interface in dict.fromkeys(existing or ["*"]):
        yield "network-interface", interface
    yield "volume", "*"
    if ask.param("KeyName"):
        yield "key-pair", ask.param("KeyName")
    template = ask.param("LaunchTemplate") or {}
    if template.get("LaunchTemplateId"):
        yield "launch-template", template["LaunchTemplateId"]


def _default_subnet(ask: Ask) -> str:
    backend = _backend(ask)
    zone = (ask.param("Placement") or {}).get("AvailabilityZone")
    for subnets in backend.subnets.values():
        for subnet in subnets.values():
            if subnet.default_for_az and zone in (None, subnet.availability_zone):
                return str(subnet.id)
    return "*"


def _group_id(ask: Ask, name: str) -> str:
    for groups in _backend(ask).groups.values():
        for group in groups.values():
            if group.name == name:
                return str(group.id)
    return "*"


def _tags_on_create(ask: Ask) -> Iterator[Check]:
    """ec2:CreateTags for the tags that a creating call brings, on what it creates."""
    for specification in listed(ask.param("TagSpecifications")):
        kind = specification.get("ResourceType")
        if kind and specification.get("Tags"):
            yield Check("ec2:CreateTags", _arn(ask, kind, "*"), {"ec2:CreateAction": ask.call.operation})


def _tagging(ask: Ask) -> Iterator[Check]:
    for identifier in listed(ask.param("Resources")):
        yield Check(f"ec2:{ask.call.operation}", _by_id(ask, identifier))


def _associate_profile(ask: Ask) -> Iterator[Check]:
    profile = ask.param("IamInstanceProfile") or {}
    named = profile.get("Arn") or profile.get("Name")
    if named:
        yield from pass_role_of_profile(ask, named, "ec2.amazonaws.com")


def _security_group(ask: Ask) -> Sequence[str] | None:
    found = [
        item
        for name in ("GroupId", "GroupIds", "SecurityGroupId", "SecurityGroupIds", "Groups")
        for item in listed(ask.call.params.get(name))
        if isinstance(item, str)
    ]
    if not found and isinstance(ask.param("GroupName"), str) and not ask.call.operation.startswith("Create"):
        found = [_group_id(ask, ask.param("GroupName"))]
    return [_arn(ask, "security-group", item) for item in found] or None


def _context(ask: Ask, action: str, arn: str) -> Mapping[str, ContextValue]:
    context: dict[str, ContextValue] = {"ec2:Region": ask.call.region}
    kind, _, name = arn.rpartition(":")[2].partition("/")
    if kind == "instance":
        launched = name == "*"
        kept = None if launched else _backend(ask).get_instance_by_id(name)
        size = ask.param("InstanceType") if launched else getattr(kept, "instance_type", None)
        if size is None and launched and ask.call.operation == "RunInstances":
            size = "m1.small"
        if isinstance(size, str):
            context["ec2:InstanceType"] = size
        if kept is not None and getattr(kept, "iam_instance_profile", None) is not None:
            context["ec2:InstanceProfile"] = kept.iam_instance_profile.get("arn", "")
        context["ec2:Tenancy"] = (ask.param("Placement") or {}).get("Tenancy") or "default"
    elif kind == "image" and name.startswith("ami-"):
        image = _backend(ask).amis.get(name)
        if image is not None:
            context["ec2:Owner"] = str(image.owner_id)
            context["ec2:Public"] = bool(image.is_public)
    elif kind in ("subnet", "security-group", "network-interface") and name != "*":
        context.update(_vpc_of(ask, kind, name))
    context.update({f"ec2:ResourceTag/{key}": value for key, value in _tags(ask, arn).items()})
    return context


def _vpc_of(ask: Ask, kind: str, name: str) -> Iterable[tuple[str, ContextValue]]:
    backend = _backend(ask)
    table: Any = {"subnet": backend.subnets, "security-group": backend.groups}.get(kind, {})
    for items in table.values():
        if name in items:
            yield "ec2:Vpc", ask.arn("ec2", f"vpc/{items[name].vpc_id}")


def _tags(ask: Ask, arn: str) -> Mapping[str, str]:
    name = arn.rpartition("/")[2]
    return dict(_backend(ask).tags.get(name, {})) if name != "*" else {}


def _backend(ask: Ask) -> Any:
    return backend_of("ec2", ask.caller.account, ask.call.region)


def _created(ask: Ask, kind: str) -> Sequence[str]:
    """The ARN of what a call creates: it has no id yet."""
    return (_arn(ask, kind, "*"),)


RULES = ServiceRules(
    types={
        "security-group": _security_group,
        "key-pair": _ids("key-pair", "KeyName", "KeyNames", "KeyPairId"),
        "elastic-ip": _ids("elastic-ip", "AllocationId"),
        "image": _ids("image", "ImageId", "ImageIds"),
        "snapshot": _ids("snapshot", "SnapshotId", "SnapshotIds"),
        "natgateway": _ids("natgateway", "NatGatewayId"),
    },
    operations={"RunInstances": _run_instances, "CreateTags": _tagging, "DeleteTags": _tagging},
    extra={
        "AssociateIamInstanceProfile": _associate_profile,
        "ReplaceIamInstanceProfileAssociation": _associate_profile,
    },
    on_create=_tags_on_create,
    created=_created,
    context=_context,
    tags=_tags,
)
