"""Tags of IAM resources: keys are unique ignoring case, ``aws:`` is reserved, 50 at most.

Source: IAM User Guide, "Tags for AWS Identity and Access Management resources".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiCall, ApiError
from rolecall.enforcement.strict_iam.entities import policy_named, role_named

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["check_tags"]

_LIMIT = 50


def check_tags(call: ApiCall, backend: Any) -> None:
    """Raise InvalidInput for repeated or reserved keys, LimitExceeded beyond 50 tags."""
    tags = call.params.get("Tags")
    if not tags:
        return
    keys = [tag["Key"].lower() for tag in tags]
    if len(set(keys)) < len(keys):
        raise ApiError(
            "InvalidInput",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            400,
        )
    if any(key.startswith("aws:") for key in keys):
        raise ApiError("InvalidInput", "Tag keys beginning with aws: are reserved for system use.", 400)
    if len({*keys, *(key.lower() for key in _present(call, backend))}) > _LIMIT:
        raise ApiError("LimitExceeded", "The number of tags has reached the maximum limit.", 409)


def _present(call: ApiCall, backend: Any) -> Iterable[str]:
    params = call.params
    match call.operation:
        case "TagRole":
            return [tag["Key"] for tag in role_named(backend, params["RoleName"]).tags]
        case "TagUser":
            return [tag["Key"] for tag in backend.users[params["UserName"]].tags or ()]
        case "TagPolicy":
            policy = policy_named(backend, params["PolicyArn"])
            return [tag["Key"] for tag in policy.tags.values()] if policy is not None else ()
        case _:
            return ()
