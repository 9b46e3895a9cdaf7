"""What is asked: one action of one principal on one resource, in one context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rolecall.iam.documents import canonical_value
from rolecall.iam.principals import Principal, read_principal

__all__ = ["ContextValue", "Request", "normalize_context"]

ContextValue = str | bool | int | float | bytes | Sequence[str | bool | int | float | bytes]
NormalValue = str | tuple[str, ...]


@dataclass(frozen=True, slots=True, init=False)
class Request:
    """A request to decide.

    In: the principal (a Principal or its ARN), the action ``service:Name``, the resource ARN (``"*"``
    where the action has none), the account that owns the resource (the ARN's, else the principal's),
    and the context keys exactly as given: nothing is invented. ``context`` holds them in lower case; a
    value is a string for a single-valued key and a tuple of strings for a multivalued one. Bytes become
    base64.
    """

    principal: Principal
    action: str
    resource: str
    resource_account: str | None
    context: Mapping[str, NormalValue] = field(hash=False)

    def __init__(
        self,
        principal: Principal | str,
        action: str,
        resource: str = "*",
        resource_account: str | None = None,
        context: Mapping[str, ContextValue] | None = None,
    ) -> None:
        who = read_principal(principal) if isinstance(principal, str) else principal
        put = object.__setattr__
        put(self, "principal", who)
        put(self, "action", action)
        put(self, "resource", resource)
        put(self, "resource_account", resource_account or _account_of(resource) or who.account)
        put(self, "context", normalize_context(context) if context else {})


def normalize_context(context: Mapping[str, ContextValue]) -> dict[str, NormalValue]:
    """Context keys in lower case, values as canonical strings or tuples of them."""
    return {
        key.lower(): (
            value
            if value.__class__ is str
            else tuple(_text(item) for item in value)
            if isinstance(value, (list, tuple))
            else _text(value)
        )
        for key, value in context.items()
    }


def _text(value: object) -> str:
    if isinstance(value, bytes):
        from base64 import b64encode

        return b64encode(value).decode()
    return canonical_value(value)


def _account_of(resource: str) -> str | None:
    if not resource.startswith("arn:"):
        return None
    fields = resource.split(":", 5)
    if len(fields) == 6 and len(fields[4]) == 12 and fields[4].isdigit():
        return fields[4]
    return None
