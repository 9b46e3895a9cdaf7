"""Permissions boundaries of users, which moto does not keep.

Source: IAM API Reference, PutUserPermissionsBoundary, DeleteUserPermissionsBoundary and CreateUser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiCall, ApiError, Caller

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment

__all__ = ["change_user_boundary", "create_bounded_user", "shown_boundary"]


def shown_boundary(entity: Any) -> dict[str, str] | None:
    """The ``PermissionsBoundary`` member of an answer; ``entity`` is moto's user."""
    arn = getattr(entity, "permissions_boundary_arn", None)
    if not arn:
        return None
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}


def create_bounded_user(call: ApiCall, caller: Caller, environment: Environment) -> dict[str, Any]:
    """The answer to a CreateUser that names a boundary: moto would leave it out of the answer too."""
    params = call.params
    user = environment.iam(caller.account).create_user(
        call.region, params["UserName"], params.get("Path") or "/", list(params.get("Tags") or ())
    )
    user.permissions_boundary_arn = params["PermissionsBoundary"]
    shown = {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn,
        "CreateDate": user.create_date,
        "PermissionsBoundary": shown_boundary(user),
    }
    return {"User": {**shown, "Tags": params["Tags"]} if params.get("Tags") else shown}


def change_user_boundary(call: ApiCall, caller: Caller, environment: Environment) -> dict[str, Any]:
    """The answer to PutUserPermissionsBoundary and DeleteUserPermissionsBoundary, once authorized."""
    user = environment.iam(caller.account).users[call.params["UserName"]]
    if call.operation == "DeleteUserPermissionsBoundary" and not shown_boundary(user):
        raise ApiError("NoSuchEntity", f"Permissions boundary for user {user.name} cannot be found.", 404)
    user.permissions_boundary_arn = call.params.get("PermissionsBoundary")
    return {}
