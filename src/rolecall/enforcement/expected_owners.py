"""S3 calls that say whose a bucket has to be: AWS refuses them where it is somebody else's.

Source: S3 User Guide, "Verifying bucket ownership with bucket owner condition".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.calls import ApiError
from rolecall.enforcement.moto_state import bucket_of
from rolecall.enforcement.resources.s3_access_points import bucket_behind

if TYPE_CHECKING:
    from rolecall.enforcement.calls import ApiCall

__all__ = ["check_expected_owners"]


def check_expected_owners(call: ApiCall) -> None:
    """Raise ApiError where a bucket of the call is of another account than the call expects."""
    if call.service != "s3":
        return
    source = str(call.params.get("CopySource") or "").lstrip("/").partition("/")[0]
    for name, expected in (
        (call.params.get("Bucket"), call.params.get("ExpectedBucketOwner")),
        (source, call.params.get("ExpectedSourceBucketOwner")),
    ):
        found = bucket_of(bucket_behind(call, name)) if expected and isinstance(name, str) else None
        if found is not None and found[0] != expected:
            raise ApiError("AccessDenied", "Access Denied", 403)
