"""The documents that a call saves, checked by their kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.enforcement.strict_iam.documents import read_identity_policy, read_trust_policy
from rolecall.enforcement.strict_iam.shared_issuers import check_shared_issuers
from rolecall.enforcement.strict_iam.trust_principals import check_trust_principals

if TYPE_CHECKING:
    from rolecall.enforcement.calls import ApiCall
    from rolecall.enforcement.environment import Environment

__all__ = ["check_documents"]

_INLINE = ("PutUserPolicy", "PutGroupPolicy", "PutRolePolicy")
_MANAGED = ("CreatePolicy", "CreatePolicyVersion")


def check_documents(call: ApiCall, environment: Environment) -> None:
    """Raise MalformedPolicyDocument where the call saves what is not a policy of its kind."""
    if call.operation in _INLINE:
        read_identity_policy(call.params["PolicyDocument"], managed=False)
    elif call.operation in _MANAGED:
        read_identity_policy(call.params["PolicyDocument"], managed=True)
    elif call.operation in ("CreateRole", "UpdateAssumeRolePolicy"):
        name = "PolicyDocument" if call.operation == "UpdateAssumeRolePolicy" else "AssumeRolePolicyDocument"
        policy = read_trust_policy(call.params[name])
        check_trust_principals(policy, environment)
        check_shared_issuers(policy)
