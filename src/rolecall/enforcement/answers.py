"""What goes back over the wire: results and errors in the form of the service's protocol."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from rolecall.enforcement.families import Family

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.calls import ApiCall, ApiError
    from rolecall.enforcement.environment import Environment

__all__ = ["Answer", "error_answer", "result_answer"]

_XML = "text/xml"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status, headers, body."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)


def result_answer(environment: Environment, call: ApiCall, result: Mapping[str, Any]) -> Answer:
    """The answer to a call: ``result`` holds what the operation's output shape names."""
    from moto.core.request import determine_request_protocol
    from moto.core.serialize import SerializationContext, get_serializer_class
    from moto.core.utils import get_service_model

    request_id = _request_id(environment)
    model = get_service_model(call.service)
    content_type = call.http.headers.get("content-type", "").partition(";")[0].strip()
    protocol = determine_request_protocol(model, content_type)
    serializer = get_serializer_class(call.service, protocol)(
        operation_model=model.operation_model(call.operation),
        context=SerializationContext(request_id),
    )
    made = serializer.serialize(result)
    headers = {**made["headers"], "x-amzn-RequestId": request_id}
    body = made["body"]
    return Answer(int(made["status_code"]), headers, body.encode() if isinstance(body, str) else body)


def error_answer(
    environment: Environment, family: Family, error: ApiError, *, method: str = "POST", form: bool = False
) -> Answer:
    """The answer of a refusal. ``form``: the client spoke the query protocol to a JSON service."""
    request_id = _request_id(environment)
    headers = {"x-amzn-RequestId": request_id, "Content-Type": _XML}
    code, message = escape(error.code), escape(error.message)
    if family is Family.EC2:
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>'
            f"<Code>{code}</Code><Message>{message}</Message>"
            f"</Error></Errors><RequestID>{request_id}</RequestID></Response>"
        )
    elif family is Family.S3:
        headers |= {"Content-Type": "application/xml", "x-amz-request-id": request_id}
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<Error>'
            f"<Code>{code}</Code><Message>{message}</Message>"
            f"<RequestId>{request_id}</RequestId></Error>"
        )
    elif family in (Family.QUERY, Family.REST_XML) or (family is Family.SQS and form):
        kind = "Sender" if error.status < 500 else "Receiver"
        body = (
            f"<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    else:
        headers |= {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": error.code}
        if family is Family.REST_JSON:
            headers["Content-Type"] = "application/json"
        if family is Family.SQS:
            headers |= {
                "Content-Type": "application/x-amz-json-1.0",
                "x-amzn-query-error": f"{error.code};Sender",
            }
        body = json.dumps({"__type": error.code, "message": error.message})
    # An answer to HEAD has no body; clients then know the status alone.
    return Answer(error.status, headers, b"" if method == "HEAD" else body.encode())


def _request_id(environment: Environment) -> str:
    text = environment.random_bytes(16).hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{text[16:20]}-{text[20:]}"
