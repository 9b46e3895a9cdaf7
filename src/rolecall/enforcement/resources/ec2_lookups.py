"""What an EC2 call names in a roundabout way, looked up in moto: associations, addresses, names, attachments.

Source: EC2 API Reference; each operation's parameters tell what it can be named by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.moto_state import backend_of
from rolecall.enforcement.resources.rules import Ask, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "backend",
    "default_subnet",
    "group_id",
    "looked_up",
    "profile_arn",
    "subnet_of",
    "template_data",
]


def backend(ask: Ask) -> Any:
    """moto's EC2 in the caller's account and the call's region."""
    return backend_of("ec2", ask.caller.account, ask.call.region)


def looked_up(ask: Ask, kind: str) -> list[str]:
    """The ids of a resource type that a call concerns without naming them; empty where moto has none."""
    finder = _FINDERS.get(kind)
    return list(dict.fromkeys(finder(ask))) if finder is not None else []


def group_id(ask: Ask, name: str, vpc: str | None = None) -> str | None:
    """The id of a security group by its name, in that VPC (else the default one) before the others."""
    kept = backend(ask)
    first = vpc or getattr(getattr(kept, "default_vpc", None), "id", None)
    places = sorted(kept.groups, key=lambda place: place != first)
    for place in places:
        for group in kept.groups[place].values():
            if group.name == name:
                return str(group.id)
    return None


def subnet_of(ask: Ask, identifier: str) -> Any:
    """moto's subnet of an id; None when there is none."""
    for subnets in backend(ask).subnets.values():
        if identifier in subnets:
            return subnets[identifier]
    return None


def default_subnet(ask: Ask, zone: str | None) -> str | None:
    """The id of the default subnet of an availability zone (None: of any)."""
    for subnets in backend(ask).subnets.values():
        for subnet in subnets.values():
            if subnet.default_for_az and zone in (None, subnet.availability_zone):
                return str(subnet.id)
    return None


def profile_arn(ask: Ask, named: Any) -> str | None:
    """The ARN of the instance profile that a parameter names by ARN or by name."""
    if not isinstance(named, dict):
        return None
    name = named.get("Name")
    if named.get("Arn") or not name:
        return named.get("Arn")
    for profile in ask.environment.iam(ask.caller.account).instance_profiles.values():
        if profile.name == name:
            return str(profile.arn)
    return ask.arn("iam", f"instance-profile/{name}", region="")


def template_data(ask: Ask, named: Any) -> tuple[str | None, dict[str, Any]]:
    """The id of a launch template and the data of the version that a call names."""
    if not isinstance(named, dict):
        return None, {}
    kept = backend(ask)
    identifier = named.get("LaunchTemplateId") or kept.launch_template_name_to_ids.get(
        named.get("LaunchTemplateName", "")
    )
    template = kept.launch_templates.get(identifier)
    if template is None:
        return identifier, {}
    wanted = str(named.get("Version") or "$Default").lower()
    number = template.default_version_number if wanted == "$default" else len(template.versions)
    if wanted.isdigit():
        number = int(wanted)
    known = 0 < number <= len(template.versions)
    return identifier, dict(template.versions[number - 1].data) if known else {}


def _groups(ask: Ask) -> Iterator[str]:
    if ask.call.operation == "CreateSecurityGroup":
        return
    for name in listed(ask.param("GroupName")):
        found = group_id(ask, name)
        if found is not None:
            yield found
    rules = set(listed(ask.param("SecurityGroupRuleIds")))
    if rules:
        for groups in backend(ask).groups.values():
            for group in groups.values():
                if any(rule.id in rules for rule in (*group.ingress_rules, *group.egress_rules)):
                    yield group.id


def _templates(ask: Ask) -> Iterator[str]:
    names = [ask.param("LaunchTemplateName")]
    for key in ("LaunchTemplateConfigs", "SpotFleetRequestConfig"):
        for config in listed(ask.param(key)):
            for inner in (config, *listed(config.get("LaunchTemplateConfigs"))):
                names.append((inner.get("LaunchTemplateSpecification") or {}).get("LaunchTemplateName"))
    names.append((ask.param("LaunchTemplate") or {}).get("LaunchTemplateName"))
    known = backend(ask).launch_template_name_to_ids
    if ask.call.operation != "CreateLaunchTemplate":
        yield from (known[name] for name in names if name in known)


def _keys(ask: Ask) -> Iterator[str]:
    yield from _key_names(ask.call.params)
    wanted = ask.param("KeyPairId")
    for pair in backend(ask).key_pairs.values():
        if wanted == pair.id:
            yield pair.key_name


