"""Forms posted to S3: the policy in the form, its signature, and what it permits.

Source: S3 API Reference, "Authenticating Requests: Browser-Based Uploads Using POST", with "Creating a POST
Policy"; the sentences are those that users of S3 report.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.calls import HttpRequest

__all__ = ["Form", "check_form", "is_form_post", "read_form"]

_BUCKET_IN_HOST = re.compile(r"(.+)\.s3[.-]")
_SIZE = "Your proposed upload"
# Fields that no condition has to name.
_FREE = frozenset({"awsaccesskeyid", "bucket", "file", "policy", "x-amz-signature"})


@dataclass(frozen=True, slots=True)
class Form:
    """A posted form: its fields (names in lower case), the bucket, the object's key and its size."""

    bucket: str
    key: str
    fields: Mapping[str, str] = field(repr=False)
    size: int


def is_form_post(request: HttpRequest) -> bool:
    """Whether a request is a form that brings its own signature."""
    kind = request.headers.get("content-type", "")
    return (
        request.method == "POST"
        and kind.startswith("multipart/form-data")
        and "authorization" not in request.headers
        and "X-Amz-Signature=" not in request.query
    )


def read_form(request: HttpRequest, aws_host: str) -> Form:
    """The form in a request to that host of S3. Raises ApiError where it has no key or no file."""
    from werkzeug.test import EnvironBuilder
    from werkzeug.wrappers import Request

    content_type = request.headers["content-type"]
    environ = EnvironBuilder(method="POST", content_type=content_type, data=request.body).get_environ()
    posted = Request(environ)
    fields = {name.lower(): value for name, value in posted.form.items()}
    file = posted.files.get("file")
    if len(fields) != sum(1 for _ in posted.form.items(multi=True)):
        # Which of the two would be stored is not for a guess.
        raise _invalid("The form names a field twice.")
    if "key" not in fields:
        raise _invalid("Bucket POST must contain a field named 'key'.  If it is specified, please check the "
                       "order of the fields.")  # fmt: skip
    content = file.stream.read() if file is not None else fields.get("file", "").encode()
    if file is None and "file" not in fields:
        raise _invalid("POST requires exactly one file upload per request.")
    key = fields["key"].replace("${filename}", (file.filename or "") if file is not None else "")
    named = _BUCKET_IN_HOST.match(aws_host)
    bucket = named[1] if named is not None else request.path.strip("/")
    return Form(bucket, key, fields, len(content))


def check_form(form: Form, now: datetime) -> None:
    """Raise ApiError unless the policy in a form permits the form at that moment."""
    try:
        policy = json.loads(b64decode(form.fields["policy"], validate=True))
        until = datetime.fromisoformat(policy["expiration"]).astimezone(UTC)
        conditions = [_read(condition) for condition in policy["conditions"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ApiError("InvalidPolicyDocument", "Invalid Policy: Invalid JSON.", 400) from error
    if now >= until:
        raise _denied("Policy expired.")
    named = set(_FREE)
    for operator, name, value in conditions:
        if operator == "content-length-range":
            low, high = value
            if form.size > high:
                raise ApiError("EntityTooLarge", f"{_SIZE} exceeds the maximum allowed size", 400)
            if form.size < low:
                raise ApiError("EntityTooSmall", f"{_SIZE} is smaller than the minimum allowed size", 400)
            continue
        named.add(name)
        found = form.bucket if name == "bucket" else form.key if name == "key" else form.fields.get(name, "")
        if not (found == value if operator == "eq" else found.startswith(value)):
            raise _denied(f'Policy Condition failed: ["{operator}", "${name}", "{value}"]')
    extra = [name for name in form.fields if name not in named and not name.startswith("x-ignore-")]
    if extra:
        raise _denied(f"Extra input fields: {', '.join(extra)}")


def _read(condition: Any) -> tuple[str, str, Any]:
    """A condition as operator, field and value."""
    if isinstance(condition, dict):
        ((name, value),) = condition.items()
        return "eq", name.lower(), str(value)
    operator, first, second = condition
    if operator.lower() == "content-length-range":
        return "content-length-range", "", (int(first), int(second))
    if operator.lower() not in ("eq", "starts-with") or not first.startswith("$"):
        raise ValueError(condition)
    return operator.lower(), first[1:].lower(), str(second)


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidArgument", message, 400)


def _denied(why: str) -> ApiError:
    return ApiError("AccessDenied", f"Invalid according to Policy: {why}", 403)
