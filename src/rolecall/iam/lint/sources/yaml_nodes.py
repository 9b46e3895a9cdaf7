"""YAML with the short forms of CloudFormation (``!Sub``, ``!GetAtt``), and where everything stands."""

from __future__ import annotations

from typing import Any

from rolecall.errors import InputError, MalformedPolicyDocument
from rolecall.iam.findings import Locate
from rolecall.iam.strict_json import JsonPath, Place
from rolecall.iam.yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode, compose_yaml, place_of_node

__all__ = ["read_yaml"]

_TAG = "tag:yaml.org,2002:"


def read_yaml(source: str | bytes, *, file: str | None = None) -> tuple[Any, Locate]:
    """The value of a YAML document with long forms of all functions, and its places.

    Dates stay the text that they are. Raises MalformedPolicyDocument for what is not YAML, for repeated
    keys, and for documents that grow out of proportion through their aliases.
    """
    try:
        node = compose_yaml(source.decode("utf-8") if isinstance(source, bytes) else source, file=file)
    except UnicodeDecodeError:
        raise MalformedPolicyDocument("is not valid YAML: it is not UTF-8", file=file) from None
    except InputError as error:
        raise MalformedPolicyDocument(
            error.message, file=file, line=error.line, column=error.column, hint=error.hint
        ) from None
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

    def read(self, node: Node, path: JsonPath) -> Any:
        self.values[path] = place_of_node(node)
        tag = str(node.tag or "")
        if tag.startswith("!") and len(tag) > 1:
            name = "Ref" if tag == "!Ref" else "Condition" if tag == "!Condition" else f"Fn::{tag[1:]}"
            inner = self.plain(node, (*path, name))
            if name == "Fn::GetAtt" and isinstance(inner, str):
                inner = inner.split(".", 1)
            return {name: inner}
        return self.plain(node, path)

    def plain(self, node: Node, path: JsonPath) -> Any:
        self.values[path] = place_of_node(node)
        if isinstance(node, SequenceNode):
            return [self.read(child, (*path, index)) for index, child in enumerate(node.value)]
        if isinstance(node, MappingNode):
            found: dict[str, Any] = {}
            for key_node, child in node.value:
                key = str(key_node.value)
                if key in found:
                    place = place_of_node(key_node)
                    raise MalformedPolicyDocument(
                        f'repeats the key "{key}"', file=self.file, line=place.line, column=place.column
                    )
                self.keys[(*path, key)] = place_of_node(key_node)
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