def _key_names(params: Any) -> Iterator[str]:
    if isinstance(params, dict):
        if isinstance(params.get("KeyName"), str):
            yield params["KeyName"]
        for value in params.values():
            yield from _key_names(value)
    elif isinstance(params, list):
        for item in params:
            yield from _key_names(item)


def _placements(ask: Ask) -> Iterator[str]:
    # moto keeps no placement groups, so that an id finds no name.
    if ask.call.operation.endswith("PlacementGroup") or ask.call.operation == "ModifyInstancePlacement":
        yield from listed(ask.param("GroupName"))
    configs = [ask.param("LaunchSpecification"), *listed(ask.param("LaunchSpecifications"))]
    for config in listed(ask.param("SpotFleetRequestConfig")):
        configs.extend(listed(config.get("LaunchSpecifications")))
    for config in listed(ask.param("LaunchTemplateConfigs")):
        configs.extend(listed(config.get("Overrides")))
    for config in configs:
        name = ((config or {}).get("Placement") or {}).get("GroupName")
        if name:
            yield name


def _addresses(ask: Ask) -> Iterator[str]:
    wanted = {ask.param(name) for name in ("PublicIp", "Address", "AssociationId")} - {None}
    wanted.update(listed(ask.param("AssociationIds")))
    for address in backend(ask).addresses:
        if wanted & {address.public_ip, address.association_id}:
            yield address.allocation_id


def _interfaces(ask: Ask) -> Iterator[str]:
    attachment, address = ask.param("AttachmentId"), ask.param("AssociationId", "PublicIp")
    for interface in backend(ask).enis.values():
        if attachment and getattr(interface, "attachment_id", None) == attachment:
            yield interface.id
    if address and ask.call.operation == "DisassociateAddress":
        for found in backend(ask).addresses:
            if address in (found.association_id, found.public_ip) and found.eni is not None:
                yield found.eni.id


def _instances(ask: Ask) -> Iterator[str]:
    attachment, association = ask.param("AttachmentId"), ask.param("AssociationId")
    kept = backend(ask)
    for interface in kept.enis.values():
        if attachment and getattr(interface, "attachment_id", None) == attachment:
            instance = getattr(interface, "instance", None)
            if instance is not None:
                yield instance.id
    for found in kept.iam_instance_profile_associations.values():
        if association and found.association_id == association:
            yield found.instance.id


def _volumes(ask: Ask) -> Iterator[str]:
    # CreateSnapshots takes every volume of an instance.
    identifier = (ask.param("InstanceSpecification") or {}).get("InstanceId")
    if identifier:
        for volume in backend(ask).volumes.values():
            if volume.attachment is not None and volume.attachment.instance.id == identifier:
                yield volume.id


def _route_tables(ask: Ask) -> Iterator[str]:
    association = ask.param("AssociationId")
    for table in backend(ask).route_tables.values():
        if association and association in (table.main_association_id, *table._associations):
            yield table.id


def _subnets(ask: Ask) -> Iterator[str]:
    association = ask.param("AssociationId")
    if not association:
        return
    kept = backend(ask)
    for table in kept.route_tables.values():
        target = table._associations.get(association, "")
        if target.startswith("subnet-"):
            yield target
    for acl in kept.network_acls.values():
        if association in acl._associations:
            yield acl._associations[association].subnet_id
    for subnets in kept.subnets.values():
        for subnet in subnets.values():
            if association in getattr(subnet, "ipv6_cidr_block_associations", {}):
                yield subnet.id


def _vpcs(ask: Ask) -> Iterator[str]:
    kept, association = backend(ask), ask.param("AssociationId")
    if ask.call.operation == "AcceptVpcPeeringConnection":
        peering = kept.vpc_pcxs.get(ask.param("VpcPeeringConnectionId"))
        if peering is not None:
            yield peering.peer_vpc.id
    unsaid = ask.call.operation == "CreateSecurityGroup" and not ask.param("VpcId")
    if unsaid and getattr(kept, "default_vpc", None) is not None:
        yield kept.default_vpc.id
    for vpc in kept.vpcs.values():
        if association and association in getattr(vpc, "cidr_block_association_set", {}):
            yield vpc.id


_FINDERS = {
    "elastic-ip": _addresses,
    "instance": _instances,
    "key-pair": _keys,
    "launch-template": _templates,
    "network-interface": _interfaces,
    "placement-group": _placements,
    "route-table": _route_tables,
    "security-group": _groups,
    "subnet": _subnets,
    "volume": _volumes,
    "vpc": _vpcs,
}
