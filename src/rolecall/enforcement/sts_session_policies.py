"""Session policies: inline and by ARN, their limits, and how much of the packed size they take.

Source: STS API Reference, AssumeRole and GetFederationToken (``Policy``, ``PolicyArns``,
``PackedPolicySize``): one inline policy and at most ten ARNs, 2,048 characters of plain text together.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiError
from rolecall.enforcement.documents import stored_policy
from rolecall.enforcement.strict_iam.constraints import validation_error
from rolecall.enforcement.strict_iam.documents import read_session_policy
from rolecall.iam import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.environment import Environment

__all__ = ["SessionPolicies", "packed_size", "read_session_policies", "resolve_session_policies"]

_PLAIN_TEXT_LIMIT = 2048
_ARN_LIMIT = 10
# STS packs policies and tags into a binary form that is not documented. Tags: nine of 252 characters
# were observed to take 498 %. Policies: an estimate that lets any plain text within the limit pass.
_PACKED_TAG_BYTES = 456
_PACKED_POLICY_BYTES = 1400


@dataclass(frozen=True, slots=True)
class SessionPolicies:
    """What a call passes: the inline policy, if any, and the ARNs of managed policies."""

    inline: Policy | None
    arns: tuple[str, ...]
    text: str = ""

    def __bool__(self) -> bool:
        """Whether any was passed."""
        return self.inline is not None or bool(self.arns)


def read_session_policies(params: Mapping[str, Any]) -> SessionPolicies:
    """The session policies of a call, or the error of STS.

    Raises ValidationError for too much plain text or too many ARNs, MalformedPolicyDocument for a
    document that is not an identity-type policy with complete ARNs.
    """
    text: str = params.get("Policy") or ""
    arns = tuple(item["arn"] for item in params.get("PolicyArns") or () if "arn" in item)
    if len(arns) > _ARN_LIMIT:
        raise validation_error(
            f"1 validation error detected: Value at 'policyArns' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_ARN_LIMIT}"
        )
    if len(text) + sum(map(len, arns)) > _PLAIN_TEXT_LIMIT:
        raise validation_error(
            f"1 validation error detected: Value '{text}' at 'policy' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_PLAIN_TEXT_LIMIT}"
        )
    return SessionPolicies(read_session_policy(text) if text else None, arns, text)


def resolve_session_policies(
    environment: Environment, account: str, passed: SessionPolicies
) -> tuple[Policy, ...] | None:
    """The documents of what was passed, None where nothing was.

    Managed policies are those of ``account`` and of AWS. Raises ValidationError for an ARN that is none.
    """
    if not passed:
        return None
    found = [passed.inline] if passed.inline is not None else []
    for arn in passed.arns:
        policy = environment.managed_policy(account, arn)
        if policy is None:
            raise validation_error(f"Policy {arn} does not exist or is not attachable.")
        version = next(one for one in policy.versions if one.version_id == policy.default_version_id)
        found.append(stored_policy(version.document, arn))
    return tuple(found)


def packed_size(policies: SessionPolicies, tags: Mapping[str, str]) -> int | None:
    """Percent of the packed size that policies and tags take together; None where there are none.

    An estimate, since AWS does not document its binary form. Raises PackedPolicyTooLarge above 100.
    """
    if not policies and not tags:
        return None
    tag_bytes = sum(len(key.encode()) + len(value.encode()) for key, value in tags.items())
    tag_share = _percent(tag_bytes, _PACKED_TAG_BYTES)
    if tag_share > 100:
        raise _too_large(f"Packed size of session tags consumes {tag_share}% of allotted space.")
    plain = "\n".join((policies.text, *policies.arns)).strip()
    policy_share = _percent(len(zlib.compress(plain.encode(), 9)), _PACKED_POLICY_BYTES) if plain else 0
    total = tag_share + policy_share
    if total > 100:
        raise _too_large(f"Packed policy consumes {total}% of allotted space, please use smaller policy.")
    return total


def _percent(part: int, whole: int) -> int:
    return -(-part * 100 // whole)


def _too_large(message: str) -> ApiError:
    return ApiError("PackedPolicyTooLarge", message, 400)
