"""The condition keys of EC2 that follow from a resource and from what a call asks for.

Source: Service Authorization Reference, "Condition keys for Amazon EC2" and the keys that it gives to
each resource type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.resources.ec2_lookups import backend, profile_arn
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
    kind, _, name = arn.rpartition(":")[2].partition("/")
    if kind == "key-pair" and name in backend(ask).key_pairs:
        name = backend(ask).key_pairs[name].id  # moto keeps tags by id, the ARN ends in the name
    return dict(backend(ask).tags.get(name, {})) if name != "*" else {}


def _instance(ask: Ask, name: str) -> Iterable[tuple[str, ContextValue | None]]:
    if name == "*":
        # RunInstances says more of what it makes: see ec2_launch.
        size = ask.param("InstanceType")
        yield "ec2:InstanceType", size if isinstance(size, str) else None
        return
    held = backend(ask)
    kept: Any = held.get_instance_by_id(name)
    if kept is None:
        return
    yield "ec2:InstanceType", kept.instance_type
    association = held.iam_instance_profile_associations.get(name)
    if association is not None:
        yield "ec2:InstanceProfile", association.iam_instance_profile.arn
    if ask.call.operation in ("AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation"):
        yield "ec2:NewInstanceProfile", profile_arn(ask, ask.param("IamInstanceProfile"))
    yield "ec2:Tenancy", kept.placement.tenancy or "default"
    yield "ec2:AvailabilityZone", kept.placement.zone
    yield "ec2:EbsOptimized", bool(kept.ebs_optimized)
    yield "ec2:RootDeviceType", "instance-store" if kept.root_device_type == "instance-store" else "ebs"
    group = kept.placement.group_name
    yield "ec2:PlacementGroup", ask.arn("ec2", f"placement-group/{group}") if group else None
    metadata = kept.metadata_options
    yield "ec2:MetadataHttpTokens", metadata.http_tokens
    yield "ec2:MetadataHttpEndpoint", metadata.http_endpoint
    yield "ec2:MetadataHttpPutResponseHopLimit", metadata.http_put_response_hop_limit
    yield "ec2:InstanceMetadataTags", metadata.instance_metadata_tags


def _image(ask: Ask, name: str) -> Iterable[tuple[str, ContextValue | None]]:
    image = backend(ask).amis.get(name)
    if image is not None:
        # Amazon's and the marketplace's images are known by that name, not by the account.
        yield "ec2:Owner", str(image.owner_alias or image.owner_id)
        yield "ec2:Public", bool(image.is_public)
        yield "ec2:ImageType", image.image_type or "machine"
        yield "ec2:RootDeviceType", "instance-store" if image.root_device_type == "instance-store" else "ebs"


def _volume(ask: Ask, name: str) -> Iterable[tuple[str, ContextValue | None]]:
    kept: Any = backend(ask).volumes.get(name)
    if kept is not None:
        yield "ec2:AvailabilityZone", kept.zone.name
        yield "ec2:Encrypted", bool(kept.encrypted)
        yield "ec2:VolumeSize", int(kept.size)
        yield "ec2:VolumeType", kept.volume_type
        yield "ec2:VolumeIops", kept.iops
        yield "ec2:VolumeThroughput", kept.throughput
        yield "ec2:ParentSnapshot", _snapshot_arn(ask, kept.snapshot_id)
    elif ask.call.operation == "CreateVolume":
        source: Any = backend(ask).snapshots.get(ask.param("SnapshotId"))
        default = backend(ask).ebs_encryption_by_default
        encrypted = ask.param("Encrypted") or getattr(source, "encrypted", False) or default
        yield "ec2:AvailabilityZone", ask.param("AvailabilityZone")
        yield "ec2:Encrypted", bool(encrypted)
        yield "ec2:KmsKeyId", ask.param("KmsKeyId")
        yield "ec2:VolumeSize", ask.param("Size") or getattr(getattr(source, "volume", None), "size", None)
        yield "ec2:VolumeType", ask.param("VolumeType") or "gp2"
        yield "ec2:VolumeIops", ask.param("Iops")
        yield "ec2:VolumeThroughput", ask.param("Throughput")
        yield "ec2:ParentSnapshot", _snapshot_arn(ask, ask.param("SnapshotId"))


def _snapshot_arn(ask: Ask, name: str | None) -> str | None:
    return ask.arn("ec2", f"snapshot/{name}", account="") if name else None


def _snapshot(ask: Ask, name: str) -> Iterable[tuple[str, ContextValue | None]]:
    kept: Any = backend(ask).snapshots.get(name)
    if kept is not None:
        yield "ec2:Owner", str(kept.owner_id)
        yield "ec2:Encrypted", bool(kept.encrypted)
        yield "ec2:VolumeSize", int(kept.volume.size)
        yield "ec2:ParentVolume", ask.arn("ec2", f"volume/{kept.volume.id}")
    if ask.call.operation == "ModifySnapshotAttribute":
        yield from _sharing(ask)
    elif name == "*" and ask.call.operation == "CreateSnapshot":
        source: Any = backend(ask).volumes.get(ask.param("VolumeId"))
        yield "ec2:ParentVolume", ask.arn("ec2", f"volume/{ask.param('VolumeId')}")
        yield "ec2:VolumeSize", int(source.size) if source is not None else None


def _sharing(ask: Ask) -> Iterable[tuple[str, ContextValue | None]]:
    """Whom a snapshot is shared with, or no more: in either of the two ways to say it."""
    permission = ask.param("CreateVolumePermission") or {}
    operation = str(ask.param("OperationType") or "").capitalize()
    for word in ("Add", "Remove"):
        entries = [entry for entry in permission.get(word) or () if isinstance(entry, dict)]
        users = [entry["UserId"] for entry in entries if entry.get("UserId")]
        groups = [entry["Group"] for entry in entries if entry.get("Group")]
        if operation == word:
            users += ask.param("UserIds") or ()
            groups += ask.param("GroupNames") or ()
        yield f"ec2:{word}/userId", tuple(users) or None
        yield f"ec2:{word}/group", tuple(groups) or None


def _endpoint(ask: Ask, name: str) -> Iterable[tuple[str, ContextValue | None]]:
    service = ask.param("ServiceName") if name == "*" else None
    yield "ec2:VpceServiceName", service
    if service and service.startswith("com.amazonaws."):
        yield "ec2:VpceServiceOwner", "amazon"


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
    "vpc-endpoint": _endpoint,
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
