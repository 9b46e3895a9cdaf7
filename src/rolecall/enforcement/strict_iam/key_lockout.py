"""KMS's check that a key policy leaves its author able to change it again.

Source: KMS API Reference, CreateKey and PutKeyPolicy, Policy: "The key policy must allow the calling
principal to make a subsequent PutKeyPolicy request on the KMS key"; the sentence is in the acceptance tests
of terraform-provider-aws (testAccKey_policyBypass). That a key policy which leaves it to IAM does not
suffice for a caller without kms:PutKeyPolicy is reported by users of Terraform.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.authorization import authorize
from rolecall.enforcement.calls import ApiCall, ApiError, Caller
from rolecall.iam import parse_policy

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment

__all__ = ["check_key_lockout"]

_LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."


def check_key_lockout(call: ApiCall, caller: Caller, environment: Environment) -> None:
    """Raise KMS's error where the caller would lose the right to set the key policy that a call brings."""
    if call.service != "kms" or call.operation not in ("CreateKey", "PutKeyPolicy"):
        return
    text: Any = call.params.get("Policy")
    if not text or call.params.get("BypassPolicyLockoutSafetyCheck") is True:
        return
    # A key that does not exist yet is known by no id that a policy could name.
    key = str(call.params.get("KeyId") or "00000000-0000-0000-0000-000000000000")
    arn = f"arn:{call.partition}:kms:{call.region}:{caller.account}:key/{key}" if ":" not in key else key
    decision = authorize(
        environment,
        caller,
        "kms:PutKeyPolicy",
        arn,
        {"kms:CallerAccount": caller.account, "kms:BypassPolicyLockoutSafetyCheck": False},
        service="kms",
        resource_policy=parse_policy(text),
        http=call.http,
        region=call.region,
    )
    if not decision.allowed:
        raise ApiError("MalformedPolicyDocumentException", _LOCKED_OUT, 400)
