"""S3 access points: which one a call goes through, and the bucket that has to permit the call as well.

Source: S3 User Guide, "Configuring IAM policies for using access points" ("Permissions granted in an access
point policy are effective only if the underlying bucket also permits the same access") and "Using a
bucket-style alias for your access point".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from rolecall.enforcement.checks import Check
from rolecall.enforcement.moto_state import accounts_of, backend_of, bucket_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.enforcement.calls import ApiCall
    from rolecall.enforcement.resources.rules import Ask
    from rolecall.iam.requests import ContextValue

__all__ = ["access_point_arn", "behind_access_point", "bucket_behind", "held_point", "to_bucket"]

_NAMED = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]{1,48}[a-z0-9])-(?P<account>\d{12})")


def access_point_arn(call: ApiCall, name: str) -> str | None:
    """The ARN of the access point that stands in the place of a bucket: by ARN, host or alias; else None."""
    if name.startswith("arn:"):
        return name if ":accesspoint/" in name else None
    _, on_host, rest = call.http.host.partition(".s3-accesspoint.")
    region = rest.partition(".")[0] if on_host else call.region
    named = _NAMED.fullmatch(name)
    if named is not None and (on_host or bucket_of(name) is None):
        arn = f"arn:{call.partition}:s3:{region}:{named['account']}:accesspoint/{named['name']}"
        return arn if on_host or held_point(arn) is not None else None
    if name.endswith("-s3alias"):
        for account in accounts_of("s3control"):
            for points in backend_of("s3control", account, call.partition).access_points.values():
                for point in points.values():
                    if point.alias == name:
                        return f"arn:{call.partition}:s3:{call.region}:{account}:accesspoint/{point.name}"
    return None


def held_point(arn: str) -> Any:
    """moto's access point of an ARN, also of an object's behind it; None when there is none."""
    fields = arn.split(":", 5)
    if len(fields) < 6 or fields[2] != "s3" or not fields[5].startswith("accesspoint/"):
        return None
    account, name = fields[4], fields[5].split("/")[1]
    if account not in accounts_of("s3control"):
        return None
    return backend_of("s3control", account, fields[1]).access_points.get(account, {}).get(name)


def bucket_behind(call: ApiCall, name: str) -> str:
    """The bucket that a call works on: behind an access point the underlying one."""
    arn = access_point_arn(call, name)
    point = held_point(arn) if arn is not None else None
    return str(point.bucket) if point is not None else name


def to_bucket(call: ApiCall, url: str) -> str:
    """The URL for moto, which does not know access points of other accounts, nor aliases: the bucket's."""
    name = call.params.get("Bucket") if call.service == "s3" else None
    bucket = bucket_behind(call, name) if isinstance(name, str) else name
    if bucket == name:
        return url
    parts = urlsplit(url)
    in_host = parts.netloc.startswith(f"{name}.") or ".s3-accesspoint." in parts.netloc
    key = parts.path if in_host else "/" + parts.path.lstrip("/").partition("/")[2]
    return urlunsplit((parts.scheme, f"s3.{call.region}.amazonaws.com", f"/{bucket}{key}", parts.query, ""))


def behind_access_point(ask: Ask, check: Check) -> Iterator[Check]:
    """A check through an access point, and the same one on the bucket behind it."""
    yield check
    point = held_point(check.resource)
    if point is None:
        return
    fields = check.resource.split(":", 5)
    _, name, *rest = fields[5].split("/", 3)
    arn = f"arn:{fields[1]}:s3:::{point.bucket}"
    key = rest[1] if len(rest) == 2 and rest[0] == "object" else None
    context: dict[str, ContextValue] = {
        **check.context,
        "s3:DataAccessPointArn": ":".join(fields[:5]) + f":accesspoint/{name}",
        "s3:DataAccessPointAccount": fields[4],
        "s3:AccessPointNetworkOrigin": str(point.network_origin),
    }
    owner = bucket_of(point.bucket)
    same = owner is not None and owner[0] == fields[4] == ask.caller.account
    yield Check(check.action, f"{arn}/{key}" if key else arn, context, doubt=_DOUBT if same else "")


_DOUBT = "whether the bucket behind an access point of the same account has to permit this on its own is open"
