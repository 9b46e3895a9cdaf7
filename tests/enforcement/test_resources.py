"""Resources of calls: which requests of EC2 name what, and that the key table is AWS's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from rolecall.enforcement.actions import checks_for
from rolecall.enforcement.calls import ApiCall, Caller, HttpRequest
from rolecall.enforcement.environment import Environment
from rolecall.enforcement.resources import RULED_SERVICES
from rolecall.enforcement.unknown_keys import absent_keys, carried_keys, keys_of_making
from rolecall.iam.catalog import load_catalog
from rolecall.iam.principals import read_principal
from tests.enforcement.conftest import HOME, World, allow, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "us-east-1"
# What a call says → what the Service Authorization Reference has it checked on, spot-checked by hand.
EC2_CALLS: list[tuple[str, dict[str, Any], set[str]]] = [
    (
        "AcceptTransitGatewayVpcAttachment",
        {"TransitGatewayAttachmentId": "tgw-attach-1"},
        {"transit-gateway-attachment/tgw-attach-1"},
    ),
    (
        "AcceptVpcEndpointConnections",
        {"ServiceId": "vpce-svc-1", "VpcEndpointIds": ["vpce-1"]},
        {"vpc-endpoint-service/vpce-svc-1"},
    ),
    ("AllocateAddress", {"Domain": "vpc"}, {"elastic-ip/*"}),
    (
        "AssociateAddress",
        {"AllocationId": "eipalloc-1", "InstanceId": "i-1"},
        {"elastic-ip/eipalloc-1", "instance/i-1"},
    ),
    (
        "AssociateDhcpOptions",
        {"DhcpOptionsId": "dopt-1", "VpcId": "vpc-1"},
        {"dhcp-options/dopt-1", "vpc/vpc-1"},
    ),
    (
        "AssociateRouteTable",
        {"RouteTableId": "rtb-1", "SubnetId": "subnet-1"},
        {"route-table/rtb-1", "subnet/subnet-1"},
    ),
    (
        "AssociateRouteTable",
        {"RouteTableId": "rtb-1", "GatewayId": "igw-1"},
        {"route-table/rtb-1", "internet-gateway/igw-1"},
    ),
    (
        "AssociateRouteTable",
        {"RouteTableId": "rtb-1", "GatewayId": "vgw-1"},
        {"route-table/rtb-1", "vpn-gateway/vgw-1"},
    ),
    (
        "AttachClassicLinkVpc",
        {"InstanceId": "i-1", "VpcId": "vpc-1", "Groups": ["sg-1", "sg-2"]},
        {"instance/i-1", "vpc/vpc-1", "security-group/sg-1", "security-group/sg-2"},
    ),
    (
        "AttachNetworkInterface",
        {"NetworkInterfaceId": "eni-1", "InstanceId": "i-1", "DeviceIndex": 1},
        {"network-interface/eni-1", "instance/i-1"},
    ),
    (
        "AttachVolume",
        {"VolumeId": "vol-1", "InstanceId": "i-1", "Device": "/dev/sdh"},
        {"volume/vol-1", "instance/i-1"},
    ),
    ("AttachVpnGateway", {"VpcId": "vpc-1", "VpnGatewayId": "vgw-1"}, {"vpc/vpc-1", "vpn-gateway/vgw-1"}),
    (
        "AuthorizeSecurityGroupIngress",
        {"GroupId": "sg-1", "IpPermissions": [{"UserIdGroupPairs": [{"GroupId": "sg-2"}]}]},
        {"security-group/sg-1"},
    ),
    (
        "CancelSpotInstanceRequests",
        {"SpotInstanceRequestIds": ["sir-1", "sir-2"]},
        {"spot-instances-request/sir-1", "spot-instances-request/sir-2"},
    ),
    (
        "CopyImage",
        {"SourceImageId": "ami-1", "SourceRegion": REGION, "Name": "n"},
        {"image/ami-1", "image/*", "snapshot/*"},
    ),
    ("CreateCarrierGateway", {"VpcId": "vpc-1"}, {"carrier-gateway/*", "vpc/vpc-1"}),
    (
        "CreateFlowLogs",
        {"ResourceIds": ["vpc-1", "eni-1"], "ResourceType": "VPC"},
        {"vpc-flow-log/*", "vpc/vpc-1", "network-interface/eni-1"},
    ),
    ("CreateImage", {"InstanceId": "i-1", "Name": "n"}, {"image/*", "instance/i-1", "snapshot/*"}),
    ("CreateKeyPair", {"KeyName": "mine"}, {"key-pair/mine"}),
    (
        "CreateNatGateway",
        {"SubnetId": "subnet-1", "AllocationId": "eipalloc-1"},
        {"natgateway/*", "subnet/subnet-1", "elastic-ip/eipalloc-1"},
    ),
    (
        "CreateNetworkInterface",
        {"SubnetId": "subnet-1", "Groups": ["sg-1"]},
        {"network-interface/*", "subnet/subnet-1", "security-group/sg-1"},
    ),
    (
        "CreateRoute",
        {"RouteTableId": "rtb-1", "GatewayId": "igw-1", "DestinationCidrBlock": "0.0.0.0/0"},
        {"route-table/rtb-1"},
    ),
    (
        "CreateSecurityGroup",
        {"GroupName": "g", "Description": "d", "VpcId": "vpc-1"},
        {"security-group/*", "vpc/vpc-1"},
    ),
    ("CreateSnapshot", {"VolumeId": "vol-1"}, {"snapshot/*", "volume/vol-1"}),
    ("CreateSubnet", {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"}, {"subnet/*", "vpc/vpc-1"}),
    (
        "CreateTransitGatewayVpcAttachment",
        {"TransitGatewayId": "tgw-1", "VpcId": "vpc-1", "SubnetIds": ["subnet-1"]},
        {"transit-gateway-attachment/*", "transit-gateway/tgw-1", "vpc/vpc-1", "subnet/subnet-1"},
    ),
    (
        "CreateVolume",
        {"SnapshotId": "snap-1", "AvailabilityZone": "us-east-1a"},
        {"volume/*", "snapshot/snap-1"},
    ),
    (
        "CreateVpcEndpoint",
        {"VpcId": "vpc-1", "ServiceName": "s", "RouteTableIds": ["rtb-1"], "SubnetIds": ["subnet-1"]},
        {"vpc-endpoint/*", "vpc/vpc-1", "route-table/rtb-1", "subnet/subnet-1"},
    ),
    (
        "CreateVpcPeeringConnection",
        {"VpcId": "vpc-1", "PeerVpcId": "vpc-2"},
        {"vpc/vpc-1", "vpc-peering-connection/*"},
    ),
    ("DeleteFlowLogs", {"FlowLogIds": ["fl-1"]}, {"vpc-flow-log/fl-1"}),
    ("DeleteKeyPair", {"KeyName": "mine"}, {"key-pair/mine"}),
    ("DeletePlacementGroup", {"GroupName": "p"}, {"placement-group/p"}),
    (
        "DeleteVpcEndpointServiceConfigurations",
        {"ServiceIds": ["vpce-svc-1"]},
        {"vpc-endpoint-service/vpce-svc-1"},
    ),
    ("DeleteVpcEndpoints", {"VpcEndpointIds": ["vpce-1"]}, {"vpc-endpoint/vpce-1"}),
    ("DetachVolume", {"VolumeId": "vol-1", "InstanceId": "i-1"}, {"volume/vol-1", "instance/i-1"}),
    (
        "EnableVgwRoutePropagation",
        {"GatewayId": "vgw-1", "RouteTableId": "rtb-1"},
        {"vpn-gateway/vgw-1", "route-table/rtb-1"},
    ),
    ("ModifyHosts", {"HostIds": ["h-1"]}, {"dedicated-host/h-1"}),
    ("ModifyIpam", {"IpamId": "ipam-1"}, {"ipam/ipam-1"}),
    (
        "ModifyNetworkInterfaceAttribute",
        {"NetworkInterfaceId": "eni-1", "Groups": ["sg-1"]},
        {"network-interface/eni-1", "security-group/sg-1"},
    ),
    (
        "ModifyVpcEndpoint",
        {"VpcEndpointId": "vpce-1", "AddSubnetIds": ["subnet-1"], "RemoveSecurityGroupIds": ["sg-1"]},
        {"vpc-endpoint/vpce-1", "subnet/subnet-1", "security-group/sg-1"},
    ),
    ("RebootInstances", {"InstanceIds": ["i-1", "i-2"]}, {"instance/i-1", "instance/i-2"}),
    (
        "RegisterImage",
        {"Name": "n", "BlockDeviceMappings": [{"Ebs": {"SnapshotId": "snap-1"}}]},
        {"image/*", "snapshot/snap-1"},
    ),
    ("ReleaseAddress", {"AllocationId": "eipalloc-1"}, {"elastic-ip/eipalloc-1"}),
    ("ReportInstanceStatus", {"Instances": ["i-1"], "Status": "ok"}, {"instance/i-1"}),
    (
        "RequestSpotInstances",
        {"LaunchSpecification": {"ImageId": "ami-1", "KeyName": "mine", "SubnetId": "subnet-1"}},
        {"spot-instances-request/*", "image/ami-1", "key-pair/mine", "subnet/subnet-1"},
    ),
    (
        "SearchTransitGatewayRoutes",
        {"TransitGatewayRouteTableId": "tgw-rtb-1"},
        {"transit-gateway-route-table/tgw-rtb-1"},
    ),
    (
        "TerminateClientVpnConnections",
        {"ClientVpnEndpointId": "cvpn-endpoint-1"},
        {"client-vpn-endpoint/cvpn-endpoint-1"},
    ),
]


@pytest.fixture(scope="module")
def environment() -> Iterator[Environment]:
    with mock_aws():
        yield Environment(HOME)


@pytest.mark.parametrize(("operation", "params", "expected"), EC2_CALLS)
def test_ec2_call_is_checked_on_what_the_reference_names(
    environment: Environment, operation: str, params: dict[str, Any], expected: set[str]
) -> None:
    call = ApiCall("ec2", operation, params, REGION, "aws", HttpRequest("POST", "localhost", "/", "", {}))
    caller = Caller(read_principal(f"arn:aws:iam::{HOME}:user/a"), HOME)
    checks = checks_for(call, caller, environment)
    assert {check.resource.rpartition(":")[2] for check in checks} == expected
    assert all(check.derived for check in checks)


def test_an_image_names_no_account_and_ipam_no_region(environment: Environment) -> None:
    caller = Caller(read_principal(f"arn:aws:iam::{HOME}:user/a"), HOME)
    http = HttpRequest("POST", "localhost", "/", "", {})
    for operation, params, arn in (
        ("DeregisterImage", {"ImageId": "ami-1"}, "arn:aws:ec2:us-east-1::image/ami-1"),
        ("DeleteIpam", {"IpamId": "ipam-1"}, f"arn:aws:ec2::{HOME}:ipam/ipam-1"),
    ):
        call = ApiCall("ec2", operation, params, REGION, "aws", http)
        assert [check.resource for check in checks_for(call, caller, environment)] == [arn]


def test_the_key_table_names_keys_that_aws_has() -> None:
    catalog = load_catalog()
    for prefix in RULED_SERVICES:
        known = {key.name.lower() for key in catalog.condition_keys(prefix)}
        assert carried_keys(prefix) | keys_of_making(prefix) <= known
        assert set(absent_keys(prefix)) <= known
        assert not carried_keys(prefix) & set(absent_keys(prefix))


def test_a_required_type_that_is_not_told_leaves_the_call_underived(environment: Environment) -> None:
    params = {"NatGatewayId": "nat-1", "AssociationIds": ["eipassoc-1"]}
    http = HttpRequest("POST", "localhost", "/", "", {})
    call = ApiCall("ec2", "DisassociateNatGatewayAddress", params, REGION, "aws", http)
    caller = Caller(read_principal(f"arn:aws:iam::{HOME}:user/a"), HOME)
    found = {
        (check.resource.rpartition(":")[2], check.derived) for check in checks_for(call, caller, environment)
    }
    assert found == {("natgateway/nat-1", True), ("*", False)}


def test_a_denial_that_no_unknown_key_could_turn_is_plain(world: World) -> None:
    unknown = {"StringEquals": {"ec2:ManagedResourceOperator": "eks.amazonaws.com"}}
    volume = world.root.client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    alone = {"Effect": "Deny", "Action": "ec2:DeleteVolume", "Resource": "*", "Condition": unknown}
    refused = refusal(world.user("nothing", alone).client("ec2").delete_volume, VolumeId=volume)
    assert "not derived" not in refused.message
    other = {"Effect": "Deny", "Action": "ec2:DeleteVolume", "Resource": "*"}
    session = world.user("twice", alone, other, allow("ec2:DeleteVolume"))
    refused = refusal(session.client("ec2").delete_volume, VolumeId=volume)
    assert "explicit deny" in refused.message
    assert "not derived" not in refused.message
    both = world.user("both", alone, allow("ec2:DeleteVolume")).client("ec2")
    assert "condition key not derived" in refusal(both.delete_volume, VolumeId=volume).message
