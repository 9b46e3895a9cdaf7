"""Names are unique in an account ignoring case (code ``EntityAlreadyExists``, HTTP 409).

Source: IAM User Guide, "IAM and AWS STS quotas", name requirements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiCall, ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["check_names"]


def check_names(call: ApiCall, backend: Any) -> None:
    """Raise EntityAlreadyExists where the name of a new or renamed entity is taken."""
    params = call.params
    match call.operation:
        case "CreateUser":
            _refuse_taken("User", params["UserName"], backend.users)
        case "UpdateUser" if "NewUserName" in params:
            _refuse_taken("User", params["NewUserName"], _others(backend.users, params["UserName"]))
        case "CreateGroup":
            _refuse_taken("Group", params["GroupName"], backend.groups)
        case "UpdateGroup" if "NewGroupName" in params:
            _refuse_taken("Group", params["NewGroupName"], _others(backend.groups, params["GroupName"]))
        case "CreateRole":
            _refuse_taken("Role", params["RoleName"], [role.name for role in backend.roles.values()])
        case "CreateInstanceProfile":
            name = params["InstanceProfileName"]
            if _is_taken(name, backend.instance_profiles):
                raise _exists(f"Instance Profile {name} already exists.")
        case "CreatePolicy":
            own = [policy.name for arn, policy in backend.managed_policies.items() if "::aws:" not in arn]
            if _is_taken(params["PolicyName"], own):
                raise _exists(
                    f"A policy called {params['PolicyName']} already exists. Duplicate names are not allowed."
                )
        case "CreateLoginProfile":
            user = backend.users.get(params.get("UserName"))
            if user is not None and user.password:
                raise _exists(f"Login Profile for user {user.name} already exists.")
        case "CreateOpenIDConnectProvider":
            named = params["Url"].partition("://")[2].rstrip("/")
            if _is_taken(named, (arn.partition("/")[2] for arn in backend.open_id_providers)):
                raise _exists(f"Provider with url {params['Url']} already exists.")
        case _:
            return


def _others(names: Iterable[str], own: str) -> list[str]:
    return [name for name in names if name != own]


def _is_taken(name: str, names: Iterable[str]) -> bool:
    wanted = name.lower()
    return any(other.lower() == wanted for other in names)


def _refuse_taken(kind: str, name: str, names: Iterable[str]) -> None:
    if _is_taken(name, names):
        raise _exists(f"{kind} with name {name} already exists.")


def _exists(message: str) -> ApiError:
    return ApiError("EntityAlreadyExists", message, 409)
