"""Roles that belong to a service: only that service changes them (code ``UnmodifiableEntity``, HTTP 400).

Source: IAM User Guide, "Create a service-linked role"; IAM API Reference, the pages of the operations.
"""

from __future__ import annotations

from typing import Any

from rolecall.enforcement.calls import ApiCall, ApiError
from rolecall.enforcement.strict_iam.entities import role_named

__all__ = ["check_service_linked"]

_CHANGES = frozenset(
    {
        "AttachRolePolicy",
        "DeleteRole",
        "DeleteRolePermissionsBoundary",
        "DeleteRolePolicy",
        "DetachRolePolicy",
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
        "TagRole",
        "UntagRole",
        "UpdateAssumeRolePolicy",
        "UpdateRole",
    }
)


def check_service_linked(call: ApiCall, backend: Any) -> None:
    """Raise UnmodifiableEntity for a change to a service-linked role."""
    if call.operation not in _CHANGES:
        return
    role = role_named(backend, call.params["RoleName"])
    if role is not None and role.path.startswith("/aws-service-role/"):
        raise ApiError(
            "UnmodifiableEntity",
            f"Cannot perform the operation on the protected role '{role.name}' - this role is only "
            "modifiable by AWS",
            400,
        )
