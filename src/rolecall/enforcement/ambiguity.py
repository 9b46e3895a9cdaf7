"""Requests that can be read in two ways: refused, as moto might carry out another call than was authorized.

Source for S3: its answer "Conflicting query string parameters"; for the rest AWS documents no answer, and
the codes are those of a request that cannot be parsed.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from rolecall.enforcement.calls import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rolecall.enforcement.calls import ApiCall, HttpRequest

__all__ = ["check_form_names", "check_json", "check_rest_query", "has_ill_typed"]


def check_form_names(in_query: Iterable[str], in_body: Iterable[str]) -> None:
    """Refuse a call by Action that names a parameter twice, in the query, in the body or in both.

    ``in_query`` and ``in_body`` are the names, each as often as it stands there.
    """
    names = Counter(in_query)
    names.update(in_body)
    twice = next((name for name, count in names.items() if count > 1), None)
    if twice is not None and "Action" in names:
        what = "two actions" if twice == "Action" else f"the parameter {twice} twice"
        raise ApiError("MalformedQueryString", f"The request names {what}.", 400)


def check_rest_query(request: HttpRequest, service: str, operation: Any) -> None:
    """Refuse a REST call whose query names a single value twice, or another sub-resource of S3 as well."""
    if not request.query:
        return
    names = Counter(name for name, _ in parse_qsl(request.query, keep_blank_values=True))
    many = _listed(service, str(operation.name))
    twice = next((name for name, count in names.items() if count > 1 and name not in many), None)
    if twice is not None:
        code = "InvalidArgument" if service == "s3" else "ValidationException"
        raise ApiError(code, f"The request names the parameter {twice} twice.", 400)
    if service == "s3":
        said = _sub_resources()
        conflicting = [name for name in names if name in said and name not in _own(str(operation.name))]
        if conflicting:
            named = ", ".join(sorted(conflicting))
            raise ApiError("InvalidArgument", f"Conflicting query string parameters: {named}", 400)


def check_json(request: HttpRequest, params: Mapping[str, Any]) -> None:
    """Refuse a body that is no JSON, which is read as one without parameters."""
    if params or request.body in (b"", b"{}") or not request.body_known:
        return
    try:
        json.loads(request.body)
    except ValueError as error:
        raise ApiError("SerializationException", "The request body is not JSON.", 400) from error


def has_ill_typed(call: ApiCall) -> bool:
    """Whether a parameter is of another type than botocore's model of the operation says."""
    from botocore.validate import ParamValidator
    from moto.core.utils import get_service_model

    shape = get_service_model(call.service).operation_model(call.operation).input_shape
    if shape is None:
        return False
    return "Invalid type" in ParamValidator().validate(call.params, shape).generate_report()


@lru_cache(maxsize=4096)
def _listed(service: str, operation: str) -> frozenset[str]:
    """The names in a query that may stand several times; those of maps are the caller's own."""
    from moto.core.utils import get_service_model

    shape = get_service_model(service).operation_model(operation).input_shape
    members = shape.members.values() if shape is not None else ()
    return frozenset(
        member.serialization.get("name", "")
        for member in members
        if member.serialization.get("location") == "querystring" and member.type_name in ("list", "map")
    )


@lru_cache(maxsize=512)
def _own(operation: str) -> frozenset[str]:
    from moto.core.utils import get_service_model

    uri = get_service_model("s3").operation_model(operation).http["requestUri"]
    return frozenset(part for part in uri.partition("?")[2].split("&") if part and "=" not in part)


@lru_cache(maxsize=1)
def _sub_resources() -> frozenset[str]:
    from moto.core.utils import get_service_model

    return frozenset(name for one in get_service_model("s3").operation_names for name in _own(one))
