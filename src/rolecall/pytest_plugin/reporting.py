"""At the end: what all items left → one evidence → every view of it."""

from __future__ import annotations

import contextlib
import gc
import os
import platform
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import rolecall
from rolecall.errors import RolecallError
from rolecall.iam import Policy
from rolecall.reports import Evidence, Run, Waiver, render_terminal, write_reports
from rolecall.reports.controls import controls_of
from rolecall.reports.coverage_of import coverage_of
from rolecall.reports.documents_of import DocumentIndex
from rolecall.reports.earlier import read_earlier
from rolecall.reports.findings_of import findings_of
from rolecall.reports.handover import Handover
from rolecall.reports.limits import limits_of
from rolecall.reports.open_questions import open_questions_of
from rolecall.reports.policy_uses import policy_uses
from rolecall.reports.recording import record_chain
from rolecall.reports.repository import folder_in_repository
from rolecall.reports.teardown_of import add_up
from rolecall.reports.words import WORST_FIRST
from rolecall.targets.managed_policies import shipped_policy
from rolecall.verdicts import World, negatives

if TYPE_CHECKING:
    from pathlib import Path

    from rolecall.chains import Chain
    from rolecall.pytest_plugin.state import State
    from rolecall.reports import Chain as ChainEvidence
    from rolecall.reports import Expectation as ExpectationEvidence

__all__ = ["write"]

_PACKAGES = ("pytest", "moto", "boto3", "botocore", "jsonschema")


def write(state: State) -> None:
    """Build the evidence of a run and write every view. Does not raise when it cannot be written."""
    gc.disable()  # a run's evidence holds no cycles, and collections would walk it again and again
    try:
        _write(state)
    finally:
        gc.enable()


def _seeded_secrets(chains: Iterable[Chain]) -> frozenset[str]:
    """What seeded secrets hold: nothing real should, but the report shows the manifest that says it."""
    seeded = (item for chain in chains for item in chain.resources if item.kind == "secret")
    return frozenset(str(item.properties["value"]) for item in seeded if item.properties.get("value"))


def _write(state: State) -> None:
    evidence = _organized(_analyzed(_evidence(state), state), state)
    page = state.options.report_dir / "index.html"
    try:
        baseline, history = _earlier(state)
        write_reports(
            evidence,
            state.options.report_dir,
            baseline=baseline,
            history=history,
            secrets=_seeded_secrets(state.chains or ()),
        )
        state.report = page
        _add_step_summary(state.options.report_dir / "summary.md")
    except RolecallError as error:
        state.report_error = str(error)
    here = state.options.started_in
    shown = page.relative_to(here) if page.is_relative_to(here) else page
    state.summary = render_terminal(evidence, report=str(shown) if state.report else None)


def _analyzed(evidence: Evidence, state: State) -> Evidence:
    if not state.options.access_analyzer or not evidence.documents:
        return evidence
    from rolecall.reports.access_analyzer import with_analyzer_findings
    from rolecall.targets.remote import remote_target

    try:
        target = remote_target(state.options, lambda: datetime.now(UTC))
        session = target.admin(target.identity.account, target.region)
    except RolecallError as error:
        limit = f"IAM Access Analyzer was to look at the documents and could not: {error}"
        return replace(evidence, limits=(*evidence.limits, limit))
    return with_analyzer_findings(evidence, session.client("accessanalyzer"))


def _organized(evidence: Evidence, state: State) -> Evidence:
    """With what can be told of the organizations of the accounts that were used: limits, no verdict."""
    hurried = state.ending is not None and state.ending.hurried
    if state.options.aws_target not in ("endpoint", "account") or not evidence.chains or hurried:
        return evidence
    from rolecall.targets.organization import organization_limits
    from rolecall.targets.remote import remote_target

    by_account: dict[str, set[str]] = {}
    for chain in state.chains or ():
        used = next((one for one in evidence.chains if one.name == chain.name), None)
        for one in used.accounts if used is not None else ():
            declared = (("scps", chain.scps), ("rcps", chain.rcps))
            by_account.setdefault(one.actual, set()).update(
                kind for kind, held in declared if held.get(one.name)
            )
    limits: list[str] = []
    try:
        target = remote_target(state.options, lambda: datetime.now(UTC))
        for account, kinds in by_account.items():
            client = target.admin(account, target.region).client("organizations")
            limits.extend(organization_limits(client, account, kinds))
    except RolecallError:
        pass  # nobody was let in: every verdict says so
    return replace(evidence, limits=(*evidence.limits, *dict.fromkeys(limits)))


def _earlier(state: State) -> tuple[Evidence | None, Sequence[Evidence]]:
    """What to compare with. Where it cannot be read the report is written without, and that is told."""
    try:
        return read_earlier(state.options.baseline, state.options.history)
    except RolecallError as error:
        state.report_error = f"compared with nothing: {error}"
        return None, ()


def _add_step_summary(summary: Path) -> None:
    """On GitHub Actions the summary goes onto the run's page as well."""
    page = os.environ.get("GITHUB_STEP_SUMMARY")
    if page:
        with contextlib.suppress(OSError), open(page, "a", encoding="utf-8") as file:
            file.write(summary.read_text(encoding="utf-8"))


