"""IAM: users, roles, groups, policies and their paths.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access
Management"; IAM User Guide, "IAM and AWS STS condition context keys" (reference_policies_iam-condition-keys).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.checks import Check
from rolecall.enforcement.resources.passing import pass_role
from rolecall.enforcement.resources.rules import Ask, ServiceRules, listed
from rolecall.iam.principals import PrincipalType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rolecall.iam.requests import ContextValue

__all__ = ["RULES"]


def _entity_arn(ask: Ask, kind: str, name: str, table: Any) -> str:
    found = table.get(name)
    path = found.path if found is not None else ask.param("Path", "NewPath") or "/"
    return ask.arn("iam", f"{kind}{path}{name}", region="")


def _user(ask: Ask) -> Sequence[str] | None:
    users = ask.environment.iam(ask.caller.account).users
    name = ask.param("UserName")
    if name is None and ask.param("Arn"):
        return _named_by_arn(ask, "user")
    if name is None and ask.call.operation == "GetAccessKeyLastUsed":
        key = ask.param("AccessKeyId")
        owners = (user for user in users.values() if any(k.access_key_id == key for k in user.access_keys))
        return [_entity_arn(ask, "user", owner.name, users) for owner in owners] or None
    if name is None:
        # Without a name the call is about the caller.
        if ask.caller.principal.type is PrincipalType.USER:
            return (ask.caller.principal.arn,)
        return (ask.arn("iam", "user/*", region=""),)
    arns = [_entity_arn(ask, "user", name, users)]
    if ask.call.operation == "UpdateUser" and (ask.param("NewUserName") or ask.param("NewPath")):
        # "You must have permissions for both the source and the target" (User Guide, id_users_rename).
        path = ask.param("NewPath") or (users[name].path if name in users else "/")
        arns.append(ask.arn("iam", f"user{path}{ask.param('NewUserName') or name}", region=""))
    return arns


def _role(ask: Ask) -> Sequence[str] | None:
    name = ask.param("RoleName")
    if ask.call.operation == "CreateServiceLinkedRole":
        service = ask.param("AWSServiceName") or ""
        return (ask.arn("iam", f"role/aws-service-role/{service}/*", region=""),)
    if ask.call.operation == "GetServiceLinkedRoleDeletionStatus":
        # task/aws-service-role/<service>/<role>/<uuid>
        path = (ask.param("DeletionTaskId") or "").removeprefix("task/").rpartition("/")[0]
        return (ask.arn("iam", f"role/{path}", region=""),) if path else None
    if name is None:
        return _named_by_arn(ask, "role")
    for role in ask.environment.iam(ask.caller.account).roles.values():
        if role.name == name:
            return (ask.arn("iam", f"role{role.path}{name}", region=""),)
    return (ask.arn("iam", f"role{ask.param('Path') or '/'}{name}", region=""),)


def _group(ask: Ask) -> Sequence[str] | None:
    name = ask.param("GroupName")
    if name is None:
        return _named_by_arn(ask, "group")
    groups = ask.environment.iam(ask.caller.account).groups
    arns = [_entity_arn(ask, "group", name, groups)]
    if ask.call.operation == "UpdateGroup" and (ask.param("NewGroupName") or ask.param("NewPath")):
        path = ask.param("NewPath") or (groups[name].path if name in groups else "/")
        arns.append(ask.arn("iam", f"group{path}{ask.param('NewGroupName') or name}", region=""))
    return arns


def _named_by_arn(ask: Ask, kind: str) -> Sequence[str] | None:
    arn = ask.param("Arn")
    return (arn,) if isinstance(arn, str) and f":{kind}/" in arn else None


def _policy(ask: Ask) -> Sequence[str] | None:
    arn = ask.param("PolicyArn") or (_named_by_arn(ask, "policy") or (None,))[0]
    if arn is not None:
        return (arn,)
    name = ask.param("PolicyName")
    return (ask.arn("iam", f"policy{ask.param('Path') or '/'}{name}", region=""),) if name else None


def _instance_profile(ask: Ask) -> Sequence[str] | None:
    name = ask.param("InstanceProfileName")
    if name is None:
        return None
    profiles = {
        item.name: item for item in ask.environment.iam(ask.caller.account).instance_profiles.values()
    }
    return (_entity_arn(ask, "instance-profile", name, profiles),)


def _mfa(ask: Ask) -> Sequence[str] | None:
    serial = ask.param("SerialNumber")
    if serial is not None:
        return (serial,) if serial.startswith("arn:") else (ask.arn("iam", f"mfa/{serial}", region=""),)
    name = ask.param("VirtualMFADeviceName")
    return (ask.arn("iam", f"mfa{ask.param('Path') or '/'}{name}", region=""),) if name else None


def _oidc(ask: Ask) -> Sequence[str] | None:
    arn = ask.param("OpenIDConnectProviderArn")
    if arn is not None:
        return (arn,)
    url = ask.param("Url")
    host = url.partition("://")[2].rstrip("/") if url else None
    return (ask.arn("iam", f"oidc-provider/{host}", region=""),) if host else None


def _saml(ask: Ask) -> Sequence[str] | None:
    arn = ask.param("SAMLProviderArn")
    if arn is not None:
        return (arn,)
    name = ask.param("Name")
    return (ask.arn("iam", f"saml-provider/{name}", region=""),) if name else None


def _certificate(ask: Ask) -> Sequence[str] | None:
    name = ask.param("ServerCertificateName")
    if name is None:
        return None
    kept = {item.cert_name: item for item in ask.environment.iam(ask.caller.account).certificates.values()}
    path = (getattr(kept.get(name), "path", None) or ask.param("Path")) or "/"
    arns = [ask.arn("iam", f"server-certificate{path}{name}", region="")]
    if ask.call.operation == "UpdateServerCertificate":
        new = ask.param("NewServerCertificateName") or name
        arns.append(ask.arn("iam", f"server-certificate{ask.param('NewPath') or path}{new}", region=""))
    return arns


def _delegation(ask: Ask) -> Sequence[str] | None:
    identifier = ask.param("DelegationRequestId")
    if identifier is None and ask.call.operation == "CreateDelegationRequest":
        identifier = "*"
    if identifier is None:
        entity = ask.param("EntityArn")
        return (entity,) if entity and ":delegation-request/" in entity else None
    return (ask.arn("iam", f"delegation-request/{identifier}", region=""),)


def _add_role(ask: Ask) -> Iterable[Check]:
    yield pass_role(ask, ask.param("RoleName"), "ec2.amazonaws.com")


def _simulate(ask: Ask) -> Iterable[Check]:
    yield Check("iam:SimulatePrincipalPolicy", ask.param("PolicySourceArn") or "*")


def _context_of_principal(ask: Ask) -> Iterable[Check]:
    yield Check("iam:GetContextKeysForPrincipalPolicy", ask.param("PolicySourceArn") or "*")


def _context(ask: Ask, action: str, arn: str) -> Mapping[str, ContextValue]:
    context: dict[str, ContextValue] = {}
    operation = ask.call.operation
    if operation.startswith(("Attach", "Detach")) and ask.param("PolicyArn"):
        context["iam:PolicyARN"] = ask.param("PolicyArn")
    boundary = ask.param("PermissionsBoundary") or _current_boundary(ask)
    if boundary and action.lower() != "iam:passrole":
        context["iam:PermissionsBoundary"] = boundary
    if operation == "CreateServiceLinkedRole":
        context["iam:AWSServiceName"] = ask.param("AWSServiceName") or ""
    tags = _tags(ask, arn)
    context.update({f"iam:ResourceTag/{name}": value for name, value in tags.items()})
    return context


def _current_boundary(ask: Ask) -> str | None:
    """The boundary that the user or role of a call has: the key is there for changes of its permissions."""
    backend = ask.environment.iam(ask.caller.account)
    entity = backend.users.get(ask.param("UserName") or "")
    role_name = ask.param("RoleName")
    if entity is None and role_name:
        entity = next((role for role in backend.roles.values() if role.name == role_name), None)
    return getattr(entity, "permissions_boundary_arn", None) or None


def _tags(ask: Ask, arn: str) -> Mapping[str, str]:
    backend = ask.environment.iam(arn.split(":")[4] if arn.count(":") >= 5 else ask.caller.account)
    kind, _, rest = arn.rpartition(":")[2].partition("/")
    name = rest.rpartition("/")[2]
    found: Any = None
    match kind:
        case "user":
            found = backend.users.get(name)
        case "role":
            found = next((role for role in backend.roles.values() if role.name == name), None)
        case "policy":
            found = backend.managed_policies.get(arn)
        case "instance-profile":
            profiles = backend.instance_profiles.values()
            found = next((profile for profile in profiles if profile.name == name), None)
        case "oidc-provider":
            found = backend.open_id_providers.get(arn)
    raw = getattr(found, "tags", None) or ()
    items = raw.values() if hasattr(raw, "values") else listed(raw)
    return {item["Key"]: item["Value"] for item in items}


def _unknown(ask: Ask, arn: str) -> frozenset[str]:
    """moto keeps no tags of these, so that a tag that a condition asks for may well be there."""
    kind = arn.rpartition(":")[2].partition("/")[0]
    return _TAGS_NOT_KEPT if kind in ("mfa", "saml-provider", "server-certificate") else frozenset()


_TAGS_NOT_KEPT = frozenset(("aws:resourcetag/", "iam:resourcetag/"))


RULES = ServiceRules(
    types={
        "user": _user,
        "role": _role,
        "group": _group,
        "policy": _policy,
        "instance-profile": _instance_profile,
        "mfa": _mfa,
        "oidc-provider": _oidc,
        "saml-provider": _saml,
        "server-certificate": _certificate,
        "delegation-request": _delegation,
    },
    alternatives=(frozenset(("group", "policy", "role", "user")),),
    operations={
        "SimulatePrincipalPolicy": _simulate,
        "GetContextKeysForPrincipalPolicy": _context_of_principal,
    },
    extra={"AddRoleToInstanceProfile": _add_role},
    context=_context,
    tags=_tags,
    unknown=_unknown,
)
