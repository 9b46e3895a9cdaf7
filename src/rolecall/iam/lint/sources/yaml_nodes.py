"""YAML with the short forms of CloudFormation (``!Sub``, ``!GetAtt``), and where everything stands."""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from rolecall.errors import MalformedPolicyDocument
from rolecall.iam.findings import Locate
from rolecall.iam.strict_json import MAX_DEPTH, JsonPath, Place

__all__ = ["read_yaml"]

_MOST_NODES = 500_000
_TAG = "tag:yaml.org,2002:"


def read_yaml(source: str | bytes, *, file: str | None = None) -> tuple[Any, Locate]:
    """The value of a YAML document with long forms of all functions, and its places.

    Dates stay the text that they are. Raises MalformedPolicyDocument for what is not YAML, for repeated
    keys, and for documents that grow out of proportion through their aliases.
    """
    try:
        text = source.decode("utf-8") if isinstance(source, bytes) else source
        node = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "is not YAML"
        raise _refusal(f"is not valid YAML: {problem}", file, mark) from None
    except (YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise MalformedPolicyDocument(f"is not valid YAML: {type(error).__name__}", file=file) from None
    values: dict[JsonPath, Place] = {(): Place(1, 1)}
    keys: dict[JsonPath, Place] = {}
    value = None if node is None else _Reader(values, keys, file).read(node, ())

    def locate(path: JsonPath, of_key: bool = False) -> Place:
        if of_key and path in keys:
            return keys[path]
        while path not in values:
            path = path[:-1]
        return values[path]

    return value, locate


class _Reader:
    def __init__(self, values: dict[JsonPath, Place], keys: dict[JsonPath, Place], file: str | None) -> None:
        self.values = values
        self.keys = keys
        self.file = file

    def read(self, node: Any, path: JsonPath) -> Any:
        if len(path) > MAX_DEPTH or len(self.values) > _MOST_NODES:
            raise _refusal("is nested too deeply or grows too large", self.file, node.start_mark)
        self.values[path] = _place(node.start_mark)
        tag = str(node.tag or "")
        if tag.startswith("!") and len(tag) > 1:
            name = "Ref" if tag == "!Ref" else "Condition" if tag == "!Condition" else f"Fn::{tag[1:]}"
            inner = self.plain(node, (*path, name))
            if name == "Fn::GetAtt" and isinstance(inner, str):
                inner = inner.split(".", 1)
            return {name: inner}
        return self.plain(node, path)

    def plain(self, node: Any, path: JsonPath) -> Any:
        self.values[path] = _place(node.start_mark)
        if isinstance(node, SequenceNode):
            return [self.read(child, (*path, index)) for index, child in enumerate(node.value)]
        if isinstance(node, MappingNode):
            found: dict[str, Any] = {}
            for key_node, child in node.value:
                key = str(key_node.value)
                if key in found:
                    raise _refusal(f'repeats the key "{key}"', self.file, key_node.start_mark)
                self.keys[(*path, key)] = _place(key_node.start_mark)
                found[key] = self.read(child, (*path, key))
            return found
        return _scalar(node)


def _scalar(node: ScalarNode) -> Any:
    text = str(node.value)
    if node.style in ("'", '"', "|", ">"):
        return text
    match str(node.tag).removeprefix(_TAG):
        case "null":
            return None
        case "bool":
            return text.lower() in ("true", "yes", "on")
        case "int" if text.isdigit() and (text == "0" or not text.startswith("0")) and len(text) < 12:
            return int(text)
        case _:
            return text


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _refusal(message: str, file: str | None, mark: Any) -> MalformedPolicyDocument:
    place = _place(mark) if mark is not None else Place(1, 1)
    return MalformedPolicyDocument(message, file=file, line=place.line, column=place.column)
