"""Resources by the catalog's ARN formats, filled from parameters of the same names."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.resources.rules import Ask, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.iam.catalog import ResourceType

__all__ = ["fill"]

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_STANDING = ("Partition", "Region", "Account")


def fill(ask: Ask, kind: ResourceType) -> list[str] | None:
    """The ARNs of a resource type in a call; None where a variable has no parameter of its name.

    A parameter that holds a whole ARN of the type is taken as it is.
    """
    params = {name.lower(): value for name, value in ask.call.params.items()}
    for written in kind.arn_formats:
        # Some services call the account of the ARN by the name of a parameter.
        arn_format = written.replace(":${AccountId}:", ":${Account}:", 1)
        whole = list(_whole(ask, kind, arn_format, params))
        if whole:
            return whole
        variables = [name for name in _VARIABLE.findall(arn_format) if name not in _STANDING]
        choices = [_choices(name, kind.name, params) for name in variables]
        if variables and all(choices):
            return [
                _filled(ask, arn_format, dict(zip(variables, chosen, strict=True)))
                for chosen in product(*choices)
            ]
    return None


def _whole(ask: Ask, kind: ResourceType, arn_format: str, params: dict[str, Any]) -> Iterator[str]:
    pattern = _shape(arn_format)
    stem = _stem(kind.name)
    for name, value in params.items():
        plain = name.replace("_", "")
        if not (plain.endswith(("arn", "arns")) or stem in plain or plain in ("resourceid", "resource")):
            continue
        for item in listed(value):
            if isinstance(item, str) and item.startswith("arn:") and pattern.fullmatch(item):
                yield item


@lru_cache(maxsize=4096)
def _shape(arn_format: str) -> re.Pattern[str]:
    pieces = _VARIABLE.split(arn_format)
    return re.compile(
        "".join(
            re.escape(piece) if index % 2 == 0 else "[^:]*" if piece in _STANDING else ".+?"
            for index, piece in enumerate(pieces)
        ),
        re.DOTALL,
    )


def _stem(kind: str) -> str:
    return "".join(letter for letter in kind.lower() if letter.isalnum())


def _choices(variable: str, kind: str, params: dict[str, Any]) -> list[str]:
    base = variable.lower().removesuffix("withpath")
    stem = _stem(kind)
    names = [base, base + "s", base.removesuffix("id") + "name", base.removesuffix("name") + "id"]
    names += [stem + "name", stem + "id", stem + "identifier", stem + "ids", stem + "names", stem]
    if base in ("resourceid", "id"):
        names.append("id")
    if base in ("name", stem + "name"):
        names.append("name")
    for name in names:
        found = [item for item in listed(params.get(name)) if isinstance(item, (str, int))]
        if found:
            return [str(item) for item in found]
    return []


def _filled(ask: Ask, arn_format: str, values: dict[str, str]) -> str:
    standing = {
        "Partition": ask.call.partition,
        "Region": ask.call.region,
        "Account": ask.caller.account,
    }
    return _VARIABLE.sub(lambda match: standing.get(match[1]) or values[match[1]], arn_format)
