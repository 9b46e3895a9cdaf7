"""A deny that is seen late, of what nothing allows: until then the denial is there for another reason."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rolecall.chains import ActionExpectation, Because
from rolecall.verdicts import Status
from tests.account.conftest import Served
from tests.account.targets import Clock, make_target, make_workshop
from tests.faults.chains import BASE, EC2, NO_KEYS, ROLE, USER, statement, with_role, with_user
from tests.faults.proxy import Call, Forward, Reply, proxy, refusal

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


@pytest.mark.parametrize("service", ["sts", "ec2"])
def test_a_promise_of_access_is_inconclusive_where_the_key_is_never_known(
    served: Served, tmp_path: Path, service: str
) -> None:
    """EC2 may not know a key yet that STS knows (botocore's pull request 3600)."""
    chain, clock = with_user(BASE, policies=("assume-role-policy", EC2)), Clock()
    promise = ActionExpectation("user-describes-ec2", USER, True, ("ec2:DescribeInstances",))
    chain = replace(chain, expectations=(promise,))

    def unknown(call: Call, forward: Forward) -> Reply:
        if call.key_id == served.access_key_id or call.service != service:
            return forward()
        code = "AuthFailure" if service == "ec2" else "InvalidClientTokenId"
        return refusal(call, 401 if service == "ec2" else 403, code, "not known")

    with proxy(served.url, unknown) as through:
        shop = make_workshop(make_target(through.url, served.credential, tmp_path, "no-key", clock=clock))
        verdict = shop.verify(chain, promise)
        assert shop.close() == ()
    assert verdict.status is Status.INCONCLUSIVE, verdict.reason
    (observed,) = verdict.observation.calls
    assert observed.answer.attempts > 10
    assert sum(observed.answer.waits) > 100
    assert "the key is not known after 120 s" in verdict.reason
