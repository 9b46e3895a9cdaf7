"""A verdict that is not "passed", in words: principal, action, expected, observed, deciding statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.iam.wording import describe
from rolecall.probes import promised_access
from rolecall.runs.shown_paths import seen_from
from rolecall.verdicts import promised_reason

if TYPE_CHECKING:
    from pathlib import Path

    from rolecall.chains import Chain
    from rolecall.verdicts import Verdict

__all__ = ["failure_headline", "failure_text"]

_MOST_CALLS = 5


def failure_headline(verdict: Verdict, folder: Path | None = None) -> str:
    """Why a promise did not pass, in one line for lists of failures. Files are named from ``folder``."""
    return seen_from(folder, " ".join(f"{verdict.status.value}: {_once(verdict)}".split()))


def failure_text(chain: Chain, verdict: Verdict, folder: Path | None = None) -> str:
    """Several lines, without a line feed at the end. Files are named from ``folder``."""
    expectation = verdict.expectation
    place = f"{chain.file}:{expectation.place.line}" if expectation.place else chain.file or chain.name
    promised = promised_access(expectation)
    expected = {True: "allowed", False: "denied", None: "exactly what is listed"}[promised]
    reason = promised_reason(expectation)
    lines = [
        f"{chain.name}/{expectation.id} {verdict.status.value} ({place})",
        f"  why        {_once(verdict)}",
        f"  expected   {expected}" + (f", {reason}" if reason else ""),
        f"  predicted  {verdict.prediction.reason}",
    ]
    for observed in verdict.observation.calls[:_MOST_CALLS]:
        answer = observed.answer
        said = answer.error_code or "allowed"
        status = f" (HTTP {answer.http_status})" if answer.http_status else ""
        lines.append(f"  observed   {answer.call} as {answer.principal}: {said}{status}")
        if answer.message:
            lines.append(f"             {answer.message.partition(' Encoded authorization')[0]}")
    if not verdict.observation.calls:
        lines.append(f"  observed   nothing: {verdict.observation.note or 'no call was made'}")
    decision = verdict.prediction.deciding
    if decision is not None:
        lines.append("  engine")
        codes = {observed.answer.error_code for observed in verdict.observation.calls}
        lines.extend(
            f"    {text}"
            for text in describe(decision).splitlines()
            # What AWS would answer is no news beside what was answered.
            if not (text.startswith("  answer ") and text.split()[1] in codes)
        )
    return seen_from(folder, "\n".join(lines))


def _once(verdict: Verdict) -> str:
    """The reason without the message that stands below it as observed."""
    reason = verdict.reason
    for observed in verdict.observation.calls[:_MOST_CALLS]:
        message = observed.answer.message
        if message:
            reason = reason.replace(f": {message}", "")
    return reason
