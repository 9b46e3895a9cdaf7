"""The regions that an emulator can answer for: those that botocore knows."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache

__all__ = ["unknown_region"]

_EVERY_ACCOUNT_HAS = frozenset(
    [
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    ]
)
"""Enabled by default ("AWS Regions", AWS Account Management): most runs need no look into botocore's data."""


def unknown_region(region: str) -> str:
    """What to say of a region that there is not; empty for one that there is.

    AWS itself is not asked: an account may have a region that is newer than the installed botocore.
    """
    if region in _EVERY_ACCOUNT_HAS:
        return ""
    known = _regions()
    if region in known:
        return ""
    close = get_close_matches(region, known, n=1)
    return f'there is no region "{region}"' + (f'; did you mean "{close[0]}"?' if close else "")


@cache
def _regions() -> frozenset[str]:
    from botocore.session import get_session

    session = get_session()
    return frozenset(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("ec2", partition)
    )
