"""DeleteObjects: each key is decided for itself, and a refused key is an error inside a 200 answer.

Source: Amazon S3 API Reference, "DeleteObjects".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.actions import checks_for
from rolecall.enforcement.calls import ApiError
from rolecall.enforcement.denying import authorize_checks
from rolecall.enforcement.families import Family
from rolecall.enforcement.moto_state import backend_of, bucket_of
from rolecall.enforcement.resources.s3_access_points import bucket_behind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.calls import ApiCall, Caller
    from rolecall.enforcement.environment import Environment

__all__ = ["delete_objects"]


def delete_objects(call: ApiCall, caller: Caller, environment: Environment) -> Mapping[str, Any]:
    """The answer to DeleteObjects: what was deleted, and AccessDenied for each key that may not be."""
    from moto.s3.exceptions import AccessDeniedByLock

    name = bucket_behind(call, call.params.get("Bucket", ""))
    found = bucket_of(name)
    if found is None:
        raise ApiError("NoSuchBucket", "The specified bucket does not exist", 404)
    account, bucket = found
    backend = backend_of("s3", account, bucket.partition)
    wanted = call.params.get("Delete") or {}
    deleted: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    objects = list(wanted.get("Objects") or ())
    bypass = bool(call.params.get("BypassGovernanceRetention"))
    for item in objects:
        key, version = item["Key"], item.get("VersionId")
        named = {"Key": key, **({"VersionId": version} if version else {})}
        try:
            one = replace(call, params={**call.params, "Delete": {"Objects": [item]}})
            authorize_checks(environment, caller, one, checks_for(one, caller, environment), Family.S3)
        except ApiError as error:
            errors.append({**named, "Code": error.code, "Message": error.message})
            continue
        try:
            _, data = backend.delete_object(name, key, version_id=version, bypass=bypass)
        except AccessDeniedByLock:
            errors.append({**named, "Code": "AccessDenied", "Message": "Access Denied"})
            continue
        # A key that is not there is told as deleted.
        if not wanted.get("Quiet"):
            deleted.append({**named, **_marker(data or {}, version)})
    return {"Deleted": deleted, "Errors": errors}


def _marker(data: Mapping[str, Any], version: str | None) -> dict[str, Any]:
    """What is told of the delete marker that a deletion made, or took away."""
    marked = data.get("delete-marker") in (True, "true")
    made = data.get("version-id") if marked else None
    return {"DeleteMarker": True, "DeleteMarkerVersionId": version or made} if marked else {}
