"""Provisioning as evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rolecall.reports.evidence import ProvisioningStep

if TYPE_CHECKING:
    from rolecall.provisioning import StepResult

__all__ = ["record_step"]

_TELLING = ("Arn", "InstanceId", "AccessKeyId", "Name")


def record_step(result: StepResult) -> ProvisioningStep:
    """One call that built the chain, as evidence; no secret is in the result to begin with."""
    return ProvisioningStep(
        operation=f"{result.service}:{result.operation}",
        subject=result.step,
        ok=result.error is None,
        answer=_short(result.answer),
        http_status=result.http_status or None,
        error_code=result.error,
        request_id=result.request_id or None,
        attempts=result.attempts,
        duration=round(result.duration, 6),
    )


def _short(answer: object) -> str:
    """The identifier that an answer holds, wherever it stands in it."""
    if isinstance(answer, list):
        return next((text for text in map(_short, answer) if text), "")
    if not isinstance(answer, Mapping):
        return ""
    for name in _TELLING:
        value = answer.get(name)
        if isinstance(value, str):
            return value
    return next((text for text in (_short(value) for value in answer.values()) if text), "")
