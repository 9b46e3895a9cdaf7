"""Quotas of IAM: how many, and how large (code ``LimitExceeded``, HTTP 409).

Source: IAM User Guide, "IAM and AWS STS quotas" (default values; white space does not count towards the
size of a policy).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiCall, ApiError
from rolecall.enforcement.strict_iam.entities import policy_named, role_named

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check_quotas", "size_of"]

_POLICIES_PER_ENTITY = 10
_GROUPS_PER_USER = 10
_KEYS_PER_USER = 2
_VERSIONS_PER_POLICY = 5
_MFA_DEVICES_PER_USER = 8
_MANAGED_POLICY_SIZE = 6144
_TRUST_SIZE = 2048
# What an account holds by default: the operation, moto's collection, the quota's name in messages. Reports of
# AWS's answer show the names for users (OpenShift's cloud-credential-operator), roles (MongoDB Atlas's
# acceptance tests), instance profiles (ansible/workshops issue 1801) and OIDC providers (an AWS workshop of
# Terraform for EKS); those for groups, policies and SAML providers are formed like them.
_PER_ACCOUNT = {
    "CreateUser": ("users", "UsersPerAccount", 5000),
    "CreateRole": ("roles", "RolesPerAccount", 1000),
    "CreateGroup": ("groups", "GroupsPerAccount", 300),
    "CreatePolicy": ("managed_policies", "PoliciesPerAccount", 1500),
    "CreateInstanceProfile": ("instance_profiles", "InstanceProfilesPerAccount", 1000),
    "CreateSAMLProvider": ("saml_providers", "SAMLProvidersPerAccount", 100),
    "CreateOpenIDConnectProvider": ("open_id_providers", "OpenIdConnectProvidersPerAccount", 100),
}
_INLINE_SIZES = {"user": 2048, "group": 5120, "role": 10240}


def size_of(document: str) -> int:
    """Characters of a document as IAM counts them: without white space."""
    return sum(not char.isspace() for char in document)


def check_quotas(call: ApiCall, backend: Any) -> None:
    """Raise LimitExceeded where the call would go beyond a quota."""
    params = call.params
    _check_account(call.operation, backend)
    match call.operation:
        case "AttachUserPolicy":
            _check_attachments("User", backend.users[params["UserName"]], params["PolicyArn"])
        case "AttachRolePolicy":
            _check_attachments("Role", role_named(backend, params["RoleName"]), params["PolicyArn"])
        case "AttachGroupPolicy":
            _check_attachments("Group", backend.groups[params["GroupName"]], params["PolicyArn"])
        case "AddUserToGroup":
            user = backend.users[params["UserName"]]
            joined = [group for group in backend.groups.values() if user in group.users]
            if all(group.name != params["GroupName"] for group in joined):
                _refuse_at("GroupsPerUser", len(joined), _GROUPS_PER_USER)
        case "CreateAccessKey":
            owner = backend.users.get(params.get("UserName"))
            if owner is not None:
                _refuse_at("AccessKeysPerUser", len(owner.access_keys), _KEYS_PER_USER)
        case "EnableMFADevice":
            devices = backend.users[params["UserName"]].mfa_devices
            _refuse_at("MFADevicesPerUser", len(devices), _MFA_DEVICES_PER_USER)
        case "CreatePolicyVersion":
            policy = policy_named(backend, params["PolicyArn"])
            if policy is not None and len(policy.versions) >= _VERSIONS_PER_POLICY:
                raise _exceeded(
                    "A managed policy can have up to 5 versions. Before you create a new version, you must "
                    "delete an existing version."
                )
            _check_size("PolicySize", params["PolicyDocument"], _MANAGED_POLICY_SIZE)
        case "CreatePolicy":
            _check_size("PolicySize", params["PolicyDocument"], _MANAGED_POLICY_SIZE)
        case "CreateRole":
            _check_size("ACLSizePerRole", params["AssumeRolePolicyDocument"], _TRUST_SIZE)
        case "UpdateAssumeRolePolicy":
            _check_size("ACLSizePerRole", params["PolicyDocument"], _TRUST_SIZE)
        case "PutUserPolicy":
            _check_inline("user", backend.users[params["UserName"]], params)
        case "PutGroupPolicy":
            _check_inline("group", backend.groups[params["GroupName"]], params)
        case "PutRolePolicy":
            _check_inline("role", role_named(backend, params["RoleName"]), params)
        case _:
            return


def _check_account(operation: str, backend: Any) -> None:
    collection, quota, limit = _PER_ACCOUNT.get(operation, (None, "", 0))
    if collection is None:
        return
    held = getattr(backend, collection)
    # Counting what does not count, AWS's own policies and roles of services, waits until it can matter.
    if len(held) < limit:
        return
    if collection == "managed_policies":
        held = [arn for arn in tuple(held) if ":iam::aws:" not in arn]
    elif collection == "roles":
        held = [role for role in tuple(held.values()) if not role.path.startswith("/aws-service-role/")]
    _refuse_at(quota, len(held), limit)


def _check_attachments(kind: str, entity: Any, arn: str) -> None:
    if arn not in entity.managed_policies:
        _refuse_at(f"PoliciesPer{kind}", len(entity.managed_policies), _POLICIES_PER_ENTITY)


def _check_size(quota: str, document: str, limit: int) -> None:
    if size_of(document) > limit:
        raise _exceeded(f"Cannot exceed quota for {quota}: {limit}")


def _check_inline(kind: str, entity: Any, params: Mapping[str, Any]) -> None:
    documents = {**entity.policies, params["PolicyName"]: params["PolicyDocument"]}
    if sum(map(size_of, documents.values())) > _INLINE_SIZES[kind]:
        raise _exceeded(
            f"Maximum policy size of {_INLINE_SIZES[kind]} bytes exceeded for {kind} {entity.name}"
        )


def _refuse_at(quota: str, count: int, limit: int) -> None:
    if count >= limit:
        raise _exceeded(f"Cannot exceed quota for {quota}: {limit}")


def _exceeded(message: str) -> ApiError:
    return ApiError("LimitExceeded", message, 409)
