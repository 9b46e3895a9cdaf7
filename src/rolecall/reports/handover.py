"""One verdict on its way from the process that found it to the one that writes the report: a JSON string."""

from __future__ import annotations

from dataclasses import dataclass

from rolecall.reports.codec import decode, encode
from rolecall.reports.evidence import Account, Chain, Document, Evidence, Expectation, ProvisioningStep, Run
from rolecall.reports.redaction import redacted

__all__ = ["Handover", "pack", "unpack"]


@dataclass(frozen=True, slots=True)
class Handover:
    """What one item leaves. ``steps``: the provisioning, from the first item of a chain in its process.

    ``accounts``: the ids that stood for the manifest's accounts.
    ``runner``: who provisioned, where that is known. ``limits``: what the run turned out not to prove.
    """

    chain: str
    expectation: Expectation
    documents: tuple[Document, ...] = ()
    steps: tuple[ProvisioningStep, ...] = ()
    accounts: tuple[Account, ...] = ()
    runner: str = ""
    limits: tuple[str, ...] = ()


def pack(handover: Handover) -> str:
    """A handover as text: the form of evidence itself, so that nothing can be lost on the way.

    Without credentials: pytest's own JUnit report shows it as a property.
    """
    chain = Chain(
        handover.chain,
        "",
        "",
        "",
        expectations=(handover.expectation,),
        provisioning=handover.steps,
        accounts=handover.accounts,
    )
    run = Run("", "", "", "", "", 0.0, runner=handover.runner)
    return encode(redacted(Evidence(run, (chain,), handover.documents, limits=handover.limits)), compact=True)


def unpack(text: str) -> Handover:
    """A handover from text."""
    evidence = decode(text)
    chain = evidence.chains[0]
    return Handover(
        chain.name,
        chain.expectations[0],
        evidence.documents,
        chain.provisioning,
        chain.accounts,
        evidence.run.runner,
        evidence.limits,
    )
