"""What an AWS error message tells of the reason for a denial.

Source: IAM User Guide, "Troubleshoot access denied error messages" (troubleshoot_access-denied).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rolecall.iam.policy_sets import Stage

__all__ = ["ObservedReason", "denied_action", "read_reason"]

_MESSAGE = re.compile(
    r"because no (?P<implicit>[\w -]+?) allows the [\w:*-]+ action"
    r"|(?P<bare>with an explicit deny)(?: in (?:an?|the) (?P<explicit>[\w -]+?(?:policy|boundary)))?"
)
_ACTION = re.compile(r"is not authorized to perform: ([\w-]+:\w+)")
_STAGES = {
    "service control policy": Stage.SCP,
    "resource control policy": Stage.RCP,
    "resource-based policy": Stage.RESOURCE,
    "role trust policy": Stage.RESOURCE,
    "identity-based policy": Stage.IDENTITY,
    "permissions boundary": Stage.BOUNDARY,
    "session policy": Stage.SESSION,
    "sessions policy": Stage.SESSION,
}


@dataclass(frozen=True, slots=True)
class ObservedReason:
    """``kind`` is implicit or explicit; ``stage`` is the type of policy where the message names one."""

    kind: str
    stage: Stage | None


def read_reason(message: str) -> ObservedReason | None:
    """The reason in a message, None where AWS gave none."""
    match = _MESSAGE.search(message)
    if match is None:
        return None
    if match["implicit"]:
        return ObservedReason("implicit", _STAGES.get(match["implicit"]))
    return ObservedReason("explicit", _STAGES.get(match["explicit"] or ""))


def denied_action(message: str) -> str | None:
    """The action that a message names as denied, None where it names none."""
    match = _ACTION.search(message)
    return match[1] if match is not None else None
