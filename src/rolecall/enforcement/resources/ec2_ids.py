"""EC2 ids: which resource type an id or a parameter speaks of, and every id that a call names.

Source: Service Authorization Reference, "Resource types defined by Amazon EC2"; EC2 User Guide, "Resource
IDs": an id starts with what it identifies.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["kind_of_id", "kind_of_parameter", "named_ids"]

# What an id starts with → the resource type in its ARN.
_PREFIXES = {
    "acl": "network-acl", "afi": "fpga-image", "ami": "image", "cagw": "carrier-gateway",
    "cgw": "customer-gateway", "cr": "capacity-reservation", "crf": "capacity-reservation-fleet",
    "cvpn-endpoint": "client-vpn-endpoint", "dopt": "dhcp-options", "eice": "instance-connect-endpoint",
    "eigw": "egress-only-internet-gateway", "eipalloc": "elastic-ip", "eni": "network-interface",
    "export-ami": "export-image-task", "export-i": "export-instance-task", "fl": "vpc-flow-log",
    "fleet": "fleet", "h": "dedicated-host", "hr": "host-reservation", "i": "instance",
    "iew": "instance-event-window", "igw": "internet-gateway", "import-ami": "import-image-task",
    "import-snap": "import-snapshot-task", "ipam": "ipam", "ipam-pool": "ipam-pool",
    "ipam-pool-alloc": "ipam-pool-allocation", "ipam-res-disco": "ipam-resource-discovery",
    "ipam-res-disco-assoc": "ipam-resource-discovery-association", "ipam-scope": "ipam-scope",
    "ipv4pool-coip": "coip-pool", "ipv4pool-ec2": "ipv4pool-ec2", "ipv6pool-ec2": "ipv6pool-ec2",
    "key": "key-pair", "lgw": "local-gateway", "lgw-rtb": "local-gateway-route-table",
    "lgw-vif": "local-gateway-virtual-interface", "lgw-vif-grp": "local-gateway-virtual-interface-group",
    "lgw-vif-grp-assoc": "local-gateway-route-table-virtual-interface-group-association",
    "lgw-vpc-assoc": "local-gateway-route-table-vpc-association", "lt": "launch-template",
    "nat": "natgateway", "nia": "network-insights-analysis", "nip": "network-insights-path",
    "nis": "network-insights-access-scope", "nisa": "network-insights-access-scope-analysis",
    "pcx": "vpc-peering-connection", "pg": "placement-group", "pl": "prefix-list",
    "r": "reserved-instances", "replacevol": "replace-root-volume-task", "rs": "route-server",
    "rse": "route-server-endpoint", "rsp": "route-server-peer", "rtb": "route-table",
    "scr": "subnet-cidr-reservation", "sfr": "spot-fleet-request", "sg": "security-group",
    "sgr": "security-group-rule", "sir": "spot-instances-request", "snap": "snapshot", "subnet": "subnet",
    "tgw": "transit-gateway", "tgw-attach": "transit-gateway-attachment",
    "tgw-connect-peer": "transit-gateway-connect-peer",
    "tgw-mcast-domain": "transit-gateway-multicast-domain",
    "tgw-ptb": "transit-gateway-policy-table", "tgw-rtb": "transit-gateway-route-table",
    "tmf": "traffic-mirror-filter", "tmfr": "traffic-mirror-filter-rule", "tms": "traffic-mirror-session",
    "tmt": "traffic-mirror-target", "vae": "verified-access-endpoint", "vagr": "verified-access-group",
    "vai": "verified-access-instance", "vatp": "verified-access-trust-provider", "vgw": "vpn-gateway",
    "vol": "volume", "vpc": "vpc", "vpcbpa-exclude": "vpc-block-public-access-exclusion",
    "vpce": "vpc-endpoint", "vpce-svc": "vpc-endpoint-service", "vpn": "vpn-connection",
}  # fmt: skip

# Other things have ids too, whose beginnings look like these: an association is no route table.
_ID = re.compile(r"([a-z][a-z0-9]*(?:-[a-z0-9]+)*?)-[0-9a-f]+")

# Parameters that are not called like the type that they name.
_PARAMETERS = {
    "accessscopeid": "network-insights-access-scope", "allocationid": "elastic-ip",
    "analysisid": "network-insights-analysis", "exclusionid": "vpc-block-public-access-exclusion",
    "exporttaskid": "export-image-task", "flowlogid": "vpc-flow-log", "group": "security-group",
    "groupid": "security-group", "hostid": "dedicated-host", "hostidset": "dedicated-host",
    "importtaskid": "import-image-task", "instance": "instance",
    "internetregistryassociationid": "ipam-internet-registry-association",
    "middleboxattachmentid": "transit-gateway-attachment", "natgatewayid": "natgateway",
    "networkaclid": "network-acl", "peeringattachmentid": "transit-gateway-attachment",
    "poolid": "ipv4pool-ec2", "ipv4ipampoolid": "ipam-pool", "ipv6ipampoolid": "ipam-pool",
    "quoteid": "capacity-reservation-cancellation-quote", "publicipv4pool": "ipv4pool-ec2",
    "ipv6pool": "ipv6pool-ec2", "customerownedipv4pool": "coip-pool",
    "reservedinstanceid": "reserved-instances", "reservedinstancesid": "reserved-instances",
    "routetableid": "route-table", "serviceid": "vpc-endpoint-service",
    "spotinstancerequestid": "spot-instances-request", "vpcsubnetid": "subnet",
    "gatewayloadbalancerendpointid": "vpc-endpoint",
}  # fmt: skip
_PARAMETERS_BY_OPERATION = {
    ("GetCoipPoolUsage", "poolid"): "coip-pool",
    ("GetAssociatedIpv6PoolCidrs", "poolid"): "ipv6pool-ec2",
    ("CreateTransitGatewayPolicyTableEntry", "targetroutetableid"): "transit-gateway-route-table",
    ("ModifyTransitGatewayPolicyTableEntry", "targetroutetableid"): "transit-gateway-route-table",
    ("CancelDeclarativePoliciesReport", "reportid"): "declarative-policies-report",
    ("GetDeclarativePoliciesReportSummary", "reportid"): "declarative-policies-report",
    ("DeleteImageUsageReport", "reportid"): "image-usage-report",
}
_KIN = ("source", "destination", "target", "current", "transport", "add", "remove", "associated")
"""Words in front of a parameter's name that leave the type as it is."""

