"""Enabling an MFA device takes two consecutive codes of it.

Source: IAM API Reference, EnableMFADevice and ResyncMFADevice (``InvalidAuthenticationCode``, HTTP 403).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiCall, ApiError
from rolecall.enforcement.sts_mfa import matching_step

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment

__all__ = ["check_mfa_device", "use_up_codes"]

_TAKES_CODES = ("EnableMFADevice", "ResyncMFADevice")


def check_mfa_device(call: ApiCall, environment: Environment, backend: Any) -> None:
    """Raise InvalidAuthenticationCode unless the codes are consecutive ones of the device."""
    if call.operation not in _TAKES_CODES:
        return
    serial = call.params["SerialNumber"]
    device = backend.virtual_mfa_devices.get(serial)
    if device is None:
        raise ApiError("NoSuchEntity", f"MFA Device with serial number {serial} does not exist.", 404)
    if call.operation == "EnableMFADevice" and device.user is not None:
        raise ApiError("EntityAlreadyExists", "MFA Device is already in use.", 409)
    now = environment.clock()
    first, second = (
        matching_step(device.base32_string_seed, call.params[f"AuthenticationCode{number}"], now)
        for number in (1, 2)
    )
    if first is None or second is None or second != first + 1:
        raise ApiError("InvalidAuthenticationCode", "Authentication code for device is not valid.", 403)


def use_up_codes(call: ApiCall, environment: Environment, backend: Any) -> None:
    """The codes that enabled a device cannot be used again."""
    if call.operation not in _TAKES_CODES:
        return
    device = backend.virtual_mfa_devices[call.params["SerialNumber"]]
    device.last_used_step = matching_step(
        device.base32_string_seed, call.params["AuthenticationCode2"], environment.clock()
    )
