"""EC2: instances and what they are made of.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2"; EC2 User
Guide, "Example policies to control access the Amazon EC2 API" (RunInstances asks for every resource).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.checks import Check
from rolecall.enforcement.resources.ec2_context import ec2_context, ec2_tags
from rolecall.enforcement.resources.ec2_ids import kind_of_id, kind_of_parameter, named_ids
from rolecall.enforcement.resources.ec2_launch import read_launch
from rolecall.enforcement.resources.ec2_lookups import backend, looked_up, profile_arn, template_data
from rolecall.enforcement.resources.passing import pass_role, pass_role_of_profile
from rolecall.enforcement.resources.rules import Ask, ServiceRules, listed
from rolecall.enforcement.tagging import request_tags, tags_in_request
from rolecall.iam.catalog import load_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rolecall.iam.catalog import ResourceType
    from rolecall.iam.requests import ContextValue

__all__ = ["RULES"]

_MAKING = (
    "Allocate",
    "Associate",
    "Copy",
    "Create",
    "Export",
    "Import",
    "Purchase",
    "Register",
    "Request",
    "Start",
)
_NAMES_AND_MAKES = {
    # The source and what comes of it are both asked for: EBS User Guide, "Copy a snapshot"; EC2 User Guide,
    # "Grant permissions to copy Amazon EC2 AMIs" (both since October 2024 and January 2025).
    "CopyImage": "image",
    "CopySnapshot": "snapshot",
    "CopyVolumes": "volume",
    "CreateImage": "snapshot",
}


def _arn(ask: Ask, kind: str, name: str) -> str:
    found = load_catalog().resource_type("ec2", kind)
    if found is None:
        return ask.arn("ec2", f"{kind}/{name}")
    return _of_type(ask, found, name)


def _of_type(ask: Ask, kind: ResourceType, name: str) -> str:
    # Images and snapshots name no account, IPAM's resources no region: the format tells.
    fields = kind.arn_formats[0].split(":", 5)
    head = fields[5].rpartition("/")[0]
    region = ask.call.region if fields[3] else ""
    account = ask.caller.account if fields[4] else ""
    return f"arn:{ask.call.partition}:{fields[2]}:{region}:{account}:{head}/{name}"


def _by_id(ask: Ask, identifier: str) -> str | None:
    kind = kind_of_id(identifier)
    if kind == "key-pair":
        names = [pair.key_name for pair in backend(ask).key_pairs.values() if pair.id == identifier]
        return _arn(ask, kind, names[0]) if names else None
    return _arn(ask, kind, identifier) if kind is not None else None


def _resolve(ask: Ask, kind: ResourceType) -> Sequence[str] | None:
    """The resources of a type in a call: ids anywhere in its parameters, then what is named otherwise."""
    if ask.call.operation in ("CreateKeyPair", "ImportKeyPair"):
        return (_of_type(ask, kind, ask.param("KeyName")),)
    name, operation = kind.name, ask.call.operation
    asked = frozenset((name,))
    found: list[str] = []
    arns: list[str] = []
    for parameter, text in named_ids(ask.call.params):
        if text.startswith("arn:"):
            if _is_of(text, kind):
                arns.append(text)
            continue
        told = kind_of_id(text)
        if told is None:
            told = kind_of_parameter(operation, parameter, asked)
        if told == name and name not in _BY_NAME:
            found.append(text)
    found.extend(looked_up(ask, name))
    arns.extend(_of_type(ask, kind, item) for item in dict.fromkeys(found))
    if _NAMES_AND_MAKES.get(operation) == name:
        arns.append(_of_type(ask, kind, "*"))
    return arns or None


# Their ARNs end in a name, which stands in parameters of its own.
_BY_NAME = frozenset(("key-pair", "placement-group"))


def _is_of(arn: str, kind: ResourceType) -> bool:
    fields, formats = arn.split(":", 5), kind.arn_formats[0].split(":", 5)
    return len(fields) == 6 and fields[2] == formats[2] and fields[5].startswith(formats[5].partition("$")[0])


def _created(ask: Ask, kind: str) -> Sequence[str]:
    """The ARN of what a call creates, as it has no id yet; nothing where the call creates nothing."""
    if ask.call.operation.startswith(_MAKING) or ask.call.operation in ("RunInstances", "AllocateHosts"):
        return (_arn(ask, kind, "*"),)
    return ()


def _run_instances(ask: Ask) -> Iterator[Check]:
    launch = read_launch(ask)
    for item in launch.resources():
        arn = _arn(ask, item.kind, item.name)
        yield Check("ec2:RunInstances", arn, item.context, unknown_keys=item.unknown_keys)
    for kind in launch.tagged_kinds():
        yield Check("ec2:CreateTags", _arn(ask, kind, "*"), {"ec2:CreateAction": "RunInstances"})
    yield from _associate_profile(ask)


def _tags_on_create(ask: Ask) -> Iterator[Check]:
    """ec2:CreateTags for the tags that a creating call brings, on what it creates."""
    for specification in listed(ask.param("TagSpecifications")):
        kind = specification.get("ResourceType")
        if kind and specification.get("Tags"):
            yield Check("ec2:CreateTags", _arn(ask, kind, "*"), {"ec2:CreateAction": ask.call.operation})


def _tagging(ask: Ask) -> Iterator[Check]:
    for identifier in listed(ask.param("Resources")):
        arn = _by_id(ask, identifier)
        yield Check(f"ec2:{ask.call.operation}", arn or "*", derived=arn is not None)


def _associate_profile(ask: Ask) -> Iterator[Check]:
    """The roles of the instance profiles that instances get, also by launch templates."""
    launch = read_launch(ask)
    places = [launch.given("IamInstanceProfile")]
    places.append((ask.param("LaunchSpecification") or {}).get("IamInstanceProfile"))
    fleet = ask.param("SpotFleetRequestConfig") or {}
    for specification in listed(fleet.get("LaunchSpecifications")):
        places.append(specification.get("IamInstanceProfile"))
    for config in listed(ask.param("LaunchTemplateConfigs")) + listed(fleet.get("LaunchTemplateConfigs")):
        _, data = template_data(ask, config.get("LaunchTemplateSpecification"))
        places.append(data.get("IamInstanceProfile"))
    passed = (profile_arn(ask, place) for place in places if place)
    for arn in dict.fromkeys(passed):
        if arn is not None:
            yield from pass_role_of_profile(ask, arn, "ec2.amazonaws.com")


def _spot_fleet(ask: Ask) -> Iterator[Check]:
    fleet_role = (ask.param("SpotFleetRequestConfig") or {}).get("IamFleetRole")
    if fleet_role:
        yield pass_role(ask, fleet_role, "spotfleet.amazonaws.com")
    yield from _associate_profile(ask)


def _flow_logs(ask: Ask) -> Iterator[Check]:
    if ask.param("DeliverLogsPermissionArn"):
        yield pass_role(ask, ask.param("DeliverLogsPermissionArn"), "vpc-flow-logs.amazonaws.com")


def _brought(ask: Ask, arn: str) -> dict[str, ContextValue]:
    """The keys of the tags for one resource: a new one gets the tags of its type, others none."""
    if "TagSpecifications" not in ask.call.params and ask.call.operation != "RunInstances":
        return request_tags(ask.call)
    kind, _, name = arn.rpartition(":")[2].partition("/")
    if name != "*" and kind not in _BY_NAME:
        return {}
    return tags_in_request(read_launch(ask).tags(kind))


_LAUNCHING = frozenset(
    ("CreateFleet", "ModifyFleet", "RequestSpotFleet", "RequestSpotInstances", "RunScheduledInstances")
)
_OF_LAUNCHED = frozenset(
    f"ec2:{name}"
    for name in (
        "associatepublicipaddress", "instancemarkettype", "instancemetadatatags", "instanceprofile",
        "kmskeyid", "metadatahttpendpoint", "metadatahttpputresponsehoplimit", "metadatahttptokens",
        "parentsnapshot", "placementgroup", "volumeiops", "volumethroughput",
    )
)  # fmt: skip


def _unknown(ask: Ask, arn: str) -> frozenset[str]:
    """What is known of an instance that RunInstances makes, and not of those that other calls lead to."""
    return _OF_LAUNCHED if ask.call.operation in _LAUNCHING and arn.endswith("/*") else frozenset()


def _nothing(ask: Ask) -> Iterator[Check]:
    yield from ()


def _image_role(ask: Ask) -> Iterator[Check]:
    if ask.param("RoleName"):
        yield pass_role(ask, ask.param("RoleName"), "vmie.amazonaws.com")


RULES = ServiceRules(
    resolve=_resolve,
    operations={"RunInstances": _run_instances, "CreateTags": _tagging, "DeleteTags": _tagging},
    extra={
        # A certificate is bound to the role, nothing is handed to a service.
        "AssociateEnclaveCertificateIamRole": _nothing,
        "DisassociateEnclaveCertificateIamRole": _nothing,
        "AssociateIamInstanceProfile": _associate_profile,
        "CreateFleet": _associate_profile,
        "CreateFlowLogs": _flow_logs,
        "ExportImage": _image_role,
        "ImportImage": _image_role,
        "ImportSnapshot": _image_role,
        "ReplaceIamInstanceProfileAssociation": _associate_profile,
        "RequestSpotFleet": _spot_fleet,
        "RequestSpotInstances": _associate_profile,
    },
    on_create=_tags_on_create,
    created=_created,
    context=ec2_context,
    tags=ec2_tags,
    brought=_brought,
    unknown=_unknown,
)
