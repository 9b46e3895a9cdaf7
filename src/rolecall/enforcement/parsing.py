"""From an HTTP request to the API operation and its parameters, by botocore's models and moto's parsers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from rolecall.enforcement.ambiguity import check_form_names, check_json, check_rest_query
from rolecall.enforcement.calls import ApiCall, ApiError
from rolecall.enforcement.services import (
    Service,
    candidates,
    load_services,
    modules_on_host,
    narrow,
    unserved,
    unserved_on_host,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.calls import HttpRequest
    from rolecall.enforcement.signatures import Signature

__all__ = ["form_values", "other_services", "parse_call", "possible_services"]

_UNSIGNED_ACTIONS = ("AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")


def form_values(request: HttpRequest) -> dict[str, str]:
    """The parameters of the query string and of a form body, decoded.

    Raises ApiError when a call by Action names a parameter twice: which of them counts is not for a guess.
    """
    in_query = parse_qsl(request.query, keep_blank_values=True) if request.query else []
    in_body: list[tuple[str, str]] = []
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        try:
            in_body = parse_qsl(request.body.decode(), keep_blank_values=True)
        except UnicodeDecodeError as error:
            raise ApiError("MalformedQueryString", "The request body is not UTF-8.", 400) from error
    values = dict((*in_query, *in_body))
    if len(values) < len(in_query) + len(in_body):
        check_form_names([name for name, _ in in_query], [name for name, _ in in_body])
    return values


def possible_services(
    request: HttpRequest, signature: Signature | None, values: Mapping[str, str], aws_host: str | None
) -> tuple[Service, ...]:
    """The services that a request can be meant for, most likely first; those that moto answers, if there are.

    ``aws_host`` is the host of AWS that the request goes to, None where the endpoint serves all of them.
    """
    if signature is not None:
        found = candidates(signature.service)
    elif aws_host is not None:
        modules = modules_on_host(aws_host)
        found = tuple(service for service in load_services().values() if service.module in modules)
    elif values.get("Action") in _UNSIGNED_ACTIONS:
        found = (load_services()["sts"],)
    elif "x-amz-target" in request.headers or "Action" in values:
        found = tuple(load_services().values())
    else:
        found = (load_services()["s3"],)
    if aws_host is not None and signature is not None:
        modules = modules_on_host(aws_host)
        found = tuple(service for service in found if service.module in modules)
    return narrow(found, request, values) or other_services(request, signature, values, aws_host)


def other_services(
    request: HttpRequest, signature: Signature | None, values: Mapping[str, str], aws_host: str | None
) -> tuple[Service, ...]:
    """The services that a request can be meant for if none of ``possible_services`` has its operation.

    Those that moto does not answer, and those that it answers on another host.
    """
    if signature is None:
        return narrow(unserved_on_host(aws_host), request, values) if aws_host is not None else ()
    found = (*unserved(signature.service, aws_host), *candidates(signature.service))
    return narrow(found, request, values)


def parse_call(
    request: HttpRequest,
    services: tuple[Service, ...],
    values: Mapping[str, str],
    *,
    region: str,
    partition: str,
    aws_host: str,
) -> ApiCall | None:
    """The API call that a request is, None when none of the services has such an operation.

    Raises ApiError when it cannot be parsed.
    """
    from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
    from moto.core.request import determine_request_protocol
    from moto.core.routing import NotFound, get_service_router
    from moto.core.utils import get_service_model

    content_type = request.headers.get("content-type", "").partition(";")[0].strip()
    routed = _Routed(request, values, aws_host)
    for service in services:
        model = get_service_model(service.name)
        try:
            protocol = determine_request_protocol(model, content_type)
            if protocol in ("json", "query", "ec2") and service.name != "sqs":
                # Only SQS puts parameters into the path; the other routers would match in vain.
                operation, path_params = _by_name(model, protocol, request, values), {}
            else:
                operation, path_params = get_service_router(service.name).match(routed)
        except (NotFound, NotImplementedError):
            continue
        if protocol == "json" and "Action" in values:
            raise ApiError("UnknownOperationException", "The request names two operations.", 400)
        parser = PROTOCOL_PARSERS[protocol](operation)
        try:
            params = parser.parse(
                {
                    "method": request.method,
                    "values": _repeated(request) if protocol.startswith("rest") else values,
                    "headers": routed.headers,
                    "body": request.body,
                    "url_path": request.path,
                    "url_params": path_params,
                }
            )
        except (RequestParserError, ValueError, TypeError, AttributeError, KeyError) as error:
            raise ApiError("SerializationException", "The request cannot be parsed.", 400) from error
        if protocol.startswith("rest"):
            check_rest_query(request, service.name, operation)
        elif protocol == "json":
            check_json(request, params or {})
        return ApiCall(service.name, str(operation.name), params or {}, region, partition, request)
    return None


def _by_name(model: Any, protocol: str, request: HttpRequest, values: Mapping[str, str]) -> Any:
    from moto.core.routing import NotFound

    if protocol == "json":
        name = request.headers.get("x-amz-target", "").rpartition(".")[2]
    else:
        name = values.get("Action", "")
    if name not in model.operation_names:
        raise NotFound
    return model.operation_model(name)


def _repeated(request: HttpRequest) -> Any:
    """The parameters of a query string where a name may stand several times, as in REST calls."""
    from werkzeug.datastructures import MultiDict

    return MultiDict(parse_qsl(request.query, keep_blank_values=True) if request.query else ())


class _Headers(dict[str, str]):
    """Headers by any case, as the REST parsers look them up."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())


class _Routed:
    """As much of a request as moto's routers look at."""

    def __init__(self, request: HttpRequest, values: Mapping[str, str], aws_host: str) -> None:
        self.method = request.method
        self.raw_path = request.path or "/"
        self.host = aws_host
        self.args = self.values = values
        self.headers = _Headers(request.headers)
        self.headers["host"] = self.host
        self.content_type = request.headers.get("content-type", "").partition(";")[0].strip()
        self.url = f"https://{self.host}{self.raw_path}"
