"""MFA: real codes of a virtual device, at the environment's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from rolecall.enforcement.sts_mfa import one_time_code

from ..conftest import HOME, STRANGE, allow, refusal, trusts

if TYPE_CHECKING:
    from ..conftest import World

SERIAL = f"arn:aws:iam::{HOME}:mfa/phone"
WITH_MFA = trusts(HOME, Bool={"aws:MultiFactorAuthPresent": "true"})


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # the RFC's ASCII secret 12345678901234567890
    assert one_time_code(seed, datetime.fromtimestamp(seconds, UTC)) == code


def phone(world: World, user: str = "u") -> bytes:
    """The seed of a device that is enabled for the user."""
    seed: bytes = world.iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"][
        "Base32StringSeed"
    ]
    world.iam.enable_mfa_device(
        UserName=user,
        SerialNumber=SERIAL,
        AuthenticationCode1=one_time_code(seed, world.clock(), steps=-1),
        AuthenticationCode2=one_time_code(seed, world.clock()),
    )
    world.clock.forward(seconds=60)
    return seed


def test_code_opens_a_role_that_wants_mfa(world: World) -> None:
    sts = world.user("u", allow("sts:AssumeRole")).client("sts")
    seed = phone(world)
    role = world.role(
        "r", WITH_MFA, allow("iam:ListUsers", Condition={"Null": {"aws:MultiFactorAuthAge": "false"}})
    )
    answer = sts.assume_role(
        RoleArn=role,
        RoleSessionName="ss",
        SerialNumber=SERIAL,
        TokenCode=one_time_code(seed, world.clock()),
    )
    # The role session itself carries no MFA.
    assert refusal(world.session(answer).client("iam").list_users).code == "AccessDenied"


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_code_of_a_neighbouring_step_is_accepted(world: World, steps: int, accepted: bool) -> None:
    sts = world.user("u", allow("sts:AssumeRole")).client("sts")
    seed = phone(world)
    world.clock.forward(minutes=5)
    role = world.role("r", WITH_MFA)
    call = {
        "RoleArn": role,
        "RoleSessionName": "ss",
        "SerialNumber": SERIAL,
        "TokenCode": one_time_code(seed, world.clock(), steps=steps),
    }
    if accepted:
        assert sts.assume_role(**call)
    else:
        found = refusal(sts.assume_role, **call)
        assert (found.code, found.status) == ("AccessDenied", 403)
        assert "invalid MFA one time pass code" in found.message


def test_code_works_once(world: World) -> None:
    sts = world.user("u").client("sts")
    code = {"SerialNumber": SERIAL, "TokenCode": one_time_code(phone(world), world.clock())}
    assert sts.get_session_token(**code)
    assert "invalid MFA one time pass code" in refusal(sts.get_session_token, **code).message


def test_device_of_somebody_else_is_refused(world: World) -> None:
    world.user("u")
    seed = phone(world)
    other = world.user("other").client("sts")
    found = refusal(
        other.get_session_token, SerialNumber=SERIAL, TokenCode=one_time_code(seed, world.clock())
    )
    assert (found.code, found.status) == ("AccessDenied", 403)
    assert "verify your MFA serial number is valid and associated with this user" in found.message
    strange = f"arn:aws:iam::{STRANGE}:mfa/none"
    assert (
        "serial number" in refusal(other.get_session_token, SerialNumber=strange, TokenCode="123456").message
    )


def test_session_token_with_mfa_opens_iam_and_the_role(world: World) -> None:
    sts = world.user("u", allow("sts:AssumeRole", "iam:ListUsers")).client("sts")
    role = world.role("r", WITH_MFA)
    plain = world.session(sts.get_session_token())
    code = one_time_code(phone(world), world.clock())
    strong = world.session(sts.get_session_token(SerialNumber=SERIAL, TokenCode=code))
    found = refusal(plain.client("iam").list_users)
    assert (found.code, found.status) == ("InvalidClientTokenId", 403)
    assert strong.client("iam").list_users()["Users"]
    assert refusal(plain.client("sts").assume_role, RoleArn=role, RoleSessionName="ss").code == "AccessDenied"
    assert strong.client("sts").assume_role(RoleArn=role, RoleSessionName="ss")


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, -1), (-5, -4)])
def test_device_is_enabled_by_consecutive_codes_only(world: World, first: int, second: int) -> None:
    world.user("u")
    device = world.iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    codes = [one_time_code(device["Base32StringSeed"], world.clock(), steps=step) for step in (first, second)]
    found = refusal(
        world.iam.enable_mfa_device,
        UserName="u",
        SerialNumber=SERIAL,
        AuthenticationCode1=codes[0],
        AuthenticationCode2=codes[1],
    )
    assert (found.code, found.status) == ("InvalidAuthenticationCode", 403)
