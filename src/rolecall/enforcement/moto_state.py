"""moto's own state, read where a decision needs it."""

from __future__ import annotations

import importlib
import sys
from typing import Any

__all__ = ["accounts_of", "backend_of", "bucket_of", "plain_tags"]


def backend_of(module: str, account: str, region: str) -> Any:
    """moto's backend of a module (``s3``, ``awslambda`` …) in an account and region (or partition)."""
    if module == "ec2" and "moto.ec2.models" not in sys.modules:
        _import_ec2()
    from moto.backends import get_backend

    return get_backend(module)[account][region]


def accounts_of(module: str) -> tuple[str, ...]:
    """The accounts in which a moto module holds something, or did."""
    from moto.backends import get_backend

    return tuple(get_backend(module))


def _import_ec2() -> None:
    """Import moto.ec2 with one boto3 session instead of three.

    moto makes a session for each question about regions while it is imported, and each reads botocore's
    endpoints anew: a third of the time of the import.
    """
    import boto3
    from moto.core.base_backend import AccountSpecificBackend

    shared, make = AccountSpecificBackend.get_session(), boto3.Session
    boto3.Session = lambda *args, **kwargs: make(*args, **kwargs) if args or kwargs else shared
    try:
        importlib.import_module("moto.ec2.models")
    finally:
        boto3.Session = make


def bucket_of(name: str) -> tuple[str, Any] | None:
    """The account and moto's object of a bucket, whoever owns it; None when there is none."""
    from moto.s3.models import s3_backends

    place = s3_backends.bucket_accounts.get(name)
    if place is None:
        return None
    partition, account = place
    bucket = s3_backends[account][partition].buckets.get(name)
    return (account, bucket) if bucket is not None else None


def plain_tags(tags: Any) -> dict[str, str]:
    """Tags in whatever form moto keeps them, as name and value."""
    if isinstance(tags, dict):
        return {str(key): str(value) for key, value in tags.items()}
    found = {}
    for tag in tags or ():
        key = tag.get("Key", tag.get("TagKey"))
        if key is not None:
            found[str(key)] = str(tag.get("Value", tag.get("TagValue")) or "")
    return found
