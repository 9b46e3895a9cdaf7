"""AWS on a bad day, seeded: writes that are seen late and flap, throttling, lost answers, slow ones.

A stale view is brought about for real: before a call is decided, what is "not seen yet" is taken away on
the server (a policy detached), the call is made, and it is put back. So every denial and every early allow
is the server's own decision about the chain as it stood a moment ago.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.faults.proxy import Call, Dropped, Forward, Reply, refusal

if TYPE_CHECKING:
    from tests.account.targets import Clock

__all__ = ["Weather"]

_LONGEST = 45.0


@dataclass
class _Late:
    """A write that is seen at a time; ``hide`` and ``show`` make it unseen and seen on the server."""

    seen_at: float
    hide: Callable[[], Any]
    show: Callable[[], Any]


@dataclass
class Weather:
    """A fault for the proxy. ``iam`` is a client of the server itself, past the proxy."""

    seed: int
    clock: Clock
    iam: Any
    runner: str
    rate: float = 0.04
    counted: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311
        self.lock = threading.Lock()
        self.late: dict[str, _Late] = {}
        self.keys: dict[str, float] = {}
        self.roles: dict[str, float] = {}
        self.principals: dict[str, float] = {}

    def __call__(self, call: Call, forward: Forward) -> Reply:
        with self.lock:
            self.clock.sleep(
                self.random.choice((0.02, 0.05, 0.1, 4.0)) if self.random.random() < 0.3 else 0.02
            )
            chance = self.random.random()
            for name, width in (("throttled", 1.0), ("dropped", 0.5), ("unavailable", 0.5), ("lost", 0.5)):
                chance -= self.rate * width
                if chance < 0:
                    return self.fault(name, call, forward)
            return self.answer(call, forward)

    def fault(self, name: str, call: Call, forward: Forward) -> Reply:
        self.counted[name] += 1
        match name:
            case "throttled":
                code = "RequestLimitExceeded" if call.service == "ec2" else "Throttling"
                return refusal(call, 503 if call.service == "ec2" else 400, code, "Rate exceeded")
            case "unavailable":
                return refusal(call, 503, "ServiceUnavailable", "try again")
            case "dropped":
                raise Dropped
            case _:
                self.answer(call, forward)  # it took effect, and nobody is told
                if self.random.random() < 0.5:
                    raise Dropped
                return refusal(call, 500, "ServiceFailure", "an internal error")

    def answer(self, call: Call, forward: Forward) -> Reply:
        if call.key_id == self.runner and call.service == "iam":
            ghost = self.ghost(call)
            if ghost:
                self.counted["invalid principal"] += 1
                return refusal(
                    call, 400, "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{ghost}"'
                )
            reply = forward()
            if reply.status == 200:
                self.remember(call, reply)
            return reply
        if call.key_id == self.runner:
            return forward()
        if not self.sees(self.keys.get(call.key_id, 0.0)):
            self.counted["unknown key"] += 1
            if call.service == "ec2":
                return refusal(call, 401, "AuthFailure", "AWS was not able to validate the credentials")
            message = "The security token included in the request is invalid."
            return refusal(call, 403, "InvalidClientTokenId", message)
        role = call.params.get("RoleArn", "").rpartition("/")[2]
        if call.operation == "AssumeRole" and not self.sees(self.roles.get(role, 0.0)):
            self.counted["unknown role"] += 1
            return refusal(
                call,
                403,
                "AccessDenied",
                "User: arn is not authorized to perform: sts:AssumeRole on resource",
            )
        hidden = [late for late in self.late.values() if not self.sees(late.seen_at)]
        if not hidden:
            return forward()
        self.counted["stale"] += 1
        for late in hidden:
            late.hide()
        try:
            return forward()
        finally:
            for late in hidden:
                late.show()

    def sees(self, at: float) -> bool:
        """Whether the host that answers has it: none at first, all in the end, and some in between."""
        if self.clock.now >= at:
            return True
        return at - self.clock.now < _LONGEST / 2 and self.random.random() < 0.4

    def ghost(self, call: Call) -> str:
        document = call.params.get("AssumeRolePolicyDocument", "")
        for arn, at in self.principals.items():
            if arn in document and not self.sees(at):
                return arn
        return ""

    def late_once(self, name: str, late: _Late) -> None:
        """A write that was repeated because its answer got lost is still one write."""
        self.late.setdefault(name, late)

    def remember(self, call: Call, reply: Reply) -> None:
        at = self.clock.now + self.random.uniform(0, _LONGEST)
        given, iam = call.params, self.iam
        match call.operation:
            case "CreateAccessKey":
                key = reply.body.decode().partition("<AccessKeyId>")[2].partition("</AccessKeyId>")[0]
                self.keys[key] = at
            case "CreateRole":
                self.roles[given["RoleName"]] = at
            case "CreateUser":
                arn = reply.body.decode().partition("<Arn>")[2].partition("</Arn>")[0]
                self.principals[arn] = at
            case "AttachUserPolicy" | "AttachRolePolicy":
                kind = "user" if "User" in call.operation else "role"
                name = {f"{kind.title()}Name": given[f"{kind.title()}Name"], "PolicyArn": given["PolicyArn"]}
                self.late_once(
                    str((call.operation, name)),
                    _Late(
                        at,
                        lambda: getattr(iam, f"detach_{kind}_policy")(**name),
                        lambda: getattr(iam, f"attach_{kind}_policy")(**name),
                    ),
                )
            case "PutUserPolicy" | "PutRolePolicy":
                kind = "user" if "User" in call.operation else "role"
                holder = f"{kind.title()}Name"
                inline = {holder: given[holder], "PolicyName": given["PolicyName"]}
                document = given["PolicyDocument"]
                self.late_once(
                    str((call.operation, inline)),
                    _Late(
                        at,
                        lambda: getattr(iam, f"delete_{kind}_policy")(**inline),
                        lambda: getattr(iam, f"put_{kind}_policy")(**inline, PolicyDocument=document),
                    ),
                )
            case _ if call.operation.startswith(("Detach", "Delete")):
                self.late.clear()  # the run is being removed: nothing of it is asked any more
