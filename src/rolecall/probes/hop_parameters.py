"""What a hop hands to STS, and the command line that would do the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rolecall.chains import Chain, Hop

__all__ = ["hop_command", "hop_parameters"]


def hop_parameters(chain: Chain, hop: Hop, role_arn: str) -> dict[str, Any]:
    """boto3's parameters of the call (STS API reference, AssumeRole), without a
    federated hop's token.
    """
    parameters: dict[str, Any] = {"RoleArn": role_arn, "RoleSessionName": hop.session_name}
    if hop.duration is not None:
        parameters["DurationSeconds"] = hop.duration
    if hop.session_policy is not None:
        parameters["Policy"] = hop.session_policy.text
    if hop.session_policy_arns:
        parameters["PolicyArns"] = [{"arn": chain.policy_arn(ref)} for ref in hop.session_policy_arns]
    if hop.frm in chain.providers:
        return parameters
    if hop.external_id is not None:
        parameters["ExternalId"] = hop.external_id
    if hop.source_identity is not None:
        parameters["SourceIdentity"] = hop.source_identity
    if hop.tags:
        parameters["Tags"] = [{"Key": key, "Value": value} for key, value in hop.tags.items()]
    if hop.transitive_tags:
        parameters["TransitiveTagKeys"] = list(hop.transitive_tags)
    return parameters


def hop_command(parameters: Mapping[str, Any], federated: bool, *, mfa: bool) -> str:
    """The command line that would do the same; codes, tokens and documents are left out."""
    words = ["aws sts get-session-token --serial-number … --token-code ***;"] if mfa else []
    words.append("aws sts assume-role-with-web-identity" if federated else "aws sts assume-role")
    for name in ("RoleArn", "RoleSessionName", "ExternalId", "SourceIdentity", "DurationSeconds"):
        if name in parameters:
            option = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
            value = "***" if name == "ExternalId" else parameters[name]
            words.append(f"--{option} {value}")
    for name in ("Tags", "TransitiveTagKeys", "Policy", "PolicyArns"):
        if name in parameters:
            words.append(f"--{re.sub(r'(?<=[a-z])(?=[A-Z])', '-', name).lower()} …")
    return " ".join(words)
