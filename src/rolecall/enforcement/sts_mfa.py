"""MFA codes: time-based one-time passwords of virtual devices, checked at the environment's clock.

Algorithm: RFC 6238 with SHA-1, 30-second steps and 6 digits, which is what the virtual devices of IAM
use. A code of the step before or after is accepted, and each code only once (IAM User Guide, "Secure
API access with MFA").
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiError
from rolecall.iam import PrincipalType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rolecall.enforcement.calls import Caller
    from rolecall.enforcement.environment import Environment

__all__ = ["STEP_SECONDS", "matching_step", "one_time_code", "use_mfa"]

STEP_SECONDS = 30


def one_time_code(seed: str | bytes, moment: datetime, *, steps: int = 0) -> str:
    """The six-digit code of a Base32StringSeed at a moment, ``steps`` periods later."""
    text = seed.decode() if isinstance(seed, bytes) else seed
    return _code(text, int(moment.timestamp()) // STEP_SECONDS + steps)


def matching_step(seed: str | bytes, code: str, moment: datetime) -> int | None:
    """The time step that the code belongs to, if it is the current one or a neighbour; else None."""
    text = seed.decode() if isinstance(seed, bytes) else seed
    now = int(moment.timestamp()) // STEP_SECONDS
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(_code(text, step), code):
            return step
    return None


def use_mfa(environment: Environment, caller: Caller, params: Mapping[str, Any]) -> bool:
    """Whether the call carries a valid MFA code.

    In: parameters with ``SerialNumber`` and ``TokenCode``, or neither. Raises AccessDenied where only
    one is given, the device is not the caller's, or the code is wrong or was used before.
    """
    serial, code = params.get("SerialNumber"), params.get("TokenCode")
    if serial is None and code is None:
        return False
    if serial is None or code is None:
        raise _refused("must provide both MFA serial number and one time pass code.")
    device = _device(environment, caller, serial)
    if device is None:
        raise _refused(
            "unable to validate MFA code.  Please verify your MFA serial number is valid and associated "
            "with this user."
        )
    step = matching_step(device.base32_string_seed, code, environment.clock())
    if step is None or step <= getattr(device, "last_used_step", 0):
        raise ApiError(
            "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ", 403
        )
    device.last_used_step = step
    return True


def _device(environment: Environment, caller: Caller, serial: str) -> Any:
    if caller.principal.type is not PrincipalType.USER:
        return None
    backend = environment.iam(caller.account)
    user = backend.users.get(caller.principal.name)
    if user is None or serial not in user.mfa_devices:
        return None
    return backend.virtual_mfa_devices.get(serial)


def _refused(why: str) -> ApiError:
    return ApiError("AccessDenied", f"MultiFactorAuthentication failed, {why}", 403)


def _code(seed: str, step: int) -> str:
    key = base64.b32decode(seed.upper() + "=" * (-len(seed) % 8))
    digest = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
