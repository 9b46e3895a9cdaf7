"""Calls of STS that need what cannot be had here: they are authorized, and refused as AWS refuses them.

Sources: STS API Reference, GetWebIdentityToken and GetDelegatedAccessToken, "Errors"; IAM User Guide,
"Federating AWS identities to external services" (an account has to enable it first).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiCall, ApiError, Caller
from rolecall.enforcement.sts_authorization import require

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment

__all__ = ["get_delegated_access_token", "get_web_identity_token"]


def get_web_identity_token(call: ApiCall, caller: Caller, environment: Environment) -> dict[str, Any]:
    """Refused as in an account that has not enabled outbound web identity federation."""
    params = call.params
    context = {
        "sts:IdentityTokenAudience": tuple(params["Audience"]),
        "sts:SigningAlgorithm": params["SigningAlgorithm"],
        "sts:DurationSeconds": str(params.get("DurationSeconds", 300)),
    }
    require(call, environment, caller, "sts:GetWebIdentityToken", "*", context)
    raise ApiError(
        "OutboundWebIdentityFederationDisabledException",
        "Outbound web identity federation is not enabled for this account.",
        403,
    )


def get_delegated_access_token(call: ApiCall, caller: Caller, environment: Environment) -> dict[str, Any]:
    """Refused: no trade-in token is ever handed out here."""
    require(call, environment, caller, "sts:GetDelegatedAccessToken", "*", {})
    raise ApiError("ExpiredTradeInTokenException", "The trade-in token is expired.", 400)