# The other side of a peering, and groups that rules refer to, are no resources of the call.
_PASSED_OVER = frozenset(
    (
        "Filters", "IpPermissions", "PeerVpcId", "PeerTransitGatewayId", "TagSpecifications", "Tags",
        "UserData", "Description", "ReferencedGroupId", "SourceSecurityGroupName", "OrganizationTargetId",
        "AccountIds", "UserIds", "DryRun", "ClientToken", "NextToken",
    )
)  # fmt: skip


@lru_cache(maxsize=4096)
def kind_of_id(identifier: str) -> str | None:
    """The resource type of an id by how it starts; None where that tells nothing."""
    match = _ID.fullmatch(identifier)
    return _PREFIXES.get(match[1]) if match else None


@lru_cache(maxsize=4096)
def kind_of_parameter(operation: str, name: str, kinds: frozenset[str]) -> str | None:
    """Which of ``kinds`` a parameter is called after; None where it is none of them."""
    plain = name.lower()
    for singular in (plain, plain.removesuffix("s")):
        own = _PARAMETERS_BY_OPERATION.get((operation, singular))
        if own is not None:
            return own if own in kinds else None
    for base in _bases(plain):
        for singular in (base, base.removesuffix("s")):
            known = _PARAMETERS.get(singular)
            if known in kinds:
                return known
            stem = singular.removesuffix("id")
            for kind in kinds:
                if kind.replace("-", "") in (stem, singular):
                    return kind
    return None


def _bases(name: str) -> Iterator[str]:
    yield name
    for word in _KIN:
        if name.startswith(word):
            yield name.removeprefix(word)


def named_ids(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every (parameter, text) of a call that may be an id, from the inner structures too."""
    for name, value in params.items():
        if name not in _PASSED_OVER:
            yield from _within(name, value)


def _within(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if value:
            yield name, value
    elif isinstance(value, dict):
        yield from named_ids(value)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _within(name, item)