def _evidence(state: State) -> Evidence:
    documents = DocumentIndex(state.options.root)
    handed = state.evidence
    by_chain: dict[str, list[Handover]] = {}
    for handover in handed:
        by_chain.setdefault(handover.chain, []).append(handover)
    found = [
        _chain(chain, by_chain[chain.name], documents, state)
        for chain in state.chains or ()
        if chain.name in by_chain
    ]
    known = {document.id for document in documents.documents}
    further = {d.id: d for handover in handed for d in handover.documents if d.id not in known}
    accounts = dict.fromkeys(
        account.actual
        for chain in found
        # Where nothing was built and nothing asked, no account was entered.
        if chain.provisioning or not all(item.unverified for item in chain.expectations)
        for account in chain.accounts
    )
    return Evidence(
        run=Run(
            id=state.options.run_id,
            target=state.options.aws_target,
            account=", ".join(accounts),
            region=", ".join(dict.fromkeys(chain.region for chain in found)),
            started=state.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            duration=round(time.perf_counter() - state.began, 3),
            versions=_versions(),
            folder=folder_in_repository(state.options.root),
            origin=state.origin,
            runner=", ".join(dict.fromkeys(h.runner for h in handed if h.runner)),
            left=tuple(state.left),
            parts=("/".join(map(str, state.options.shard)),) if state.options.shard else (),
            unchecked=tuple(_unchecked(state)),
            fail_on_inconclusive=state.options.fail_on_inconclusive,
        ),
        chains=tuple(found),
        documents=(*documents.documents, *(further[key] for key in sorted(further))),
        controls=controls_of(found),
        limits=(
            *dict.fromkeys(limit for handover in handed for limit in handover.limits),
            *limits_of(
                state.options.aws_target,
                asked=not found or any(not item.unverified for chain in found for item in chain.expectations),
            ),
        ),
        open_questions=open_questions_of(found),
    )


def _unchecked(state: State) -> Iterable[str]:
    """What no item left anything about: deselected, not come to before the run was ended, or broken."""
    checked = {f"{handover.chain}/{handover.expectation.id}" for handover in state.evidence}
    if state.promises is not None:
        declared = [promise.id for promise in state.promises]
    else:  # workers collected them
        declared = [
            f"{chain.name}/{found.id}"
            for chain in state.chains or ()
            for found in (*chain.expectations, *negatives(chain))
        ]
    return (key for key in declared if key not in checked)


def _chain(chain: Chain, handed: Sequence[Handover], documents: DocumentIndex, state: State) -> ChainEvidence:
    _take_in(chain, documents, state)
    text = state.manifests.get(chain.name)
    manifest = documents.add_manifest(chain.name, chain.file, text) if text is not None else ""
    order = {expectation.id: number for number, expectation in enumerate(chain.expectations)}
    expectations = sorted(
        _once(h.expectation for h in handed), key=lambda e: (order.get(e.id, len(order)), e.line or 0, e.id)
    )
    world = World(chain, _shipped_or_empty, state.started)
    accounts = {a.name: a.actual for handover in handed for a in handover.accounts}
    return record_chain(
        world,
        documents,
        expectations,
        accounts=accounts,
        provisioning=next((h.steps for h in handed if h.steps), ()),
        waivers=tuple(_waivers(chain, expectations, state.started)),
        coverage=coverage_of(chain, expectations, documents, accounts),
        manifest=manifest,
        teardown=add_up((t[chain.name] for t in state.teardowns if chain.name in t), frozenset(state.swept)),
    )


def _once(found: Iterable[ExpectationEvidence]) -> Iterable[ExpectationEvidence]:
    """Each promise once, by its worst verdict: more than one test may verify it, or one test again."""
    worst: dict[str, ExpectationEvidence] = {}
    for item in found:
        known = worst.setdefault(item.id, item)
        if WORST_FIRST.index(item.verdict) < WORST_FIRST.index(known.verdict):
            worst[item.id] = item
    return worst.values()


def _shipped_or_empty(arn: str) -> Policy:
    """A managed policy that nobody knows was told as a failure already; it must not cost the report."""
    return shipped_policy(arn) or Policy((), "2012-10-17", name=arn)


def _take_in(chain: Chain, documents: DocumentIndex, state: State) -> None:
    """Every document of the chain with its kind and what schema and lint say of it."""
    told = state.linter.lint_chain(chain)
    for use in policy_uses(chain):
        documents.add(use.policy, use.kind, findings_of(told.get(use, ()), documents.relative))


def _waivers(chain: Chain, expectations: Iterable[object], started: datetime) -> Iterable[Waiver]:
    unneeded = {getattr(e, "id", "") for e in expectations if "remove its waiver" in getattr(e, "reason", "")}
    for waiver in chain.waivers:
        expired = started.astimezone(UTC).date() > waiver.until
        yield Waiver(
            waiver.expectation,
            waiver.reason,
            waiver.approved_by,
            waiver.until.isoformat(),
            "expired" if expired else "unneeded" if waiver.expectation in unneeded else "active",
            waiver.ticket,
        )


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "rolecall": rolecall.__version__}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
