"""The answer of ``aws iam get-account-authorization-details``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rolecall.iam.lint.sources.found import FoundPolicy, Outer, found_in_value
from rolecall.iam.schemas.sizes import StoredAs
from rolecall.iam.strict_json import JsonPath

__all__ = ["is_account_details", "policies_of_account"]

_LISTS: dict[str, tuple[str, StoredAs]] = {
    "UserDetailList": ("UserPolicyList", "user-inline"),
    "GroupDetailList": ("GroupPolicyList", "group-inline"),
    "RoleDetailList": ("RolePolicyList", "role-inline"),
}
_ACCOUNT = re.compile(r"arn:[^:]+:iam::([0-9]{12}):")


def is_account_details(value: Any) -> bool:
    """Whether a JSON value is such an answer."""
    return isinstance(value, dict) and any(isinstance(value.get(name), list) for name in _LISTS)


def policies_of_account(outer: Outer) -> Iterator[FoundPolicy]:
    """Trust policies, inline policies and the default versions of the account's own managed policies."""
    for name, (inline, stored_as) in _LISTS.items():
        for path, entity in _entries(outer.value, (name,)):
            account = _account(entity)
            if "AssumeRolePolicyDocument" in entity:
                at = (*path, "AssumeRolePolicyDocument")
                yield from found_in_value(
                    outer, at, entity["AssumeRolePolicyDocument"], "trust", None, account
                )
            for policy_path, policy in _entries(entity, (inline,)):
                at = (*path, *policy_path, "PolicyDocument")
                yield from found_in_value(
                    outer, at, policy.get("PolicyDocument"), "identity", stored_as, account
                )
    for path, policy in _entries(outer.value, ("Policies",)):
        if ":iam::aws:policy/" in str(policy.get("Arn")):
            continue  # AWS's own: nobody here can change them
        for version_path, version in _entries(policy, ("PolicyVersionList",)):
            if version.get("IsDefaultVersion", True):
                at = (*path, *version_path, "Document")
                yield from found_in_value(
                    outer, at, version.get("Document"), "identity", "managed", _account(policy)
                )


def _entries(value: dict[str, Any], path: tuple[str]) -> Iterator[tuple[JsonPath, dict[str, Any]]]:
    listed = value.get(path[0])
    for index, entry in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(entry, dict):
            yield (*path, index), entry


def _account(entity: dict[str, Any]) -> str | None:
    match = _ACCOUNT.match(str(entity.get("Arn")))
    return match.group(1) if match else None
