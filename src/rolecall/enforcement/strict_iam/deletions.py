"""What has to go first before an entity can be deleted (code ``DeleteConflict``, HTTP 409).

Sources: IAM API Reference, DeleteUser, DeleteRole, DeleteGroup, DeletePolicy, DeleteInstanceProfile.
"""

from __future__ import annotations

from typing import Any

from rolecall.enforcement.calls import ApiCall, ApiError
from rolecall.enforcement.strict_iam.entities import holders_of, policy_named, role_named

__all__ = ["check_deletion"]


def check_deletion(call: ApiCall, backend: Any) -> None:
    """Raise DeleteConflict where something still hangs on what the call deletes."""
    params = call.params
    match call.operation:
        case "DeleteUser":
            _check_user(backend, backend.users[params["UserName"]])
        case "DeleteRole":
            role = role_named(backend, params["RoleName"])
            if any(role in profile.roles for profile in backend.instance_profiles.values()):
                raise _conflict("must remove roles from instance profile first.")
            _check_policies(role)
        case "DeleteGroup":
            group = backend.groups[params["GroupName"]]
            if group.users:
                raise _conflict("must remove users from group first.")
            _check_policies(group)
        case "DeleteInstanceProfile":
            profile = backend.instance_profiles.get(params["InstanceProfileName"])
            if profile is not None and profile.roles:
                raise _conflict("must remove roles from instance profile first.")
        case "DeletePolicy":
            _check_policy(backend, params["PolicyArn"])
        case "DeleteVirtualMFADevice":
            device = backend.virtual_mfa_devices.get(params["SerialNumber"])
            if device is not None and device.user is not None:
                raise ApiError("DeleteConflict", "Device is currently in use.", 409)
        case _:
            return


def _check_user(backend: Any, user: Any) -> None:
    if any(user in group.users for group in backend.groups.values()):
        raise _conflict("must remove users from group first.")
    _check_policies(user)
    if user.access_keys:
        raise _conflict("must delete access keys first.")
    if user.password:
        raise _conflict("must delete login profile first.")
    if user.mfa_devices:
        raise _conflict("must delete MFA device first.")
    if user.signing_certificates:
        raise _conflict("must delete signing certificates first.")
    if user.ssh_public_keys:
        raise _conflict("must delete SSH public keys first.")


def _check_policies(entity: Any) -> None:
    if entity.managed_policies:
        raise _conflict("must detach all policies first.")
    if entity.policies:
        raise _conflict("must delete policies first.")


def _check_policy(backend: Any, arn: str) -> None:
    policy = policy_named(backend, arn)
    if policy is None:
        raise ApiError("NoSuchEntity", f"Policy {arn} was not found.", 404)
    if next(iter(holders_of(backend, arn)), None) is not None:
        raise ApiError("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
    if len(policy.versions) > 1:
        raise ApiError(
            "DeleteConflict",
            "This policy has more than one version. Before you delete a policy, you must delete the policy's "
            "versions. The default version is deleted with the policy.",
            409,
        )


def _conflict(what: str) -> ApiError:
    return ApiError("DeleteConflict", f"Cannot delete entity, {what}", 409)
