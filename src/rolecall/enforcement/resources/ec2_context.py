"""The condition keys of EC2 that follow from a resource and from what a call asks for.

Source: Service Authorization Reference, "Condition keys for Amazon EC2" and the keys that it gives to
each resource type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.resources.ec2_lookups import backend
from rolecall.enforcement.resources.rules import Ask

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rolecall.iam.requests import ContextValue

__all__ = ["ec2_context", "ec2_tags"]


def ec2_context(ask: Ask, action: str, arn: str) -> Mapping[str, ContextValue]:
    """The keys for one action on one ARN."""
    context: dict[str, ContextValue] = {"ec2:Region": ask.call.region}
    kind, _, name = arn.rpartition(":")[2].partition("/")
    reader = _READERS.get(kind)
    if reader is not None:
        context.update((key, value) for key, value in reader(ask, name) if value is not None)
    own = _OWN_ID.get(kind)
    if own is not None and name != "*":
        context[own] = name
    context.update({f"ec2:ResourceTag/{key}": value for key, value in ec2_tags(ask, arn).items()})
    return context


def ec2_tags(ask: Ask, arn: str) -> Mapping[str, str]:
    """The tags of the resource of an ARN."""
    name = arn.rpartition("/")[2]
    return dict(backend(ask).tags.get(name, {})) if name != "*" else {}


def _instance(ask: Ask, name: str) -> Iterable[tuple[str, ContextValue | None]]:
    launched = name == "*"
    kept = None if launched else backend(ask).get_instance_by_id(name)
    size = ask.param("InstanceType") if launched else getattr(kept, "instance_type", None)
    if size is None and launched and ask.call.operation == "RunInstances":
        size = "m1.small"
    yield "ec2:InstanceType", size if isinstance(size, str) else None
    profile = getattr(kept, "iam_instance_profile", None)
    if profile is not None:
        yield "ec2:InstanceProfile", profile.get("arn", "")
    placement = ask.param("Placement") or {}
    yield "ec2:Tenancy", placement.get("Tenancy") or "default"
    zone = placement.get("AvailabilityZone") if launched else getattr(kept, "placement", None)
    zone = getattr(zone, "zone", zone)
    yield "ec2:AvailabilityZone", zone if isinstance(zone, str) else None
    if launched and ask.call.operation == "RunInstances":
        yield "ec2:EbsOptimized", bool(ask.param("EbsOptimized"))
        metadata = ask.param("MetadataOptions") or {}
        yield "ec2:MetadataHttpTokens", metadata.get("HttpTokens")
        yield "ec2:MetadataHttpEndpoint", metadata.get("HttpEndpoint")
        yield "ec2:MetadataHttpPutResponseHopLimit", metadata.get("HttpPutResponseHopLimit")
        yield "ec2:InstanceMetadataTags", metadata.get("InstanceMetadataTags")
        market = (ask.param("InstanceMarketOptions") or {}).get("MarketType")
        yield "ec2:InstanceMarketType", market or "on-demand"


def _image(ask: Ask, name: str) -> Iterable[tuple[str, ContextValue | None]]:
    image = backend(ask).amis.get(name)
    if image is not None:
        yield "ec2:Owner", str(image.owner_id)
        yield "ec2:Public", bool(image.is_public)
        yield "ec2:ImageType", "machine"
        yield "ec2:RootDeviceType", getattr(image, "root_device_type", None)


def _volume(ask: Ask, name: str) -> Iterable[tuple[str, ContextValue | None]]:
    kept: Any = backend(ask).volumes.get(name)
    if kept is not None:
        yield "ec2:AvailabilityZone", kept.zone.name
        yield "ec2:Encrypted", bool(kept.encrypted)
        yield "ec2:VolumeSize", int(kept.size)
        yield "ec2:VolumeType", kept.volume_type
        yield "ec2:VolumeIops", kept.iops
    elif ask.call.operation == "CreateVolume":
        yield "ec2:AvailabilityZone", ask.param("AvailabilityZone")
        yield "ec2:Encrypted", bool(ask.param("Encrypted"))
        yield "ec2:VolumeSize", ask.param("Size")
        yield "ec2:VolumeType", ask.param("VolumeType") or "gp2"
        yield "ec2:VolumeIops", ask.param("Iops")
        yield "ec2:VolumeThroughput", ask.param("Throughput")


def _snapshot(ask: Ask, name: str) -> Iterable[tuple[str, ContextValue | None]]:
    kept: Any = backend(ask).snapshots.get(name)
    if kept is not None:
        yield "ec2:Owner", str(kept.owner_id)
        yield "ec2:Encrypted", bool(kept.encrypted)
        yield "ec2:VolumeSize", int(kept.volume.size)
        yield "ec2:ParentVolume", ask.arn("ec2", f"volume/{kept.volume.id}")


def _in_vpc(table: str) -> Any:
    def read(ask: Ask, name: str) -> Iterable[tuple[str, ContextValue | None]]:
        for items in getattr(backend(ask), table).values():
            if name in items:
                yield "ec2:Vpc", ask.arn("ec2", f"vpc/{items[name].vpc_id}")
                yield "ec2:AvailabilityZone", getattr(items[name], "availability_zone", None)
        if name == "*" and ask.param("VpcId"):
            yield "ec2:Vpc", ask.arn("ec2", f"vpc/{ask.param('VpcId')}")

    return read


def _of_vpc(table: str) -> Any:
    def read(ask: Ask, name: str) -> Iterable[tuple[str, ContextValue | None]]:
        kept = getattr(backend(ask), table).get(name)
        vpc = getattr(kept, "vpc_id", None) or (ask.param("VpcId") if name == "*" else None)
        if vpc:
            yield "ec2:Vpc", ask.arn("ec2", f"vpc/{vpc}")

    return read


def _interface(ask: Ask, name: str) -> Iterable[tuple[str, ContextValue | None]]:
    kept: Any = backend(ask).enis.get(name)
    subnet = kept.subnet.id if kept is not None else ask.param("SubnetId")
    if subnet:
        yield "ec2:Subnet", ask.arn("ec2", f"subnet/{subnet}")
    if kept is not None:
        yield "ec2:Vpc", ask.arn("ec2", f"vpc/{kept.subnet.vpc_id}")
        yield "ec2:AvailabilityZone", kept.subnet.availability_zone
    for item in ask.param("NetworkInterfaces") or ():
        if "AssociatePublicIpAddress" in item:
            yield "ec2:AssociatePublicIpAddress", bool(item["AssociatePublicIpAddress"])


def _peering(ask: Ask, name: str) -> Iterable[tuple[str, ContextValue | None]]:
    kept: Any = backend(ask).vpc_pcxs.get(name)
    if kept is not None:
        for key, vpc in (("ec2:RequesterVpc", kept.vpc), ("ec2:AccepterVpc", kept.peer_vpc)):
            yield key, ask.arn("ec2", f"vpc/{vpc.id}", account=vpc.owner_id)
    elif ask.call.operation == "CreateVpcPeeringConnection":
        owner, region = ask.param("PeerOwnerId"), ask.param("PeerRegion")
        yield "ec2:RequesterVpc", ask.arn("ec2", f"vpc/{ask.param('VpcId')}")
        accepter = ask.param("PeerVpcId")
        yield "ec2:AccepterVpc", ask.arn("ec2", f"vpc/{accepter}", account=owner, region=region)


_READERS = {
    "image": _image,
    "instance": _instance,
    "network-acl": _of_vpc("network_acls"),
    "network-interface": _interface,
    "route-table": _of_vpc("route_tables"),
    "security-group": _in_vpc("groups"),
    "snapshot": _snapshot,
    "subnet": _in_vpc("subnets"),
    "volume": _volume,
    "vpc-peering-connection": _peering,
}
_OWN_ID = {
    "dhcp-options": "ec2:DhcpOptionsID",
    "elastic-ip": "ec2:AllocationId",
    "image": "ec2:ImageID",
    "instance": "ec2:InstanceID",
    "internet-gateway": "ec2:InternetGatewayID",
    "key-pair": "ec2:KeyPairName",
    "network-acl": "ec2:NetworkAclID",
    "network-interface": "ec2:NetworkInterfaceID",
    "placement-group": "ec2:PlacementGroupName",
    "route-table": "ec2:RouteTableID",
    "security-group": "ec2:SecurityGroupID",
    "snapshot": "ec2:SnapshotID",
    "subnet": "ec2:SubnetID",
    "transit-gateway": "ec2:transitGatewayId",
    "transit-gateway-attachment": "ec2:transitGatewayAttachmentId",
    "transit-gateway-route-table": "ec2:transitGatewayRouteTableId",
    "volume": "ec2:VolumeID",
    "vpc": "ec2:VpcID",
    "vpc-peering-connection": "ec2:VpcPeeringConnectionID",
}
