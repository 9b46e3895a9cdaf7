"""The limits that a service model puts on parameters, in the words in which AWS refuses them.

The models that ship with botocore carry length, value and pattern constraints; botocore itself checks
only the lower limits. AWS answers code ``ValidationError`` and HTTP status 400 (IAM and STS API
references, "Common Errors"). Reports of IAM's answer show the value of a name that is too long, and none for
tags; for the other parameters of IAM none was found, and the value is left out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.model import OperationModel, Shape

__all__ = ["check_constraints", "validation_error"]

_NAME_PATTERNS = (r"[\w+=,.@-]+",)
_PATH_PATTERNS = (r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)", r"((/[A-Za-z0-9\.,\+@=_-]+)*)/")


def validation_error(message: str) -> ApiError:
    """A ``ValidationError``, HTTP 400."""
    return ApiError("ValidationError", message, 400)


def check_constraints(service: str, operation: str, params: Mapping[str, Any]) -> None:
    """Raise ``ValidationError`` unless the parameters fit the service model.

    In: the boto3 name of the service, the operation and its parameters in the model's shapes.
    """
    model = _operation(service, operation)
    if model.input_shape is None:
        return
    for name in model.input_shape.required_members:
        if params.get(name) is None:
            raise validation_error(
                f"1 validation error detected: Value null at '{_lower(name)}' failed to satisfy constraint: "
                "Member must not be null"
            )
    found = list(_violations(model.input_shape, params, ""))
    if not found:
        return
    place, _, shape, constraint = found[0]
    if service == "iam" and constraint.startswith("Member must satisfy regular"):
        special = _iam_wording(place, shape)
        if special is not None:
            raise validation_error(special)
    texts = []
    for place, value, shape, constraint in found:
        echo = service == "sts" or (place.endswith("Name") and "." not in place)
        shown = f"'{value}' " if echo and not shape.metadata.get("sensitive") else ""
        texts.append(f"Value {shown}at '{place}' failed to satisfy constraint: {constraint}")
    noun = "error" if len(texts) == 1 else "errors"
    raise validation_error(f"{len(texts)} validation {noun} detected: {'; '.join(texts)}")


def _iam_wording(place: str, shape: Shape) -> str | None:
    """IAM's own sentence for names and paths, where it does not use the general one."""
    pattern = shape.metadata.get("pattern")
    if pattern in _NAME_PATTERNS and "." not in place:
        return (
            f"The specified value for {place} is invalid. It must contain only alphanumeric characters "
            "and/or the following: +=,.@_-"
        )
    if pattern in _PATH_PATTERNS:
        return (
            f"The specified value for {place} is invalid. It must begin and end with / and contain only "
            "alphanumeric characters and/or / characters."
        )
    return None


def _violations(shape: Shape, value: Any, place: str) -> Iterator[tuple[str, Any, Shape, str]]:
    if value is None:
        return
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if name in value:
                here = f"{place}.{_lower(name)}" if place else _lower(name)
                yield from _violations(member, value[name], here)
        return
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name == "list":
        yield from _sized(shape, value, place, len(value), low, high)
        for number, item in enumerate(value, 1):
            yield from _violations(shape.member, item, f"{place}.{number}.member")
    elif shape.type_name == "string":
        text = str(value)
        yield from _sized(shape, text, place, len(text), low, high)
        pattern = shape.metadata.get("pattern")
        if pattern and not _matches(pattern, text):
            yield place, text, shape, f"Member must satisfy regular expression pattern: {pattern}"
        choices = getattr(shape, "enum", None)
        if choices and text not in choices:
            yield place, text, shape, f"Member must satisfy enum value set: [{', '.join(choices)}]"
    elif shape.type_name in ("integer", "long"):
        if low is not None and value < low:
            yield place, value, shape, f"Member must have value greater than or equal to {low}"
        if high is not None and value > high:
            yield place, value, shape, f"Member must have value less than or equal to {high}"


def _sized(
    shape: Shape, value: Any, place: str, length: int, low: int | None, high: int | None
) -> Iterator[tuple[str, Any, Shape, str]]:
    if low is not None and length < low:
        yield place, value, shape, f"Member must have length greater than or equal to {low}"
    if high is not None and length > high:
        yield place, value, shape, f"Member must have length less than or equal to {high}"


def _matches(pattern: str, text: str) -> bool:
    if r"\p{" in pattern:
        return _matches_letters(pattern, text)
    return _compiled(pattern).fullmatch(text) is not None


def _matches_letters(pattern: str, text: str) -> bool:
    """``[\\p{L}\\p{Z}\\p{N}…]``, which Python's expressions do not know: character by character."""
    rest = pattern[1 : pattern.rindex("]")].replace(r"\p{L}", "").replace(r"\p{Z}", "").replace(r"\p{N}", "")
    extra = rest.replace("\\", "")
    if not text:
        return pattern.endswith("*")
    return all(char in extra or unicodedata.category(char)[0] in "LZN" for char in text)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # Java writes a character beyond the basic plane as \u10000; Python wants \U00010000.
    pattern = re.sub(r"\\u(10[0-9A-F]{4}|10000)", lambda found: f"\\U{int(found[1], 16):08x}", pattern)
    return re.compile(pattern, re.ASCII)


@cache
def _operation(service: str, operation: str) -> OperationModel:
    # moto keeps the models that it has read; reading one takes milliseconds.
    from moto.core.utils import get_service_model

    return get_service_model(service).operation_model(operation)


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]
