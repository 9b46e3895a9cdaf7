"""Which condition keys AWS would give an action that rolecall cannot tell.

Source: Service Authorization Reference, the condition keys that each service lists. ``condition_keys.json``
says per service which keys are provided exactly when AWS has them, and which AWS leaves out of such requests
as well (they come with another service's call, an attestation, an experiment).
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.resources import RULED_SERVICES
from rolecall.iam.catalog import load_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rolecall.enforcement.checks import Check

__all__ = ["absent_keys", "carried_keys", "keys_of_making", "unknown_to"]


@cache
def carried_keys(prefix: str) -> frozenset[str]:
    """The keys of a service prefix whose absence tells something, in lower case, with their placeholders."""
    return frozenset(key.lower() for key in _table()["carried"].get(prefix, ()))


@cache
def keys_of_making(prefix: str) -> frozenset[str]:
    """The keys that are carried where the resource is what the call creates."""
    return frozenset(key.lower() for key in _table()["carried_by_making"].get(prefix, ()))


@cache
def absent_keys(prefix: str) -> Mapping[str, str]:
    """The keys of a service prefix that AWS leaves out too, in lower case, with the reason."""
    return {key.lower(): why for key, why in _table()["absent"].get(prefix, {}).items()}


def unknown_to(service: str, check: Check, context: Mapping[str, Any]) -> Callable[[str], bool]:
    """A test on a key in lower case: does AWS give it to this check, and rolecall cannot?

    ``context`` is the request's, its keys in lower case. A service without rules has none of its own keys
    and no tags of its resources.
    """

    def unknown(key: str) -> bool:
        if key in context:
            return False
        if key in check.unknown_keys or key.partition("/")[0] + "/" in check.unknown_keys:
            return True
        prefix = check.action.partition(":")[0].lower()
        own = key.partition(":")[0]
        if own == "aws":
            return (
                key.startswith("aws:resourcetag/")
                and check.resource != "*"
                and service not in RULED_SERVICES
                and prefix not in ("iam", "sts")
            )
        made = check.resource.endswith("/*")
        return own == prefix and _is_unknown(prefix, key, check.action, _type_of(check.resource), made)

    return unknown


@lru_cache(maxsize=4096)
def _is_unknown(prefix: str, key: str, action: str, types: frozenset[str], made: bool) -> bool:
    catalog = load_catalog()
    listed = catalog.condition_key(key)
    found = catalog.action(action)
    if listed is None or found is None:
        return False  # AWS knows no such key: it is as absent there
    name = listed.name.lower()
    given = {known.lower() for known in found.condition_keys}
    for use in found.resources:
        if not types or use.type.lower() in types:
            given.update(known.lower() for known in use.condition_keys)
    told = carried_keys(prefix) | keys_of_making(prefix) if made else carried_keys(prefix)
    return name in given and name not in told and name not in absent_keys(prefix)


@lru_cache(maxsize=4096)
def _type_of(resource: str) -> frozenset[str]:
    """The resource types of an ARN, in lower case; empty where it is none."""
    return frozenset(kind.name.lower() for kind in load_catalog().types_of_arn(resource))


@cache
def _table() -> dict[str, Any]:
    text = files("rolecall.enforcement").joinpath("condition_keys.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]
