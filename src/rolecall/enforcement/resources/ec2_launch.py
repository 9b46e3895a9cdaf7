"""What RunInstances launches: the request laid over its launch template, and the keys of each thing made.

Source: EC2 API Reference, RunInstances ("Any parameters that you specify in RunInstances override the same
parameters in the launch template"); EC2 User Guide, "Example policies to control access the Amazon EC2
API" and "Control access to launching instances with an Amazon EC2 launch template"; Service Authorization
Reference, the condition keys of RunInstances by resource type.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.resources.ec2_lookups import (
    backend,
    default_subnet,
    group_id,
    profile_arn,
    subnet_of,
    template_data,
)
from rolecall.enforcement.resources.rules import Ask, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rolecall.iam.requests import ContextValue

__all__ = ["Launch", "Launched", "read_launch"]

_TEMPLATE = "ec2:islaunchtemplateresource"
# What a request may say beside a template without overriding any of the instance's own settings.
_BESIDE = frozenset(("ClientToken", "DryRun", "LaunchTemplate", "MaxCount", "MinCount"))
_OF_OTHERS = frozenset(
    ("BlockDeviceMappings", "ImageId", "KeyName", "NetworkInterfaces", "SecurityGroupIds", "SecurityGroups",
     "SubnetId")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Launched:
    """A resource that a launch needs or makes: its type, its name (``*`` for what is made), its keys."""

    kind: str
    name: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    unknown_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Launch:
    """A request for instances over its launch template (None, and no data, where it names none)."""

    ask: Ask
    template: str | None
    data: Mapping[str, Any]

    def given(self, name: str) -> Any:
        """A parameter of the request, else of the template."""
        value = self.ask.param(name)
        return value if value is not None else self.data.get(name)

    def tags(self, kind: str) -> dict[str, str]:
        """The tags for what is made of a type; those of the request before the template's."""
        tags: dict[str, str] = {}
        for source in (self.data.get("TagSpecifications"), self.ask.param("TagSpecifications")):
            for specification in listed(source):
                if specification.get("ResourceType") == kind:
                    pairs = listed(specification.get("Tags"))
                    tags.update((str(tag["Key"]), str(tag.get("Value") or "")) for tag in pairs)
        return tags

    def tagged_kinds(self) -> tuple[str, ...]:
        """The types of resources that get tags."""
        sources = (self.data.get("TagSpecifications"), self.ask.param("TagSpecifications"))
        kinds = [spec.get("ResourceType") for source in sources for spec in listed(source)]
        return tuple(kind for kind in dict.fromkeys(kinds) if kind and self.tags(kind))

    def resources(self) -> Iterator[Launched]:
        """Everything that RunInstances is asked on."""
        subnets = self._subnets()
        yield self._of("image", self.given("ImageId") or "*", {}, "ImageId")
        yield self._instance(subnets[0])
        for subnet in subnets:
            yield self._of("subnet", subnet, {}, "SubnetId", "NetworkInterfaces")
        for group in self._groups(subnets[0]):
            names = ("SecurityGroupIds", "SecurityGroups", "NetworkInterfaces")
            yield self._of("security-group", group, {}, *names)
        for name, context in self._interfaces(subnets):
            yield self._of("network-interface", name, context, "NetworkInterfaces", "SubnetId")
        for context in self._volumes(subnets[0]):
            yield self._of("volume", "*", context, "BlockDeviceMappings")
        for mapping in listed(self.given("BlockDeviceMappings")):
            snapshot = (mapping.get("Ebs") or {}).get("SnapshotId")
            if snapshot:
                yield self._of("snapshot", snapshot, {}, "BlockDeviceMappings")
        if self.given("KeyName"):
            yield self._of("key-pair", self.given("KeyName"), {}, "KeyName")
        if self.template:
            yield self._of("launch-template", self.template, {})
        cluster = (self.given("Placement") or {}).get("GroupName")
        if cluster:
            yield self._of("placement-group", cluster, {}, "Placement")
        reservation = self.given("CapacityReservationSpecification") or {}
        target = (reservation.get("CapacityReservationTarget") or {}).get("CapacityReservationId")
        if target:
            yield self._of("capacity-reservation", target, {}, "CapacityReservationSpecification")

    def _of(self, kind: str, name: str, context: Mapping[str, ContextValue], *parameters: str) -> Launched:
        """A resource with the keys of the template: a resource is the template's unless the request names it.

        Where neither names it AWS's pages do not tell.
        """
        if self.template is None:
            return Launched(kind, name, {**context, "ec2:IsLaunchTemplateResource": False})
        context = {**context, "ec2:LaunchTemplate": self.ask.arn("ec2", f"launch-template/{self.template}")}
        if any(self.ask.param(parameter) is not None for parameter in parameters):
            return Launched(kind, name, {**context, "ec2:IsLaunchTemplateResource": False})
        if not parameters or any(self.data.get(parameter) is not None for parameter in parameters):
            return Launched(kind, name, {**context, "ec2:IsLaunchTemplateResource": True})
        return Launched(kind, name, context, frozenset((_TEMPLATE,)))

    def _instance(self, subnet: str) -> Launched:
        placement = self.given("Placement") or {}
        group = placement.get("GroupName")
        metadata = {**(self.data.get("MetadataOptions") or {}), **(self.ask.param("MetadataOptions") or {})}
        profile = self.given("IamInstanceProfile") or {}
        zone = placement.get("AvailabilityZone") or getattr(
            subnet_of(self.ask, subnet), "availability_zone", None
        )
        found: dict[str, ContextValue | None] = {
            "ec2:InstanceType": self.given("InstanceType") or "m1.small",
            "ec2:InstanceProfile": profile_arn(self.ask, profile),
            "ec2:Tenancy": placement.get("Tenancy") or "default",
            "ec2:AvailabilityZone": zone,
            "ec2:EbsOptimized": bool(self.given("EbsOptimized")),
            "ec2:RootDeviceType": self._root_device(),
            "ec2:PlacementGroup": self.ask.arn("ec2", f"placement-group/{group}") if group else None,
            "ec2:MetadataHttpTokens": metadata.get("HttpTokens"),
            "ec2:MetadataHttpEndpoint": metadata.get("HttpEndpoint"),
            "ec2:MetadataHttpPutResponseHopLimit": metadata.get("HttpPutResponseHopLimit"),
            "ec2:InstanceMetadataTags": metadata.get("InstanceMetadataTags"),
            "ec2:InstanceMarketType": (self.given("InstanceMarketOptions") or {}).get("MarketType")
            or "on-demand",
        }
        own = [name for name in self.ask.call.params if name not in _BESIDE | _OF_OTHERS]
        context = {key: value for key, value in found.items() if value is not None}
        return self._of("instance", "*", context, *own)

    def _root_device(self) -> str | None:
        image = backend(self.ask).amis.get(self.given("ImageId"))
        if image is None:
            return None
        return "instance-store" if image.root_device_type == "instance-store" else "ebs"

    def _subnets(self) -> list[str]:
        kept = backend(self.ask).enis
        found = listed(self.given("SubnetId"))
        for interface in self._specified():
            existing = kept.get(interface.get("NetworkInterfaceId"))
            if interface.get("SubnetId"):
                found.append(interface["SubnetId"])
            elif existing is not None:
                found.append(existing.subnet.id)
        zone = (self.given("Placement") or {}).get("AvailabilityZone")
        return list(dict.fromkeys(found)) or [default_subnet(self.ask, zone) or "*"]

    def _groups(self, subnet: str) -> list[str]:
        kept = backend(self.ask).enis
        place = getattr(subnet_of(self.ask, subnet), "vpc_id", None)
        found = listed(self.given("SecurityGroupIds"))
        found += [group_id(self.ask, name, place) or "*" for name in listed(self.given("SecurityGroups"))]
        for interface in self._specified():
            existing = kept.get(interface.get("NetworkInterfaceId"))
            found += listed(interface.get("Groups"))
            if existing is not None:
                found += [group.id for group in existing.group_set]
        return list(dict.fromkeys(found)) or [group_id(self.ask, "default", place) or "*"]

    def _specified(self) -> list[Mapping[str, Any]]:
        return [item for item in listed(self.given("NetworkInterfaces")) if isinstance(item, dict)]

    def _interfaces(self, subnets: list[str]) -> Iterator[tuple[str, Mapping[str, ContextValue]]]:
        for interface in self._specified() or [{}]:
            if interface.get("NetworkInterfaceId"):
                yield interface["NetworkInterfaceId"], {}
                continue
            context: dict[str, ContextValue] = {}
            subnet = interface.get("SubnetId") or subnets[0]
            kept = subnet_of(self.ask, subnet)
            if kept is not None:
                context["ec2:Subnet"] = self.ask.arn("ec2", f"subnet/{subnet}")
                context["ec2:Vpc"] = self.ask.arn("ec2", f"vpc/{kept.vpc_id}")
                context["ec2:AvailabilityZone"] = kept.availability_zone
            if interface.get("AssociatePublicIpAddress") is not None:
                context["ec2:AssociatePublicIpAddress"] = bool(interface["AssociatePublicIpAddress"])
            yield "*", context

    def _volumes(self, subnet: str) -> Iterator[Mapping[str, ContextValue]]:
        """The keys of every volume: the image's root volume, laid under what request or template map."""
        kept = backend(self.ask)
        image = kept.amis.get(self.given("ImageId"))
        mapped: dict[str, dict[str, Any]] = {}
        snapshot = getattr(image, "ebs_snapshot", None)
        if snapshot is not None:
            mapped[image.root_device_name] = {"SnapshotId": snapshot.id}
        for mapping in listed(self.given("BlockDeviceMappings")):
            device = mapping.get("DeviceName") or ""
            if mapping.get("Ebs"):
                mapped[device] = {**mapped.get(device, {}), **mapping["Ebs"]}
            elif mapping.get("NoDevice") is not None:
                mapped.pop(device, None)
        zone = getattr(subnet_of(self.ask, subnet), "availability_zone", None)
        for ebs in mapped.values():
            yield self._volume(ebs, zone, kept.snapshots.get(ebs.get("SnapshotId")))
        if not mapped:
            yield {}

    def _volume(self, ebs: Mapping[str, Any], zone: str | None, snapshot: Any) -> dict[str, ContextValue]:
        kept = backend(self.ask)
        encrypted = ebs.get("Encrypted") or getattr(snapshot, "encrypted", False)
        size = ebs.get("VolumeSize") or getattr(getattr(snapshot, "volume", None), "size", None)
        found: dict[str, ContextValue | None] = {
            "ec2:AvailabilityZone": zone,
            "ec2:Encrypted": bool(encrypted or kept.ebs_encryption_by_default),
            "ec2:VolumeSize": size,
            "ec2:VolumeType": ebs.get("VolumeType") or "gp2",
            "ec2:VolumeIops": ebs.get("Iops"),
            "ec2:VolumeThroughput": ebs.get("Throughput"),
        }
        if ebs.get("SnapshotId"):
            found["ec2:ParentSnapshot"] = self.ask.arn("ec2", f"snapshot/{ebs['SnapshotId']}", account="")
        return {key: value for key, value in found.items() if value is not None}


def read_launch(ask: Ask) -> Launch:
    """The launch that a call of RunInstances asks for."""
    template, data = template_data(ask, ask.param("LaunchTemplate"))
    return Launch(ask, template, data)
