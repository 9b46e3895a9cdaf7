"""Operations that the gate answers itself because moto lacks them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.authorization import authorize
from rolecall.enforcement.denying import denial_error
from rolecall.enforcement.families import Family
from rolecall.enforcement.object_deletion import delete_objects
from rolecall.enforcement.sealed_messages import open_message
from rolecall.enforcement.simulations import (
    context_keys_of_custom_policy,
    context_keys_of_principal,
    simulate_custom_policy,
    simulate_principal_policy,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rolecall.enforcement.calls import ApiCall, Caller
    from rolecall.enforcement.environment import Environment

    Handler = Callable[[ApiCall, Caller, Environment], Mapping[str, Any]]

__all__ = ["find"]


def find(call: ApiCall) -> Handler | None:
    """The handler of a call, None where moto or another part answers."""
    return _HANDLERS.get((call.service, call.operation))


def _decode_message(call: ApiCall, caller: Caller, environment: Environment) -> Mapping[str, Any]:
    decision = authorize(
        environment,
        caller,
        "sts:DecodeAuthorizationMessage",
        "*",
        {},
        service="sts",
        http=call.http,
        region=call.region,
    )
    if not decision.allowed:
        raise denial_error(environment, decision, Family.QUERY)
    return {"DecodedMessage": open_message(environment, call.params["EncodedMessage"])}


_HANDLERS: dict[tuple[str, str], Handler] = {
    ("iam", "GetContextKeysForCustomPolicy"): context_keys_of_custom_policy,
    ("iam", "GetContextKeysForPrincipalPolicy"): context_keys_of_principal,
    ("iam", "SimulateCustomPolicy"): simulate_custom_policy,
    ("iam", "SimulatePrincipalPolicy"): simulate_principal_policy,
    ("s3", "DeleteObjects"): delete_objects,
    ("sts", "DecodeAuthorizationMessage"): _decode_message,
}
