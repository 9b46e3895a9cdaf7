"""What a run does not prove, in sentences."""

from __future__ import annotations

__all__ = ["UNENFORCED", "limits_of"]

UNENFORCED = (
    "This endpoint does not enforce IAM: it let users through where no policy allows anything. What it "
    "allows shows nothing: here promises of denial fail, and those of access rest on the engine alone. "
    "Switch its enforcement on (LocalStack: ENFORCE_IAM=1, MiniStack: AUTH=true), or take --aws-target=moto."
)
"""Told before anything else."""

_ALWAYS = (
    "Only the promises of the manifest were checked. The report lists by chain the statements and branches "
    "that no expectation exercises.",
    "Policies that the manifest does not name (of an organization, a VPC endpoint, another resource) "
    "were not part of the check.",
)
_NOTHING = "Nothing at all: the target could not be used, and no promise was put to the test."
_OF_TARGET = {
    "moto": (
        "The calls were answered by moto in this process with rolecall's decision engine in front of it: "
        "AWS itself was not asked. A run with --aws-target=account asks AWS.",
        "Prediction and observation come from the same engine here: that they agree says little about AWS.",
    ),
    "server": (
        "The calls were answered by moto over HTTP with rolecall's decision engine in front of it: AWS "
        "itself was not asked. A run with --aws-target=account asks AWS.",
    ),
    "endpoint": ("The calls were answered by something that speaks AWS's protocol, not by AWS itself.",),
    "account": (
        "A sandbox account was asked. Service and resource control policies of its organization may differ "
        "from those of the account that the chain is meant for.",
    ),
}


def limits_of(target: str, *, asked: bool = True) -> tuple[str, ...]:
    """The sentences for a target. ``asked``: whether it was asked anything at all."""
    return (*(_OF_TARGET.get(target, ()) if asked else (_NOTHING,)), *_ALWAYS)
