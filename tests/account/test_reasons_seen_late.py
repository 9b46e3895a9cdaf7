"""A deny that is seen late, of what nothing allows: until then the denial is there for another reason."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rolecall.chains import Because
from rolecall.verdicts import Status
from tests.account.conftest import Served
from tests.account.targets import Clock, make_target, make_workshop
from tests.faults.chains import BASE, EC2, NO_KEYS, ROLE, USER, statement, with_role, with_user
from tests.faults.proxy import Call, Forward, Reply, proxy

DENY = statement("Deny", "kms:*")
HOLDERS = {
    ROLE: (with_role(BASE, policies=(EC2,), inline={"no": DENY}), "role"),
    USER: (with_user(BASE, policies=("assume-role-policy", EC2), inline={"no": DENY}), "user"),
}


@pytest.mark.parametrize("who", [ROLE, USER])
@pytest.mark.parametrize(
    ("late", "because", "status"),
    [
        (0.0, "explicit", Status.PASSED),
        (40.0, "explicit", Status.PASSED),
        (40.0, "implicit", Status.FAILED),
        (9999.0, "explicit", Status.FAILED),
    ],
)
def test_a_denial_that_comes_before_the_deny_is_seen_is_not_judged_by_its_reason(
    served: Served, tmp_path: Path, who: str, late: float, because: str, status: Status
) -> None:
    held, kind = HOLDERS[who]
    promise = replace(NO_KEYS, as_=who, because=Because(kind=because))
    chain, clock, iam = replace(held, expectations=(promise,)), Clock(), served.clients[0]
    made: list[dict[str, str]] = []

    def fault(call: Call, forward: Forward) -> Reply:
        if call.operation in ("PutRolePolicy", "PutUserPolicy"):
            made.append({k: v for k, v in call.params.items() if k.endswith(("Name", "Document"))})
        if call.operation != "ListKeys" or clock.now >= late:
            return forward()
        names = {k: v for k, v in made[0].items() if k.endswith("Name")}
        getattr(iam, f"delete_{kind}_policy")(**names)
        try:
            return forward()
        finally:
            getattr(iam, f"put_{kind}_policy")(**made[0])

    with proxy(served.url, fault) as through:
        target = make_target(through.url, served.credential, tmp_path, "late-deny", clock=clock)
        shop = make_workshop(target)
        verdict = shop.verify(chain, promise)
        assert shop.close() == ()
    assert json.loads(made[0]["PolicyDocument"])["Statement"]["Effect"] == "Deny"
    assert verdict.status is status, verdict.reason
    assert clock.now < 130
