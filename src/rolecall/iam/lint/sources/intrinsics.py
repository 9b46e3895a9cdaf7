"""Intrinsic functions of CloudFormation, resolved as far as a template alone tells.

What is known only when the stack is made becomes a placeholder of the right shape, and its path is kept,
so that nothing is said about it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from rolecall.iam.strict_json import JsonPath

__all__ = ["Resolved", "Resolver"]

_PSEUDO = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "stack",
    "AWS::StackId": "stack",
    "AWS::NotificationARNs": "arn:aws:sns:us-east-1:111122223333:topic",
}
_UNKNOWN = "placeholder"
_UNKNOWN_ARN = "arn:${p}:${s}:${r}:${a}:${x}"
_REFERENCE = re.compile(r"\$\{(!?)([^}]*)\}")


class _Nothing:
    """What AWS::NoValue stands for."""


_NOTHING = _Nothing()


@dataclass(frozen=True, slots=True)
class Resolved:
    """A value without intrinsic functions, the original path of everything in it, and opaque paths."""

    value: Any
    origins: dict[JsonPath, JsonPath] = field(default_factory=dict)
    opaque: frozenset[JsonPath] = frozenset()


class Resolver:
    """Resolves parts of one template."""

    def __init__(self, template: dict[str, Any]) -> None:
        parameters = template.get("Parameters")
        self._defaults: dict[str, str] = {}
        for name, parameter in (parameters if isinstance(parameters, dict) else {}).items():
            default = parameter.get("Default") if isinstance(parameter, dict) else None
            if isinstance(default, (str, int)) and not isinstance(default, bool) and default != "":
                self._defaults[name] = str(default)

    def document(self, raw: Any) -> Resolved:
        """A policy document of the template."""
        origins: dict[JsonPath, JsonPath] = {}
        opaque: set[JsonPath] = set()
        value = self._walk(raw, (), (), origins, opaque)
        return Resolved(value, origins, frozenset(opaque))

    def _walk(
        self,
        raw: Any,
        path: JsonPath,
        origin: JsonPath,
        origins: dict[JsonPath, JsonPath],
        opaque: set[JsonPath],
    ) -> Any:
        origins[path] = origin
        if isinstance(raw, list):
            found: list[Any] = []
            for index, item in enumerate(raw):
                value = self._walk(item, (*path, len(found)), (*origin, index), origins, opaque)
                if value is _NOTHING:
                    continue
                found.append(value)
            return found
        if not isinstance(raw, dict):
            return raw
        if len(raw) == 1:
            name, argument = next(iter(raw.items()))
            if name == "Fn::If" and isinstance(argument, list) and len(argument) == 3:
                branch = 2 if argument[1] == {"Ref": "AWS::NoValue"} else 1
                return self._walk(argument[branch], path, (*origin, name, branch), origins, opaque)
            if name == "Ref" or name.startswith("Fn::") or (name == "Condition" and not path):
                if argument == "AWS::NoValue":
                    return _NOTHING
                text, known = self._text(raw)
                if not known:
                    opaque.add(path)
                return _shaped(text, path, opaque)
        values = {
            key: self._walk(item, (*path, key), (*origin, key), origins, opaque) for key, item in raw.items()
        }
        return {key: value for key, value in values.items() if value is not _NOTHING}

    def _text(self, raw: Any) -> tuple[str, bool]:
        """The text of an intrinsic function, and whether all of it is known."""
        if isinstance(raw, str):
            return raw, True
        if not isinstance(raw, dict) or len(raw) != 1:
            return _UNKNOWN, False
        name, argument = next(iter(raw.items()))
        if name == "Ref" and isinstance(argument, str):
            known = _PSEUDO.get(argument, self._defaults.get(argument))
            return (known, True) if known is not None else (_UNKNOWN, False)
        if name == "Fn::Sub":
            return self._sub(argument)
        if (
            name == "Fn::Join"
            and isinstance(argument, list)
            and len(argument) == 2
            and isinstance(argument[1], list)
        ):
            pieces = [self._text(piece) for piece in argument[1]]
            return str(argument[0]).join(text for text, _ in pieces), all(known for _, known in pieces)
        return _UNKNOWN, False

    def _sub(self, argument: Any) -> tuple[str, bool]:
        template, own = argument, {}
        if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict):
            template, own = argument
        if not isinstance(template, str):
            return _UNKNOWN, False
        known = True

        def put(match: re.Match[str]) -> str:
            nonlocal known
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            if name in own:
                text, whole = self._text(own[name])
                known = known and whole
                return text
            value = _PSEUDO.get(name, self._defaults.get(name))
            known = known and value is not None
            return _UNKNOWN if value is None else value

        return _REFERENCE.sub(put, template), known


def _shaped(text: str, path: JsonPath, opaque: set[JsonPath]) -> str:
    """A placeholder of the shape that its place asks for, where the text itself has not got it."""
    elements = [part for part in path if isinstance(part, str)]
    if path not in opaque:
        return text
    if "Resource" in elements[1:2] or "NotResource" in elements[1:2]:
        return text if text.startswith("arn:") or text == "*" else _UNKNOWN_ARN
    if elements[1:3] in (["Principal", "AWS"], ["NotPrincipal", "AWS"]):
        return text if text.startswith("arn:") else "arn:aws:iam::111122223333:root"
    if elements[1:3] == ["Principal", "Service"]:
        return "ec2.amazonaws.com"
    if elements[1:3] == ["Principal", "Federated"]:
        return text if text.startswith("arn:") else "arn:aws:iam::111122223333:saml-provider/placeholder"
    if elements[1:2] in (["Action"], ["NotAction"]):
        return text if ":" in text else "placeholder:Placeholder"
    return "Allow" if elements[-1:] == ["Effect"] else text
