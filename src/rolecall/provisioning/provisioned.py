"""What a provisioning answered: evidence of every call, and what is needed to go on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rolecall.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.chains import Chain
    from rolecall.provisioning.credentials import Credentials, MfaDevice

__all__ = ["Provisioned", "ProvisioningFailed", "StepResult"]


@dataclass(frozen=True, slots=True)
class StepResult:
    """One call that was answered. ``params`` and ``answer`` hold no secret.

    ``duration`` in seconds. ``error`` is the error code where the call was refused. ``attempts`` counts
    from 1. ``adopted``: the thing existed already and is this run's own.
    """

    step: str
    account: str
    service: str
    operation: str
    params: Mapping[str, Any] = field(hash=False)
    request_id: str = ""
    http_status: int = 0
    duration: float = 0.0
    answer: Mapping[str, Any] = field(default_factory=dict, hash=False, repr=False)
    error: str | None = None
    attempts: int = 1
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class Provisioned:
    """A chain that exists. ``credentials`` and ``mfa_devices`` by the user's name in the manifest."""

    chain: Chain
    results: tuple[StepResult, ...]
    credentials: Mapping[str, Credentials] = field(default_factory=dict, hash=False)
    mfa_devices: Mapping[str, MfaDevice] = field(default_factory=dict, hash=False)

    def answer(self, step: str) -> Mapping[str, Any]:
        """The answer of a step by its id (``create-role deploy``). Raises KeyError for an unknown id."""
        for result in self.results:
            if result.step == step:
                return result.answer
        raise KeyError(step)

    def made(self, operation: str, about: str = "") -> Mapping[str, Any]:
        """The answer of an operation about a thing (``CreateRole``, ``deploy``). Raises KeyError.

        ``about`` is the manifest's name, or one of the call's own parameters.
        """
        for result in self.results:
            named = (*result.params.values(), *result.step.split(" ")[1:2], "")
            if result.operation == operation and about in named:
                return result.answer
        raise KeyError(f"{operation} {about}".strip())


class ProvisioningFailed(TargetError):
    """A call of the plan was refused. ``results`` are the calls up to it, the refused one last."""

    def __init__(self, message: str, results: tuple[StepResult, ...]) -> None:
        super().__init__(message)
        self.results = results
