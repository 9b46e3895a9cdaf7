"""What jsonschema reports, said in the words of the policy language.

The schemas are written without alternatives (``anyOf``), so every report is about one value and one rule;
the title of the rule's schema tells which sentence fits.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from rolecall.iam.findings import Remark, path_text
from rolecall.iam.schemas.kinds import KIND_NAMES, PolicyKind
from rolecall.iam.schemas.principal_advice import explain_principal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.exceptions import ValidationError

    from rolecall.iam.strict_json import JsonPath

__all__ = ["nearest", "sentences", "shown"]

_ELEMENTS = (
    "Version",
    "Id",
    "Statement",
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_TYPE_NAMES = {
    "object": "an object",
    "array": "a list",
    "string": "a string",
    "number": "a number",
    "boolean": "a boolean",
}
_NOT_HERE = {
    ("identity", "Principal"): "it is about whoever it is attached to",
    ("boundary", "Principal"): "it is about whoever it is attached to",
    ("session", "Principal"): "it is about the session it is passed to",
    ("scp", "Principal"): "it is about every principal of the accounts it is attached to",
    ("trust", "Resource"): "its resource is the role that it hangs on",
    ("trust", "NotResource"): "its resource is the role that it hangs on",
    ("trust", "NotPrincipal"): "name who is trusted with Principal",
    ("trust", "NotAction"): "name the actions of STS with Action",
    ("rcp", "NotAction"): "name the actions with Action",
}


def sentences(error: ValidationError, kind: PolicyKind) -> Iterator[Remark]:
    """One or more remarks for one report of jsonschema."""
    path: JsonPath = tuple(error.absolute_path)
    schema: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    title = str(schema.get("title", ""))
    value: Any = error.instance
    given: Any = error.validator_value
    where = path_text(path)
    match error.validator:
        case "additionalProperties":
            yield from _unknown_members(path, value, schema, kind)
        case "required":
            for name in given:
                if name not in value:
                    yield Remark("schema", path, f"{where} has no {name}", suggestion=_misspelt(name, value))
        case "oneOf" if not isinstance(value, dict):
            return  # its type is wrong, which is said already
        case "oneOf":
            yield from _exactly_one(path, value, given)
        case "enum" if title == "condition operator":
            yield from _unknown_operator(path, value, given)
        case "enum":
            allowed = " or ".join(json.dumps(one) for one in given)
            extra = f" in {KIND_NAMES[kind]}" if len(given) == 1 else ""
            close = nearest(value, given)
            yield _remark(path, f"{where} must be {allowed}{extra}, not {shown(value)}", close)
        case "pattern" if title == "condition key":
            message = f'{where} has the key {shown(value)}; a condition key is "service:name"'
            yield Remark("schema", (*path, value), message, of_key=True)
        case "pattern":
            sentence, close = _wrong_string(title, value, kind)
            yield _remark(path, f"{where} {sentence}", close)
        case "type":
            yield _wrong_type(path, value, given)
        case "minItems" | "minProperties":
            yield Remark("schema", path, f"{where} must not be empty")
        case _:
            yield Remark("schema", path, f"{where} is not as the policy language has it: {shown(value)}")


def nearest(name: object, known: Any) -> str | None:
    """The known name that was probably meant, or None."""
    if not isinstance(name, str):
        return None
    by_folded: dict[str, str] = {one.casefold(): one for one in known}
    if name.casefold().strip() in by_folded:
        return by_folded[name.casefold().strip()]
    close = get_close_matches(name.casefold(), list(by_folded), 1, 0.75)
    return by_folded[close[0]] if close else None


def shown(value: object) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:117]}..."


def _remark(path: JsonPath, message: str, close: str | None) -> Remark:
    return Remark("schema", path, message, suggestion=f'did you mean "{close}"?' if close else None)


def _unknown_members(path: JsonPath, value: Any, schema: Any, kind: PolicyKind) -> Iterator[Remark]:
    known = schema.get("properties", {})
    for name in value:
        if name in known:
            continue
        reason = _NOT_HERE.get(
            (kind, name.removeprefix("Not") if name == "NotPrincipal" and kind != "trust" else name)
        )
        here = (*path, name)
        if schema.get("title") == "Principal":
            listed = ", ".join(known)
            message = f'{path_text(path)} has no kind "{name}"; it has {listed}'
        elif name in _ELEMENTS:
            because = f": {reason}" if reason else ""
            message = f"{path_text(here)} does not belong in {KIND_NAMES[kind]}{because}"
        else:
            message = f"{path_text(path)} has no element {shown(name)}"
        close = nearest(name, known) if name not in _ELEMENTS else None
        suggestion = f'did you mean "{close}"?' if close else None
        yield Remark("schema", here, message, suggestion=suggestion, of_key=True)


def _misspelt(name: str, value: Any) -> str | None:
    close = [given for given in value if given not in _ELEMENTS and nearest(given, [name])]
    return f'"{close[0]}" should be "{name}"' if close else None


def _exactly_one(path: JsonPath, value: Any, choices: Any) -> Iterator[Remark]:
    names = [choice["required"][0] for choice in choices]
    where = path_text(path)
    if all(name in value for name in names):
        message = f"{where} has both {' and '.join(names)}; keep one"
        yield Remark("schema", (*path, names[1]), message, of_key=True)
    else:
        yield Remark(
            "schema", path, f"{where} has no {' and no '.join(names)}", suggestion=_misspelt(names[0], value)
        )


def _unknown_operator(path: JsonPath, name: Any, known: Any) -> Iterator[Remark]:
    close = nearest(name, known)
    hint = f'did you mean "{close}"?' if close else None
    if "IfExists" in name and "Null" in name:
        hint = 'Null tests for presence itself: use "Null"'
    message = f"{path_text(path)} has no operator {shown(name)}"
    yield Remark("schema", (*path, name), message, suggestion=hint, of_key=True)


def _wrong_type(path: JsonPath, value: object, expected: Any) -> Remark:
    names = [expected] if isinstance(expected, str) else list(expected)
    where = path_text(path)
    hint = None
    if path == () and isinstance(value, str):
        return Remark(
            "schema", path, "the document is a JSON string, not an object", suggestion="it was encoded twice"
        )
    if path and path[0] == "Statement" and names == ["object", "array"]:
        wanted = "an object or a list of objects"
    elif names == ["string", "array"]:
        wanted = "a string or a list of strings"
    else:
        wanted = " or ".join(_TYPE_NAMES[name] for name in names)
    if path and path[-1] in ("Principal", "NotPrincipal") and isinstance(value, list):
        wanted = '"*" or an object such as {"AWS": ...}'
    if isinstance(value, (int, float)) and not isinstance(value, bool) and "string" in names:
        hint = f'put it in quotes: "{value}"'
    return Remark("schema", path, f"{where} must be {wanted}, not {_type_of(value)}", suggestion=hint)


def _type_of(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"the boolean {json.dumps(value)}"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the string {shown(value)}"
    return "an object" if isinstance(value, dict) else "a list"


def _wrong_string(title: str, value: Any, kind: PolicyKind) -> tuple[str, str | None]:
    said = shown(value)
    match title:
        case "Sid":
            return f"may hold letters and digits only, not {said}", None
        case "action" | "named action":
            return _wrong_action(title, value, kind)
        case "resource":
            return f'must be an ARN (arn:partition:service:region:account:resource) or "*", not {said}', None
        case "complete resource":
            return (
                f'must be an ARN with all six fields or "*", not {said}: session policies complete nothing',
                None,
            )
        case "resource of a resource-based policy":
            return f'must be an ARN or "*", not {said}', None
        case "everybody":
            return f'must be "*" or an object such as {{"AWS": {said}}}, not the string {said}', None
        case _:
            return explain_principal(title, value)


def _wrong_action(title: str, value: str, kind: PolicyKind) -> tuple[str, str | None]:
    said = shown(value)
    if title == "named action" and value.startswith("*"):
        return f"must name a service: {KIND_NAMES[kind]} does not take {said}", None
    if value != value.strip():
        return f"has white space around the action {said}", value.strip()
    if ":" not in value:
        return f'must be "service:Name" or "*", not {said}', None
    if value.count(":") > 1:
        return f'must be "service:Name" with one colon, not {said}', None
    if "${" in value:
        return f"must not hold a policy variable: {said}", None
    prefix, _, name = value.partition(":")
    if not prefix or not name:
        return f'must be "service:Name", not {said}', None
    return f'must be "service:Name" of letters and digits, with * and ? as wildcards, not {said}', None
