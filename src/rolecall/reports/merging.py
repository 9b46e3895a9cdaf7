"""Evidence of several shards of one run → evidence of the run. Data is merged, never pages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.errors import InputError
from rolecall.reports.evidence import Coverage, Origin, Run
from rolecall.reports.teardown_of import add_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rolecall.reports.evidence import Chain, Control, Document, Evidence

__all__ = ["merge", "missing_parts"]


def merge(evidences: Sequence[Evidence]) -> Evidence:
    """One evidence of all shards, the same in whatever order they come.

    InputError where shards overlap (an expectation twice), ran on different targets or versions, used
    different accounts for one, or saw different documents under one id: such shards are not of one run.
    Shards that are missing are named among the limits of what is there.
    Chains have accounts and regions of their own, so the shards' lists of these are put together.
    """
    if not evidences:
        raise InputError("there is no evidence to merge", hint="name at least one evidence.json")
    if len(evidences) == 1:
        return _told_of_missing(evidences[0])
    ordered = sorted(evidences, key=lambda item: (item.run.started, item.run.id, item.to_json()))
    _check_accounts(ordered)
    chains: dict[str, Chain] = {}
    for evidence in ordered:
        for chain in evidence.chains:
            chains[chain.name] = _joined(chains[chain.name], chain) if chain.name in chains else chain
    run = _run([item.run for item in ordered])
    checked = {f"{name}/{item.id}" for name, chain in chains.items() for item in chain.expectations}
    merged = replace(
        ordered[0],
        run=replace(run, unchecked=tuple(key for key in run.unchecked if key not in checked)),
        chains=tuple(_sorted(chains[name]) for name in sorted(chains)),
        documents=tuple(_documents(item for evidence in ordered for item in evidence.documents)),
        controls=tuple(_controls(item for evidence in ordered for item in evidence.controls)),
        limits=tuple(dict.fromkeys(limit for evidence in ordered for limit in evidence.limits)),
        open_questions=tuple(
            sorted(
                {one for evidence in ordered for one in evidence.open_questions}, key=lambda one: one.switch
            )
        ),
    )
    return _told_of_missing(merged)


def missing_parts(run: Run) -> tuple[str, ...]:
    """The shards that a run was cut into and that are not in it: ``3/5``."""
    if not run.parts:
        return ()
    whole = int(run.parts[0].partition("/")[2])
    return tuple(part for n in range(1, whole + 1) if (part := f"{n}/{whole}") not in run.parts)


def _told_of_missing(evidence: Evidence) -> Evidence:
    missing = missing_parts(evidence.run)
    if not missing:
        return evidence
    said = (
        f"ATTENTION: shard {', '.join(missing)} is not in this report: what was promised there is not shown."
    )
    return replace(evidence, limits=tuple(dict.fromkeys((said, *evidence.limits))))


def _parts(runs: Sequence[Run]) -> tuple[str, ...]:
    every = [part for run in runs for part in run.parts]
    if len({part.partition("/")[2] for part in every}) > 1:
        raise InputError(
            f"the shards are of different cuts ({', '.join(every)})",
            hint="only shards of one run can be merged",
        )
    for part in every:
        if every.count(part) > 1:
            raise InputError(f"shard {part} is there twice", hint="leave one of them out")
    return tuple(sorted(every, key=lambda part: int(part.partition("/")[0])))


def _run(runs: Sequence[Run]) -> Run:
    first = runs[0]
    for run in runs[1:]:
        for name in ("target", "versions"):
            if getattr(run, name) != getattr(first, name):
                raise InputError(
                    f"{name} of run {run.id} is {getattr(run, name)}, not {getattr(first, name)}",
                    hint="only shards of one run can be merged",
                )
    identifiers = "+".join(dict.fromkeys(run.id for run in runs))
    return replace(
        first,
        id=identifiers,
        account=_together(run.account for run in runs),
        region=_together(run.region for run in runs),
        duration=max(run.duration for run in runs),
        shards=sum(run.shards for run in runs),
        origin=_origin([run.origin for run in runs if run.origin is not None]),
        runner=_together(run.runner for run in runs),
        left=tuple(dict.fromkeys(left for run in runs for left in run.left)),
        parts=_parts(runs),
        unchecked=tuple(sorted({key for run in runs for key in run.unchecked})),
    )


def _origin(found: Sequence[Origin]) -> Origin | None:
    """That of all shards: of one commit, each in a job of its own."""
    if not found:
        return None
    commits = list(dict.fromkeys(one.commit for one in found if one.commit))
    if len(commits) > 1:
        raise InputError(
            f"the shards are of different commits ({', '.join(one[:12] for one in commits)})",
            hint="only shards of one run can be merged",
        )
    told = [one.dirty for one in found]
    urls = dict.fromkeys(one.url for one in found if one.url)
    return replace(
        found[0],
        commit=commits[0] if commits else "",
        dirty=True if True in told else None if None in told else False,
        changed=tuple(sorted({name for one in found for name in one.changed})),
        url=", ".join(urls),
    )


def _together(lists: Iterable[str]) -> str:
    return ", ".join(sorted({item for text in lists for item in text.split(", ") if item}))


def _check_accounts(evidences: Iterable[Evidence]) -> None:
    used: dict[tuple[str, str], str] = {}
    for evidence in evidences:
        for account in (account for chain in evidence.chains for account in chain.accounts):
            known = used.setdefault((account.name, account.declared), account.actual)
            if known != account.actual:
                raise InputError(
                    f"account {account.name} is {account.actual} in run {evidence.run.id}, "
                    f"and {known} in another",
                    hint="only shards of one run can be merged",
                )


def _joined(one: Chain, other: Chain) -> Chain:
    known = {item.id for item in one.expectations}
    twice = [item.id for item in other.expectations if item.id in known]
    if twice:
        raise InputError(
            f"expectation {one.name}/{twice[0]} is in more than one of the shards",
            hint="the shards overlap; leave one of them out",
        )
    for name in ("title", "file", "region", "accounts", "principals", "manifest"):
        if getattr(one, name) != getattr(other, name):
            raise InputError(
                f"{name} of chain {one.name} differs between the shards",
                hint="only shards of one run can be merged",
            )
    hops = {hop.id: hop for hop in (*other.hops, *one.hops)}
    return replace(
        one,
        hops=tuple(hops[key] for key in dict.fromkeys(hop.id for hop in (*one.hops, *other.hops))),
        expectations=one.expectations + other.expectations,
        provisioning=one.provisioning + other.provisioning,
        waivers=tuple(dict.fromkeys((*one.waivers, *other.waivers))),
        coverage=_covered(one.coverage, other.coverage),
        teardown=add_up(part for part in (one.teardown, other.teardown) if part is not None),
    )


def _covered(one: Coverage | None, other: Coverage | None) -> Coverage | None:
    """A gap stays only where both shards have it."""
    if one is None or other is None:
        return one or other
    gaps = tuple(gap for gap in one.gaps if gap in other.gaps)
    return Coverage(one.total, one.total - len(gaps), gaps)


def _sorted(chain: Chain) -> Chain:
    return replace(
        chain,
        expectations=tuple(
            sorted(chain.expectations, key=lambda item: (item.line is None, item.line or 0, item.id))
        ),
    )


def _documents(documents: Iterable[Document]) -> list[Document]:
    found: dict[str, Document] = {}
    for item in documents:
        known = found.setdefault(item.id, item)
        if known.sha256 != item.sha256:
            raise InputError(
                f"document {item.id} differs between the shards ({known.sha256[:12]}…, {item.sha256[:12]}…)",
                hint="only shards of one run can be merged",
            )
    return [found[key] for key in sorted(found)]


def _controls(controls: Iterable[Control]) -> list[Control]:
    found = {item.id: item for item in controls}
    return [found[key] for key in sorted(found)]
