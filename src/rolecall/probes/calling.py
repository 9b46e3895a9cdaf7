"""Make a probe's call and read its answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from rolecall.iam.denial_messages import denied_action
from rolecall.probes.answers import Answer, Seen, classify

if TYPE_CHECKING:
    from rolecall.probes.choosing import Probe

__all__ = ["call"]


def call(
    client: Any,
    probe: Probe,
    *,
    principal: str,
    identity: str | None,
    authorizes_first: bool,
    exists: bool = False,
    timer: Callable[[], float] = time.perf_counter,
) -> Answer:
    """Make the call once.

    In: a boto3 client that holds the principal's credential, the ARN that GetCallerIdentity answered for
    that credential, and whether what is asked for is known to be there. Out: what was seen; a denial that is
    about something else shows nothing. Never raises for what AWS or the network answers.
    """
    started = timer()
    seen, status, code, request_id, message, answer = _attempt(client, probe, authorizes_first)
    if seen is Seen.DENIED and _about_something_else(probe, message, exists):
        seen = Seen.INCONCLUSIVE
    return Answer(
        principal=principal,
        action=probe.action,
        resource=probe.resource,
        call=probe.command,
        seen=seen,
        http_status=status,
        error_code=code,
        request_id=request_id,
        message=message,
        answer=answer,
        duration=timer() - started,
        identity=identity,
    )


def _attempt(
    client: Any, probe: Probe, authorizes_first: bool
) -> tuple[Seen, int | None, str | None, str | None, str, str]:
    method = getattr(client, _method(client, probe.operation))
    try:
        response = method(**probe.parameters)
    except ClientError as error:
        response = error.response
        code = str(response.get("Error", {}).get("Code", "Unknown"))
        message = str(response.get("Error", {}).get("Message", ""))
        status, request_id = _metadata(response)
        return (
            classify(code, message, authorizes_first=authorizes_first), status, code, request_id, message, ""
        )  # fmt: skip
    except ParamValidationError as error:
        return Seen.INCONCLUSIVE, None, "ParamValidation", None, str(error), ""
    except BotoCoreError as error:
        return Seen.INCONCLUSIVE, None, type(error).__name__, None, str(error), ""
    status, request_id = _metadata(response)
    return Seen.ALLOWED, status, None, request_id, "", _summary(response)


def _about_something_else(probe: Probe, message: str, exists: bool) -> bool:
    """Whether a denial may be over another action than the one that the probe is for.

    S3 answers 403 for an object that is not there to whoever may not list the bucket (S3 API Reference,
    "GetObject"), and does not always say that this is why.
    """
    named = denied_action(message)
    if named is not None:
        return named.lower() != probe.action.lower()
    return probe.service == "s3" and "Key" in probe.parameters and not exists


def _method(client: Any, operation: str) -> str:
    for method, name in client.meta.method_to_api_mapping.items():
        if name == operation:
            return str(method)
    raise AttributeError(f"{client.meta.service_model.service_name} has no operation {operation}")


def _metadata(response: Mapping[str, Any]) -> tuple[int | None, str | None]:
    metadata = response.get("ResponseMetadata", {})
    return metadata.get("HTTPStatusCode"), metadata.get("RequestId")


def _summary(response: Mapping[str, Any]) -> str:
    """The lists of an answer, counted, and ids in them: never values that could be secret."""
    parts: list[str] = []
    for name, value in response.items():
        if name == "ResponseMetadata" or not isinstance(value, list):
            continue
        found = [_identifier(item) for item in value]
        if name == "Reservations":
            instances = [i.get("InstanceId", "?") for item in value for i in item.get("Instances", ())]
            parts.append(f"{len(instances)} instances ({', '.join(instances[:3])})")
            continue
        named = [text for text in found if text][:3]
        parts.append(f"{len(value)} {name}" + (f" ({', '.join(named)})" if named else ""))
    return "; ".join(parts)


def _identifier(item: object) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, Mapping):
        for name in ("Arn", "Name", "Id"):
            if isinstance(item.get(name), str):
                return str(item[name])
    return ""
