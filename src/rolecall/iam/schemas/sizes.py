"""How large a policy may be, counted as AWS counts.

Sources: IAM User Guide, "IAM and AWS STS quotas" (reference_iam-quotas): white space is not counted.
Organizations User Guide, "Quotas for AWS Organizations" (orgs_reference_limits): all characters are.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal

from rolecall.iam.findings import Remark, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.iam.schemas.kinds import PolicyKind

__all__ = ["LARGEST_DOCUMENT", "StoredAs", "counted_size", "size_remarks"]

StoredAs = Literal["managed", "user-inline", "group-inline", "role-inline", "aws-managed"]

LARGEST_DOCUMENT = 1_000_000  # IAM's API takes 131,072 characters; beyond this nothing else is looked at
_MANAGED, _ROLE_INLINE, _S3, _ORGANIZATIONS = 6144, 10240, 20480, 5120
_LARGEST_PARAMETER = 131_072
_INLINE = {"user-inline": 2048, "group-inline": 5120, "role-inline": _ROLE_INLINE}
_TRUST_DEFAULT, _TRUST_MOST, _SESSION = 2048, 4096, 2048
_WHITE_SPACE = re.compile(r"\s+")


def counted_size(text: str) -> int:
    """The number of characters without white space, as IAM counts them."""
    return len(text) - sum(len(run) for run in _WHITE_SPACE.findall(text))


def size_remarks(
    value: Any, text: str | None, kind: PolicyKind, stored_as: StoredAs | None
) -> Iterator[Remark]:
    """At most one remark, about the document as a whole.

    ``text`` is the document as written (None when it is part of another file and would be written anew).
    """
    if text is not None and len(text) <= _TRUST_DEFAULT:
        return
    as_written = text if text is not None else json.dumps(value)
    size = counted_size(as_written)
    if kind in ("scp", "rcp"):
        yield from _organizations(value, as_written)
    elif kind == "trust":
        if size > _TRUST_MOST:
            yield _over(size, "a trust policy", _TRUST_MOST, "even with the quota raised")
        elif size > _TRUST_DEFAULT:
            yield _over(
                size, "a trust policy", _TRUST_DEFAULT, "unless the quota is raised", Severity.WARNING
            )
    elif kind == "session":
        if size > _SESSION:
            yield _over(size, "a session policy", _SESSION)
    elif kind == "resource":
        if size > _LARGEST_PARAMETER:
            yield _over(size, "any resource-based policy", _LARGEST_PARAMETER)
        elif size > _S3:
            yield _over(size, "a bucket policy", _S3, "other services have other limits", Severity.WARNING)
    elif kind == "boundary" or stored_as == "managed":
        if size > _MANAGED:
            yield _over(size, "a managed policy", _MANAGED)
    elif stored_as in _INLINE:
        if size > _INLINE[stored_as]:
            yield _over(
                size, f"the {stored_as.replace('-inline', '')}'s inline policies together", _INLINE[stored_as]
            )
    elif stored_as is None:
        if size > _ROLE_INLINE:
            yield _over(size, "any identity-based policy", _ROLE_INLINE)
        elif size > _MANAGED:
            note = "it only fits as an inline policy of a role"
            yield _over(size, "a managed policy", _MANAGED, note, Severity.WARNING)


def _organizations(value: Any, text: str) -> Iterator[Remark]:
    least = len(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
    if least > _ORGANIZATIONS:
        yield _over(least, "an organization's policy", _ORGANIZATIONS)
    elif len(text) > _ORGANIZATIONS:
        note = "without its white space it would fit"
        yield _over(len(text), "an organization's policy", _ORGANIZATIONS, note, Severity.WARNING)


def _over(
    size: int, what: str, limit: int, note: str | None = None, severity: Severity = Severity.ERROR
) -> Remark:
    message = f"the document counts {size:,} characters; {what} may have {limit:,}"
    return Remark("size", (), f"{message} ({note})" if note else message, severity)
