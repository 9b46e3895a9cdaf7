"""Answers that are none of AWS's: a web page in the place of one, or text that cannot be read.

A load balancer, a proxy or an endpoint that is something else answers so. botocore raises an error of its
parser then, which is not among its exceptions, or, for services that speak JSON, takes a page for an empty
answer: that would look like a call that was let through.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.parsers import ResponseParserError

__all__ = ["UnreadableAnswer", "with_readable_answers"]


class UnreadableAnswer(BotoCoreError):  # type: ignore[misc]
    """What came with a status of success and is no answer."""

    fmt = "what came with HTTP status {status} is no answer of AWS; does something else listen there?"


def with_readable_answers(session: Any) -> None:
    """Let clients of a boto3 session read what is no answer as an error: of its HTTP status, which may be
    tried again, or, with a status of success, as UnreadableAnswer.
    """
    name = "response_parser_factory"
    held = session._session.get_component(name)
    session._session.register_component(name, _Parsers(held))


class _Parsers:
    def __init__(self, held: Any) -> None:
        self._held = held

    def set_parser_defaults(self, **defaults: Any) -> None:
        self._held.set_parser_defaults(**defaults)

    def create_parser(self, protocol_name: str) -> _Parser:
        return _Parser(self._held.create_parser(protocol_name))


class _Parser:
    def __init__(self, held: Any) -> None:
        self._held = held

    def parse(self, response: dict[str, Any], shape: Any) -> Any:
        if not _is_page(response.get("body")):
            try:
                return self._held.parse(response, shape)
            except ResponseParserError:
                pass
        status = response["status_code"]
        if status < 300:
            raise UnreadableAnswer(status=status)
        said = "what came is no answer of AWS"
        metadata = {"HTTPStatusCode": status, "HTTPHeaders": dict(response["headers"])}
        return {"Error": {"Code": str(status), "Message": said}, "ResponseMetadata": metadata}


def _is_page(body: object) -> bool:
    return isinstance(body, bytes) and body.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html"))
