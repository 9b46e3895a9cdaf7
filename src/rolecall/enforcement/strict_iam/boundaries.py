"""Permissions boundaries of users, which moto does not keep.

Source: IAM API Reference, PutUserPermissionsBoundary, DeleteUserPermissionsBoundary and CreateUser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiCall, ApiError, Caller

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment

__all__ = ["change_user_boundary", "keep_boundary", "shown_boundary"]


def shown_boundary(entity: Any) -> dict[str, str] | None:
    """The ``PermissionsBoundary`` member of an answer; ``entity`` is moto's user."""
    arn = getattr(entity, "permissions_boundary_arn", None)
    if not arn:
        return None
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}


def keep_boundary(call: ApiCall, backend: Any) -> None:
    """After CreateUser: note the boundary that the call named."""
    backend.users[call.params["UserName"]].permissions_boundary_arn = call.params.get("PermissionsBoundary")


def change_user_boundary(call: ApiCall, caller: Caller, environment: Environment) -> dict[str, Any]:
    """The answer to PutUserPermissionsBoundary and DeleteUserPermissionsBoundary, once authorized."""
    user = environment.iam(caller.account).users[call.params["UserName"]]
    if call.operation == "DeleteUserPermissionsBoundary" and not shown_boundary(user):
        raise ApiError("NoSuchEntity", f"Permissions boundary for user {user.name} cannot be found.", 404)
    user.permissions_boundary_arn = call.params.get("PermissionsBoundary")
    return {}
