"""What IAM's policy simulator says of a user or a role: a remark beside the observation.

Source: IAM API Reference, "SimulatePrincipalPolicy".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from rolecall.chains import ActionExpectation, OnlyExpectation
from rolecall.errors import TargetError

if TYPE_CHECKING:
    from rolecall.chains import Expectation
    from rolecall.probes.access import Access
    from rolecall.probes.observations import Observation

__all__ = ["Simulated", "Simulator"]

_MOST = 5
_ABOUT_THE_REQUEST = ("NoSuchEntity", "InvalidInput", "ValidationError", "Throttling", "ServiceFailure")


@dataclass(frozen=True, slots=True)
class Simulated:
    """One answer of the simulator. ``decision``: allowed, explicitDeny or implicitDeny."""

    action: str
    resource: str
    decision: str
    missing: tuple[str, ...] = ()


class Simulator:
    """Asks the simulator where it may; it is asked no more in an account that refused it."""

    def __init__(self) -> None:
        self._refused: set[str] = set()

    def ask(
        self,
        access: Access,
        expectation: Expectation,
        observation: Observation,
        iam: Callable[[str], Any],
        contexts: Mapping[tuple[str, str], Mapping[str, Any]] | None = None,
    ) -> tuple[Simulated, ...]:
        """The simulator on what an expectation asks of a user or a role; nothing where it cannot be asked.

        ``iam`` answers a client that may provision in an account. ``contexts``: the condition keys of each
        request by action (lower case) and resource, as the engine was given them; else the expectation's.
        """
        if not isinstance(expectation, (ActionExpectation, OnlyExpectation)):
            return ()
        chain, name = access.chain, expectation.as_
        if name not in chain.users and name not in chain.roles:
            return ()
        source = chain.arn_of(name)
        account = source.split(":")[4]
        asked = _asked(expectation, observation)
        if not asked or account in self._refused:
            return ()
        found: list[Simulated] = []
        when = getattr(expectation, "when", {})
        requests: dict[str, tuple[str, list[dict[str, Any]], list[str]]] = {}
        for action, resource in asked:
            context = _context((contexts or {}).get((action.lower(), resource), when))
            requests.setdefault(f"{resource} {context}", (resource, context, []))[2].append(action)
        try:
            client = iam(account)
            for resource, context, actions in requests.values():
                answer = client.simulate_principal_policy(
                    PolicySourceArn=source,
                    ActionNames=actions,
                    ResourceArns=[access.actual(resource)],
                    ContextEntries=context,
                )
                found.extend(
                    Simulated(
                        str(one["EvalActionName"]),
                        resource,
                        str(one["EvalDecision"]),
                        tuple(one.get("MissingContextValues", ())),
                    )
                    for one in answer["EvaluationResults"]
                )
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ABOUT_THE_REQUEST:
                self._refused.add(account)
        except (BotoCoreError, TargetError):
            pass
        return tuple(found)


def _asked(
    expectation: ActionExpectation | OnlyExpectation, observation: Observation
) -> tuple[tuple[str, str], ...]:
    """Actions and resources: those that were called, else those that are promised. Hops are left out."""
    called = dict.fromkeys((o.answer.action, o.answer.resource) for o in observation.calls)
    asked = [one for one in called if not one[0].startswith("sts:Assume")]
    if not asked and isinstance(expectation, ActionExpectation):
        asked = [
            (action, resource)
            for action in expectation.actions
            for resource in expectation.on or ("*",)
            if "*" not in action and "?" not in action and not action.startswith("sts:Assume")
        ]
    return tuple(asked[:_MOST])


def _context(when: Mapping[str, Any]) -> list[dict[str, Any]]:
    entries = []
    for key, value in when.items():
        many = isinstance(value, (list, tuple))
        values = [_text(one) for one in value] if many else [_text(value)]
        if values:
            kind = _kind(key, value) if not many else "stringList"
            entries.append({"ContextKeyName": key, "ContextKeyValues": values, "ContextKeyType": kind})
    return entries


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kind(key: str, value: Any) -> str:
    """IAM API Reference, ContextEntry: the type says which operators may compare the key."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "numeric"
    if value in ("true", "false"):
        return "boolean"
    known = {"aws:currenttime": "date", "aws:tokenissuetime": "date", "aws:epochtime": "numeric",
             "aws:sourceip": "ip", "aws:securetransport": "boolean"}  # fmt: skip
    return known.get(key.lower(), "string")
