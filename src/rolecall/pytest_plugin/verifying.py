"""One item: verify, leave evidence, and speak pytest's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from rolecall.errors import RolecallError
from rolecall.pytest_plugin.broken_promise import BrokenPromise
from rolecall.reports.documents_of import DocumentIndex
from rolecall.reports.evidence import Account, ProvisioningStep
from rolecall.reports.handover import Handover
from rolecall.reports.limits import UNENFORCED
from rolecall.reports.recording import record_expectation, record_failure
from rolecall.reports.steps_of import record_step
from rolecall.runs import failure_headline, failure_text
from rolecall.runs.shown_paths import seen_from
from rolecall.verdicts import Status, waive

if TYPE_CHECKING:
    from rolecall.chains import Chain
    from rolecall.pytest_plugin.options import Options
    from rolecall.pytest_plugin.state import Promise
    from rolecall.runs import Workshop

__all__ = ["verify_promise"]


def verify_promise(
    promise: Promise, workshop: Workshop, options: Options, *, record: Callable[[Handover], None]
) -> None:
    """Verify a promise. Fails without a traceback: what went wrong is the chain's, not the test's."""
    chain, here = promise.chain, options.started_in
    documents = DocumentIndex(options.root)
    verdict, wrong = None, ""
    try:
        verdict = workshop.verify(chain, promise.expectation)
    except RolecallError as error:
        wrong = str(error)
    if verdict is None:
        found = record_failure(promise.expectation, chain, documents, wrong)
        steps = _steps(workshop, chain.name)
        record(Handover(chain.name, found, (), steps, _accounts(workshop, chain)))
        first = workshop.unverified.setdefault(wrong, promise.id)
        why = f": {seen_from(here, wrong)}" if first == promise.id else f", for the same reason as {first}"
        raise BrokenPromise(
            f"{promise.id}: could not be verified{why}", f"could not be verified{why}", promise
        )
    waiver = next((w for w in chain.waivers if w.expectation == promise.expectation.id), None)
    verdict = waive(verdict, waiver, workshop.world(chain).now.date())
    found = record_expectation(verdict, chain, documents)
    steps = _steps(workshop, chain.name)
    # The chain's own documents are known where the report is written.
    further = tuple(document for document in documents.documents if document.file is None)
    accounts = _accounts(workshop, chain)
    limits = () if workshop.enforced else (UNENFORCED,)
    record(Handover(chain.name, found, further, steps, accounts, workshop.runner, limits))
    match verdict.status:
        case Status.FAILED:
            raise BrokenPromise(failure_text(chain, verdict, here), failure_headline(verdict, here), promise)
        case Status.INCONCLUSIVE if options.fail_on_inconclusive:
            raise BrokenPromise(failure_text(chain, verdict, here), failure_headline(verdict, here), promise)
        case Status.INCONCLUSIVE:
            pytest.skip(f"inconclusive: {seen_from(here, verdict.reason)}")
        case _:
            return


def _accounts(workshop: Workshop, chain: Chain) -> tuple[Account, ...]:
    actual = workshop.accounts.get(chain.name, {})
    return tuple(Account(alias, own, actual.get(alias, own)) for alias, own in chain.accounts.items())


def _steps(workshop: Workshop, name: str) -> tuple[ProvisioningStep, ...]:
    """How the chain was built, once in a process."""
    if name in workshop.told:
        return ()
    workshop.told.add(name)
    return tuple(record_step(result) for result in workshop.provisioning.get(name, ()))
