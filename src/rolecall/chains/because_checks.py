"""Whether the reason that a promise gives for a denial can be one in this chain.

Only what is certain: a name that no document bears, a statement that none has, a stage that the chain gives
nothing for. A policy that is attached from AWS is known by its ARN; what it says is not known here.

No manifest is refused for this: where a statement was taken out of a policy, or a boundary off a role, the
promise that names it has to fail as a promise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.chains.documents import FULL_AWS_ACCESS, Document
from rolecall.chains.expectations import ActionExpectation, HopExpectation
from rolecall.chains.places import place_of
from rolecall.chains.problems import Problems, nearest
from rolecall.iam.policy_sets import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.chains.expectations import Because
    from rolecall.chains.model import Chain
    from rolecall.chains.principals import Role, User
    from rolecall.errors import InputError

__all__ = ["impossible_reasons"]

_ABSENT = {
    Stage.BOUNDARY: ("no permissions boundary", "add boundary: to the user or role, or name another stage"),
    Stage.SESSION: ("no session policy", "add session_policy: to the hop, or name another stage"),
    Stage.SCP: ("no service control policy", "declare them under scps:, or name another stage"),
    Stage.RCP: ("no resource control policy", "declare them under rcps:, or name another stage"),
}


def impossible_reasons(chain: Chain) -> tuple[InputError, ...]:
    """A policy, a statement or a stage that a denial can never have come from, each with its place."""
    problems = Problems(chain.file)
    for expectation in chain.expectations:
        if isinstance(expectation, ActionExpectation | HopExpectation) and expectation.because is not None:
            _check(chain, expectation, expectation.because, problems)
    return problems.sorted()


def _check(
    chain: Chain, expectation: ActionExpectation | HopExpectation, because: Because, problems: Problems
) -> None:
    where = f"expect ({expectation.id}): because"
    documents = (*chain.documents(), *_brought(expectation))
    foreign = _foreign(chain, expectation)
    meant = [one for one in documents if because.policy is None or _is_called(one, because.policy)]
    if because.policy is not None and not meant and because.policy not in foreign:
        known = [*chain.policies, *(one.path for one in documents if one is not FULL_AWS_ACCESS), *foreign]
        problems.add(
            place_of(because.policy, expectation),
            f'{where}.policy: the chain has no policy or document "{because.policy}"',
            nearest(because.policy, known),
        )
    elif because.statement is not None and not (
        foreign if because.policy is None else because.policy in foreign
    ):
        known = _statements(meant)
        if str(because.statement) not in known:
            of = f" of {because.policy}" if because.policy is not None else ""
            problems.add(
                place_of(because.statement, expectation),
                f'{where}.statement: no statement{of} has the Sid or number "{because.statement}"',
                nearest(str(because.statement), known),
            )
    if because.stage in _ABSENT and not _stands(chain, because.stage, expectation):
        what, hint = _ABSENT[because.stage]
        problems.add(place_of(expectation, expectation), f"{where}.stage: {what} is declared for it", hint)


def _stands(chain: Chain, stage: Stage, expectation: ActionExpectation | HopExpectation) -> bool:
    """Whether the chain gives anything for that stage; for an action, to whom it is about."""
    holders: list[User | Role] = [*chain.users.values(), *chain.roles.values()]
    hops = chain.hops
    if isinstance(expectation, ActionExpectation):
        name = expectation.as_
        hops = chain.hops_into(name)
        roles = {hop.assume for hop in hops}
        holders = (
            [chain.users[name]] if name in chain.users else [one for one in holders if one.name in roles]
        )
    match stage:
        case Stage.BOUNDARY:
            return any(holder.boundary for holder in holders)
        case Stage.SESSION:
            narrowed = any(hop.session_policy or hop.session_policy_arns for hop in hops)
            return narrowed or bool(_brought(expectation))
        case Stage.SCP:
            return any(chain.scps.values())
        case _:
            return any(chain.rcps.values())


def _brought(expectation: ActionExpectation | HopExpectation) -> tuple[Document, ...]:
    """The session policy that a promise about a hop changes it to."""
    told = expectation.changes.get("session_policy") if isinstance(expectation, HopExpectation) else None
    return (told,) if isinstance(told, Document) else ()


def _foreign(chain: Chain, expectation: ActionExpectation | HopExpectation) -> list[str]:
    """The ARNs of attached policies that the chain does not declare."""
    used = [ref for hop in chain.hops for ref in hop.session_policy_arns]
    if isinstance(expectation, HopExpectation):
        used.extend(expectation.changes.get("session_policy_arns", ()))
    holders: tuple[User | Role, ...] = (*chain.users.values(), *chain.roles.values())
    for holder in holders:
        used.extend((*holder.policies, *([holder.boundary] if holder.boundary else ())))
    for group in chain.groups.values():
        used.extend(group.policies)
    declared = {chain.policy_arn(name) for name in chain.policies}
    return list(dict.fromkeys(ref for ref in used if ref not in chain.policies and ref not in declared))


def _is_called(document: Document, name: str) -> bool:
    file = document.policy.file or document.path
    return name in (document.policy.name, document.path, file) or file.endswith("/" + name)


def _statements(documents: Iterable[Document]) -> list[str]:
    """The Sids of documents first, then the numbers of their statements."""
    every = [statement for document in documents for statement in document.policy.statements]
    sids = [statement.sid for statement in every if statement.sid]
    return [*dict.fromkeys(sids), *map(str, sorted({statement.index for statement in every}))]
