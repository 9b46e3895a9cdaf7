"""Sessions of users that carry MFA: one code for all hops of a user.

A code works only once, and a new one comes every 30 seconds. Credentials of GetSessionToken carry MFA into
every AssumeRole (IAM User Guide, "Secure API access with MFA").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from rolecall.provisioning import Secret

if TYPE_CHECKING:
    from rolecall.probes.credentials import Credential
    from rolecall.provisioning import MfaDevice

__all__ = ["MfaSessions"]


class MfaSessions:
    """``devices`` by user; ``now`` in seconds since 1970; ``sts`` gives an STS client for a credential."""

    def __init__(
        self, devices: Mapping[str, MfaDevice], now: Callable[[], float], sts: Callable[[Credential], Any]
    ) -> None:
        self._devices = devices
        self._now = now
        self._sts = sts
        self._made: dict[str, Credential] = {}

    def session(self, user: str, credential: Credential) -> tuple[Credential | None, str]:
        """A session of the user, made once; else why there is none."""
        device = self._devices.get(user)
        if device is None:
            return None, f"{user} has no MFA device"
        if user not in self._made:
            found, why = self._make(device, credential)
            if found is None:
                return None, why
            self._made[user] = found
        return self._made[user], ""

    def _make(self, device: MfaDevice, credential: Credential) -> tuple[Credential | None, str]:
        why = ""
        # The code of this moment may have gone into enabling the device: the next one is good as well.
        for offset in (0, 1):
            try:
                given = self._sts(credential).get_session_token(
                    SerialNumber=device.serial_number, TokenCode=device.code(self._now(), offset)
                )["Credentials"]
            except ClientError as error:
                why = f"no session with MFA can be had: {error.response['Error'].get('Message', '')}"
                continue
            except BotoCoreError as error:
                return None, f"no session with MFA can be had: {error}"
            made = replace(
                credential,
                access_key_id=given["AccessKeyId"],
                secret_access_key=Secret(given["SecretAccessKey"]),
                session_token=Secret(given["SessionToken"]),
            )
            return made, ""
        return None, why
