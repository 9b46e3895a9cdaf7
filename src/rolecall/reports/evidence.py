"""The evidence of a run: plain strings and numbers, frozen, readable years later without this package.

Nothing here refers to a class of another room. Whoever makes evidence says everything in words and
numbers; every view (page, junit properties, SARIF, Markdown, terminal) reads only this. Times are ISO 8601 in
UTC, durations are seconds, lines and columns count from 1, ``index`` of a statement counts from 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from rolecall.reports.circumstances import (
    OpenQuestion,
    Origin,
    ProvisioningStep,
    Remnant,
    Run,
    Teardown,
    Waiver,
)

__all__ = [
    "FORMAT",
    "Account",
    "Call",
    "Chain",
    "Control",
    "Coverage",
    "CoverageGap",
    "Document",
    "Evidence",
    "Expectation",
    "Expected",
    "Finding",
    "Gate",
    "Hop",
    "NearestMiss",
    "Observation",
    "OpenQuestion",
    "Origin",
    "Prediction",
    "Principal",
    "ProvisioningStep",
    "Remnant",
    "Run",
    "StatementRef",
    "Step",
    "Teardown",
    "Waiver",
]

FORMAT = 1
"""The version of this model. It changes when an older reader could misunderstand newer evidence."""

Verdict = Literal["passed", "failed", "inconclusive", "waived"]
Outcome = Literal["allowed", "explicitDeny", "implicitDeny"]
Seen = Literal["allowed", "denied", "inconclusive"]
StageName = Literal[
    "identity_policies", "resource_policy", "permissions_boundary", "session_policies", "scps", "rcps", "call"
]
"""The stages of a decision, spelled as ``rolecall simulate`` spells them. For a hop, ``resource_policy``
is the trust policy of the role."""
GateState = Literal["allowed", "explicitDeny", "implicitDeny", "absent", "notReached"]
"""What one gate answered. ``absent``: no such policy applies here. ``notReached``: AWS never asks it."""
Kind = Literal["allow", "deny", "reach", "only", "assumers_of", "mutation"]
PrincipalKind = Literal["user", "role", "group", "root", "service", "federated", "anyone"]
PolicyKind = Literal["identity", "trust", "resource", "session", "boundary", "scp", "rcp"]
DocumentKind = Literal[PolicyKind, "manifest"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What the schema or the linter says about a document: ``error`` is what AWS refuses."""

    rule: str
    level: Literal["error", "security", "warning", "suggestion"]
    message: str
    line: int | None = None
    column: int | None = None
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document as it was deployed. ``id`` is unique in the evidence; statements refer to it.

    ``sha256`` is that of ``text`` in UTF-8. ``file`` is relative to the repository, None for an
    AWS managed policy (``arn`` names it). A manifest's ``sha256`` is that of its
    file, credentials in its text are hidden.
    """

    id: str
    name: str
    kind: DocumentKind
    sha256: str
    text: str
    file: str | None = None
    arn: str | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementRef:
    """A statement in a document. ``line`` to ``end_line`` are its first and last line there."""

    document: str
    policy: str
    index: int
    effect: Literal["Allow", "Deny"]
    sid: str | None = None
    file: str | None = None
    line: int | None = None
    end_line: int | None = None


@dataclass(frozen=True, slots=True)
class NearestMiss:
    """The Allow statement that came closest, and the one element of it that did not match.

    ``element`` is Principal, Action, Resource or Condition. ``found`` is None where the key was missing.
    """

    statement: StatementRef
    element: str
    wanted: tuple[str, ...]
    found: tuple[str, ...] | None = None
    operator: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate of a decision: the answer of one type of policy. ``decided``: it settled the outcome."""

    stage: StageName
    state: GateState
    decided: bool = False
    statements: tuple[StatementRef, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One request on the way: who asks for what, and its ladder of gates. ``hop`` where it is one."""

    principal: str
    action: str
    resource: str
    outcome: Outcome
    gates: tuple[Gate, ...] = ()
    hop: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What was promised: ``allowed`` or ``denied``, and in words for which reason (empty: any)."""

    outcome: Literal["allowed", "denied"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the engine says, and why. ``stage`` decided; ``blocked_by`` all stages that stood in the way.

    ``examined`` counts the requests that were decided (a closure looks at every known action).
    ``contested`` names the points that AWS's pages leave open and that would change this answer.
    """

    outcome: Outcome
    stage: StageName
    reason: str
    blocked_by: tuple[StageName, ...] = ()
    statements: tuple[StatementRef, ...] = ()
    nearest_miss: NearestMiss | None = None
    contested: tuple[str, ...] = ()
    missing_context: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    examined: int = 1


@dataclass(frozen=True, slots=True)
class Call:
    """One API call and its answer, secrets left out.

    ``principal`` is the ARN that called, ``call`` how it was made (``ec2 describe-instances --dry-run``).
    ``answer`` says in short what a positive answer held. ``decoded_denial`` is the decoded authorization
    message. ``waits`` are the pauses between attempts. ``identity`` is the ARN that
    GetCallerIdentity answered for the same credential, the proof that the credential works.
    """

    principal: str
    action: str
    resource: str
    call: str
    outcome: Seen
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None
    message: str = ""
    answer: str = ""
    decoded_denial: str | None = None
    attempts: int = 1
    waits: tuple[float, ...] = ()
    duration: float = 0.0
    identity: str | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What the target answered as a whole, the reason that it gave, and the calls that showed it."""

    outcome: Seen
    reason: str
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class Expectation:
    """One line of promise and what became of it.

    ``title`` is the promise as a sentence, ``principal`` a key of the chain's principals, ``reason`` why
    the verdict is what it is. ``file`` and ``line`` are where the manifest says it. ``controls`` are
    ids in ``Evidence.controls``. ``hop`` is the id of the hop that is meant, for reach and mutations.
    ``disagreement`` says where engine and target differ, ``simulated`` what IAM's policy simulator says,
    ``not_called`` why no call was made, or not for all of it. ``when``: request context of the promise.
    """

    id: str
    kind: Kind
    title: str
    principal: str
    verdict: Verdict
    reason: str
    expected: Expected
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    predicted: Prediction | None = None
    observed: Observation | None = None
    duration: float = 0.0
    controls: tuple[str, ...] = ()
    hop: str | None = None
    file: str | None = None
    line: int | None = None
    disagreement: str = ""
    simulated: str = ""
    not_called: str = ""
    when: Mapping[str, str] = field(default_factory=dict)

    @property
    def by_engine_alone(self) -> bool:
        """Whether the verdict rests on the prediction, no call having been made."""
        return self.predicted is not None and self.observed is None and self.verdict != "inconclusive"

    @property
    def unverified(self) -> bool:
        """Whether nothing was asked at all, of engine or target: the chain could not be built, for one."""
        return self.verdict == "inconclusive" and self.predicted is None and self.observed is None


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a chain: its name, the id that the manifest declares, and the id that was used."""

    name: str
    declared: str
    actual: str


@dataclass(frozen=True, slots=True)
class Principal:
    """A principal of a chain. ``account`` is an account's name; ``documents`` are ids, trust policy first."""

    key: str
    kind: PrincipalKind
    arn: str
    account: str
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hop:
    """A declared hop from one principal (a key) to a role (a key), and its ladder of gates.

    ``action`` is the call, ``name`` the session's key where it is not the role's, ``settings`` what the call
    carries, as words. ``session_policies``: statements passed on; no say in the hop, they limit the session.
    """

    id: str
    source: str
    role: str
    session_name: str
    session_arn: str
    outcome: Outcome
    gates: tuple[Gate, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    action: str = "sts:AssumeRole"
    name: str = ""
    session_policies: tuple[StatementRef, ...] = ()

    @property
    def session(self) -> str:
        """The key under which expectations name the session that the hop makes."""
        return self.name or self.role


@dataclass(frozen=True, slots=True)
class CoverageGap:
    """A statement, or one branch of it (one principal, one condition), that no expectation exercises."""

    statement: StatementRef
    branch: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many statements and branches there are, how many were exercised, and which were not."""

    total: int
    exercised: int
    gaps: tuple[CoverageGap, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """One chain: what was declared (``manifest`` is a document), how it was built, what became of it."""

    name: str
    title: str
    file: str
    region: str
    accounts: tuple[Account, ...] = ()
    principals: tuple[Principal, ...] = ()
    hops: tuple[Hop, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    provisioning: tuple[ProvisioningStep, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    coverage: Coverage | None = None
    manifest: str = ""
    teardown: Teardown | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """A control with its version in the id, what a passed expectation supports, and what it does not.

    ``note``: what is wrong with the id, where rolecall does not know it.
    """

    id: str
    title: str
    supports: str
    does_not_prove: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything one run leaves. ``limits`` are sentences: what this run does not prove."""

    run: Run
    chains: tuple[Chain, ...] = ()
    documents: tuple[Document, ...] = ()
    controls: tuple[Control, ...] = ()
    limits: tuple[str, ...] = ()
    format: int = FORMAT
    open_questions: tuple[OpenQuestion, ...] = ()

    def to_json(self) -> str:
        """The evidence as JSON text with a line feed at its end; the same evidence gives the same text."""
        from rolecall.reports.codec import encode

        return encode(self)

    @classmethod
    def from_json(cls, text: str | bytes, *, file: str | None = None) -> Evidence:
        """Evidence from JSON text; InputError says where it is not evidence. Nothing is lost on the way."""
        from rolecall.reports.codec import decode

        return decode(text, file=file)

    def counts(self) -> dict[str, int]:
        """How many expectations got each verdict, in the order passed, failed, inconclusive, waived."""
        found = [expectation.verdict for chain in self.chains for expectation in chain.expectations]
        return {name: found.count(name) for name in get_args(Verdict)}

    def by_engine_alone(self) -> int:
        """How many expectations were decided without any call; they are among ``counts`` as well."""
        return sum(item.by_engine_alone for chain in self.chains for item in chain.expectations)
