"""What surrounds the verdicts of a run: where, of which files, what was built and removed, what is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["OpenQuestion", "Origin", "ProvisioningStep", "Remnant", "Run", "Teardown", "Waiver"]


@dataclass(frozen=True, slots=True)
class Origin:
    """The git checkout that was run from, and the CI job that ran it. Empty where there is none.

    ``dirty``: whether a tracked file, or an untracked or ignored one beside a manifest, was not as in
    ``commit``, or a manifest is in no repository or another; None
    where that could not be told. ``changed`` names such files (the first of them, from the repository's
    root). ``ci`` is the system, ``ci_commit`` the commit that it names, ``url`` the page of its run.
    """

    commit: str = ""
    dirty: bool | None = None
    changed: tuple[str, ...] = ()
    ci: str = ""
    ci_commit: str = ""
    ref: str = ""
    workflow: str = ""
    actor: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: what ran, where, which versions, when. ``folder``: of its files in the repository.

    ``runner``: the ARN that provisioned in a shared account. ``left``: what is still there. ``parts``: which
    of how many shards this is, or was put together from (``2/5``); empty for a whole run.
    ``unchecked``: promises (``chain/id``) of the run's chains that it never came to, for whatever reason.
    """

    id: str
    target: str
    account: str
    region: str
    started: str
    duration: float
    versions: Mapping[str, str] = field(default_factory=dict)
    shards: int = 1
    folder: str = ""
    origin: Origin | None = None
    runner: str = ""
    left: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    fail_on_inconclusive: bool = False


@dataclass(frozen=True, slots=True)
class ProvisioningStep:
    """One API call that built or removed the chain, and its answer in short."""

    operation: str
    subject: str
    ok: bool
    answer: str = ""
    http_status: int | None = None
    error_code: str | None = None
    message: str = ""
    request_id: str | None = None
    attempts: int = 1
    duration: float = 0.0


@dataclass(frozen=True, slots=True)
class Remnant:
    """Something that the run created and could not remove, and why."""

    thing: str
    account: str
    reason: str


@dataclass(frozen=True, slots=True)
class Teardown:
    """What became of everything that was created for a chain.

    ``removed``: gone by a call; ``left``: still there; ``not_ours``: was there before or is somebody else's,
    and was not touched. ``vanished``: the target itself was gone with the process, and all that was in it.
    """

    removed: tuple[str, ...] = ()
    left: tuple[Remnant, ...] = ()
    not_ours: tuple[str, ...] = ()
    vanished: bool = False


@dataclass(frozen=True, slots=True)
class Waiver:
    """An expectation (its id) that is let go, by whom, why and until when (a date).

    ``state``: ``active``; ``expired`` when the run began after ``until``; ``unneeded`` when the
    expectation passes without it.
    """

    expectation: str
    reason: str
    approved_by: str
    until: str
    state: Literal["active", "expired", "unneeded"]
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A point that AWS's pages leave open and that a verdict hangs on, and how it was decided here.

    ``switch`` is its name in ``Prediction.contested``.
    """

    switch: str
    question: str
    decided: str
