"""How the rules of one service are written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rolecall.enforcement.calls import ApiCall, Caller
    from rolecall.enforcement.checks import Check
    from rolecall.enforcement.environment import Environment
    from rolecall.iam.catalog import ResourceType
    from rolecall.iam.requests import ContextValue

__all__ = ["Ask", "ServiceRules", "listed"]


@dataclass(frozen=True, slots=True)
class Ask:
    """A call whose resources are wanted, with what they are told from."""

    call: ApiCall
    caller: Caller
    environment: Environment
    actions: tuple[str, ...]
    """The base actions of the operation, as the catalog has them."""

    def param(self, *names: str) -> Any:
        """The first of the parameters that is there, else None."""
        params = self.call.params
        return next((params[name] for name in names if params.get(name) not in (None, "")), None)

    def arn(
        self, service: str, resource: str, *, region: str | None = None, account: str | None = None
    ) -> str:
        """An ARN in the call's region and the caller's account, unless told otherwise (``""`` for none)."""
        where = self.call.region if region is None else region
        whose = self.caller.account if account is None else account
        return f"arn:{self.call.partition}:{service}:{where}:{whose}:{resource}"


Resolver = Callable[[Ask], Sequence[str] | None]
"""The ARNs of one resource type in a call; None where the call does not tell."""


@dataclass(frozen=True, slots=True)
class ServiceRules:
    """The rules of one boto3 service.

    ``types`` resolve a resource type of the catalog (lower case), ``resolve`` every other one in place of
    the generic rule. ``alternatives`` are sets of required types of which a call names one. ``operations``
    replace the derivation
    of an operation altogether; ``extra`` adds checks to it, ``on_create`` to every derived operation.
    ``created`` gives the ARNs of a required type that the call does not name. ``context`` gives the
    service's own condition
    keys for one action on one ARN; ``tags`` the tags that the resource of an ARN has now; ``brought`` the
    keys of the tags that the call brings for it, in place of all tags of the call; ``unknown`` names, in
    lower case, keys that are not told for an ARN in this call although they are elsewhere. ``behind`` puts
    other checks in the place of one, after all of them were found.
    """

    types: Mapping[str, Resolver] = field(default_factory=dict)
    resolve: Callable[[Ask, ResourceType], Sequence[str] | None] | None = None
    alternatives: tuple[frozenset[str], ...] = ()
    operations: Mapping[str, Callable[[Ask], Iterable[Check]]] = field(default_factory=dict)
    extra: Mapping[str, Callable[[Ask], Iterable[Check]]] = field(default_factory=dict)
    on_create: Callable[[Ask], Iterable[Check]] | None = None
    created: Callable[[Ask, str], Sequence[str]] | None = None
    context: Callable[[Ask, str, str], Mapping[str, ContextValue]] | None = None
    tags: Callable[[Ask, str], Mapping[str, str]] | None = None
    brought: Callable[[Ask, str], Mapping[str, ContextValue]] | None = None
    unknown: Callable[[Ask, str], frozenset[str]] | None = None
    behind: Callable[[Ask, Check], Iterable[Check]] | None = None


def listed(value: Any) -> list[Any]:
    """A value as a list: a list as it is, nothing as an empty one."""
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
