"""A principal of a chain, for checks written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rolecall.chains import ActionExpectation, Because
from rolecall.errors import TargetError, UsageError
from rolecall.iam import Stage
from rolecall.probes import Credential, HopResult
from rolecall.runs.failure_text import failure_text
from rolecall.verdicts import Status, Verdict

if TYPE_CHECKING:
    import boto3

    from rolecall.chains import Chain
    from rolecall.runs.workshop import Workshop

__all__ = ["ChainPrincipal"]


@dataclass(frozen=True, slots=True)
class ChainPrincipal:
    """A user by its key, or a role by its session (over the hops from ``frm`` where several lead there)."""

    workshop: Workshop = field(repr=False)
    chain: Chain = field(repr=False)
    name: str
    frm: str | None = None

    @property
    def credential(self) -> Credential:
        """Its credential. Raises TargetError where none can be had."""
        access = self.workshop.live(self.chain).access
        found = access.credential(self.name, self.frm)
        if found is None:
            way = access.way(self.name, self.frm)
            why = way[-1].answer.message if way else "no access key is declared for it"
            raise TargetError(f"nobody can become {self.name}: {why}")
        return found

    @property
    def session(self) -> boto3.Session:
        """A boto3 session of it."""
        return self.workshop.live(self.chain).access.session(self.credential)

    @property
    def session_identity(self) -> str:
        """The ARN that GetCallerIdentity answers for it."""
        return self.workshop.live(self.chain).access.identity(self.credential) or ""

    @property
    def hops(self) -> tuple[HopResult, ...]:
        """The hops that led here, with what STS answered."""
        return self.workshop.live(self.chain).access.way(self.name, self.frm)

    def client(self, service: str) -> Any:
        """A boto3 client of it; made once."""
        return self.workshop.live(self.chain).access.client(self.credential, service)

    def can(self, action: str, *, on: str = "*", **parameters: Any) -> Verdict:
        """Assert that an action is allowed. ``parameters`` go into the call that shows it."""
        __tracebackhide__ = True  # pytest shows the line of the check, which is what went wrong
        return self._hold(action, on, allowed=True, because=None, parameters=parameters)

    def cannot(
        self, action: str, *, on: str = "*", because: str | Because | None = None, **parameters: Any
    ) -> Verdict:
        """Assert that an action is denied, and why: ``"implicit"``, ``"explicit"``, a stage, or a Because."""
        __tracebackhide__ = True
        return self._hold(action, on, allowed=False, because=_because(because), parameters=parameters)

    def _hold(
        self, action: str, on: str, *, allowed: bool, because: Because | None, parameters: Mapping[str, Any]
    ) -> Verdict:
        __tracebackhide__ = True
        expectation = ActionExpectation(
            id=f"{self.name} {'can' if allowed else 'cannot'} {action}",
            as_=self.name,
            allowed=allowed,
            actions=(action,),
            on=() if on == "*" else (on,),
            because=because,
            frm=self.frm,
            parameters=parameters,
        )
        verdict = self.workshop.verify(self.chain, expectation)
        if verdict.status is not Status.PASSED:
            raise AssertionError(failure_text(self.chain, verdict, self.workshop.started_in))
        return verdict


def _because(because: str | Because | None) -> Because | None:
    if because is None or isinstance(because, Because):
        return because
    if because in ("implicit", "explicit"):
        return Because(kind=because)  # type: ignore[arg-type]
    if because in set(Stage):
        return Because(stage=Stage(because))
    raise UsageError(
        f'because is "implicit", "explicit", one of {", ".join(Stage)} or a Because, not "{because}"'
    )
