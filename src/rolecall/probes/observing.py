"""Asking the target about an expectation: which calls, as whom, and what was promised of each."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.chains import (
    ActionExpectation,
    AssumersExpectation,
    Expectation,
    HopExpectation,
    OnlyExpectation,
    ReachExpectation,
    resource_of,
)
from rolecall.iam.call_rules import ALWAYS_PERMITTED
from rolecall.iam.wildcards import has_wildcard
from rolecall.probes.answers import Answer, Seen
from rolecall.probes.calling import call
from rolecall.probes.choosing import NoProbe, choose_probe
from rolecall.probes.chosen_hops import chosen_hops
from rolecall.probes.observations import Observation, Observed

if TYPE_CHECKING:
    from botocore.model import ServiceModel

    from rolecall.iam.catalog import Catalog
    from rolecall.probes.access import Access, HopResult
    from rolecall.probes.credentials import Credential

__all__ = ["lets_all_through", "observe"]

_MOST_CALLS = 5
_SAMPLE = ("iam:ListUsers", "ec2:DescribeInstances", "s3:ListAllMyBuckets", "iam:ListRoles", "kms:ListKeys")


def observe(access: Access, expectation: Expectation, catalog: Catalog) -> Observation:
    """Make the calls that show what the target does about an expectation; none where none is safe."""
    access.control_call = _control_caller(access, catalog)
    match expectation:
        case ActionExpectation():
            return _actions(access, expectation, catalog)
        case ReachExpectation():
            way = access.way(expectation.role, expectation.frm)
            untold = _without_token(access, way)
            return untold or Observation(tuple(Observed(result.answer, promised=True) for result in way))
        case OnlyExpectation():
            return _sample(access, expectation, catalog)
        case AssumersExpectation():
            return _assumers(access, expectation)
        case HopExpectation():
            return _mutation(access, expectation)


def _actions(access: Access, expectation: ActionExpectation, catalog: Catalog) -> Observation:
    region = _region(expectation)
    if expectation.when and region is None:
        return Observation(note="the promised context cannot be brought about from outside")
    credential = access.credential(expectation.as_, expectation.frm)
    if credential is None:
        way = access.way(expectation.as_, expectation.frm)
        untold = _without_token(access, way)
        if untold:
            return untold
        refused = [Observed(result.answer, promised=True) for result in way]
        note = "no access key is declared for this user" if not refused else ""
        return Observation(tuple(refused), note)
    calls: list[Observed] = []
    notes: list[str] = []
    for pattern in expectation.actions:
        names = catalog.expand(pattern) if "*" in pattern or "?" in pattern else (pattern,)
        for name in names:
            for resource in expectation.on or ("*",):
                if len(calls) >= _MOST_CALLS:
                    return Observation(tuple(calls), f"only {_MOST_CALLS} calls are made for a wildcard")
                who = (expectation.as_, expectation.frm)
                answer = _ask(
                    access, credential, who, name, resource, catalog, expectation.allowed, expectation, region
                )
                if isinstance(answer, str):
                    notes.append(answer)
                else:
                    calls.append(Observed(answer, expectation.allowed))
    return Observation(tuple(calls), "; ".join(dict.fromkeys(notes[:3])))


def _without_token(access: Access, way: tuple[HopResult, ...]) -> Observation | None:
    """Nothing was asked where the way begins with a token that cannot be had: the engine decides alone."""
    why = access.without_token(way[0].hop) if way else ""
    return Observation(note=why) if why else None


def _region(expectation: ActionExpectation) -> str | None:
    """The region to call, where a promise is about that and nothing else."""
    if [key.lower() for key in expectation.when] != ["aws:requestedregion"]:
        return None
    (value,) = expectation.when.values()
    return value if isinstance(value, str) else None


def _ask(
    access: Access,
    credential: Credential,
    who: tuple[str, str | None],
    action: str,
    resource: str,
    catalog: Catalog,
    promised: bool,
    expectation: ActionExpectation | None = None,
    region: str | None = None,
) -> Answer | str:
    known = catalog.action(action)
    asked = catalog.asked_on(action, (resource,), access.chain.partition)
    if not asked:
        return f"{action} is never decided on {resource}"
    takes_none = known is not None and not known.resources
    place = _place(resource) if not takes_none else None
    if place and region and place != region:
        return f"{resource} is not in {region}"
    region = region or place

    def models(service: str) -> ServiceModel:
        return access.speaking(credential, service, region).meta.service_model

    identity = access.identity(credential)
    probe = choose_probe(
        action,
        "*" if takes_none else access.actual(resource),
        catalog,
        models,
        parameters=expectation.parameters if expectation else None,
        unsafe=bool(expectation and expectation.unsafe and access.target.is_emulator),
        account=_account(identity or credential.identity),
    )
    if isinstance(probe, NoProbe):
        return probe.why
    resource = asked[0]
    if identity is None:
        refused = access.refusal(credential)
        said = (refused.message if refused else "") or "GetCallerIdentity is refused"
        return Answer(
            credential.identity or "unknown",
            action,
            resource,
            probe.command,
            Seen.INCONCLUSIVE,
            error_code=refused.error_code if refused else None,
            message=f"the credential itself does not work: {said}",
            attempts=refused.attempts if refused else 1,
            waits=refused.waits if refused else (),
            duration=refused.duration if refused else 0.0,
        )

    def once(held: Credential) -> Answer:
        return call(
            access.speaking(held, probe.service, region),
            replace(probe, resource=resource),
            principal=identity,
            identity=identity,
            authorizes_first=access.target.authorizes_first,
            exists=_is_seeded(access, resource),
        )

    def ask() -> Answer:
        return access.asking(credential, once)

    if access.settling is None:
        return ask()
    return access.settling.action(
        ask, *who, action, resource, promised=promised, control=lambda: access.seen(*who)
    )


def _place(resource: str) -> str | None:
    """The region that an ARN names."""
    fields = resource.split(":", 5)
    return fields[3] if len(fields) == 6 and fields[3] and not has_wildcard(fields[3]) else None


def _is_seeded(access: Access, resource: str) -> bool:
    """Whether an object was put there by the chain itself."""
    item = resource_of(access.chain, resource)
    return item is not None and resource.partition("/")[2] in item.properties.get("objects", ())


def _account(arn: str | None) -> str | None:
    return arn.split(":")[4] if arn is not None and arn.startswith("arn:") else None


def lets_all_through(
    access: Access, denied: Callable[[str], tuple[str, ...]], catalog: Catalog, *, enough: int = 3
) -> bool:
    """Whether a target that was just given a chain does not enforce IAM: its users are let through so often
    where the engine allows nothing, and not refused once. ``denied``: harmless calls that nothing allows a
    user. Asked without waiting: nothing that is not seen yet lets anybody through. A key that is not known,
    or an answer that shows nothing, is no sign of it.
    """
    passed = 0
    for name in access.chain.users:
        credential = access.credential(name)
        if credential is None:
            continue
        for action in denied(name)[:enough]:
            answer = _ask(access, credential, (name, None), action, "*", catalog, promised=False)
            if isinstance(answer, str):
                continue
            if answer.seen is not Seen.ALLOWED:
                return False
            passed += 1
            if passed >= enough:
                return True
    return False


def _control_caller(
    access: Access, catalog: Catalog
) -> Callable[[Credential, str, str | None, str], Answer | None]:
    def make(credential: Credential, name: str, frm: str | None, action: str) -> Answer | None:
        answer = _ask(access, credential, (name, frm), action, "*", catalog, promised=True)
        return answer if isinstance(answer, Answer) else None

    return make


def _sample(access: Access, expectation: OnlyExpectation, catalog: Catalog) -> Observation:
    """A few calls beyond the list; the closure itself is the engine's."""
    credential = access.credential(expectation.as_, expectation.frm)
    if credential is None:
        untold = _without_token(access, access.way(expectation.as_, expectation.frm))
        return untold or Observation(note="no credential of this principal can be had")
    calls: list[Observed] = []
    for action in _SAMPLE:
        listed = any(fnmatch.fnmatchcase(action.lower(), p.lower()) for p in expectation.actions)
        if listed or action.lower() in ALWAYS_PERMITTED or len(calls) >= 3:
            continue
        who = (expectation.as_, expectation.frm)
        answer = _ask(access, credential, who, action, "*", catalog, promised=False)
        if isinstance(answer, Answer):
            calls.append(Observed(answer, promised=False))
    return Observation(tuple(calls), "the target is asked a sample, the engine every known action")


def _assumers(access: Access, expectation: AssumersExpectation) -> Observation:
    chain = access.chain
    wanted = {*expectation.exactly}
    uninvited = 0
    calls: list[Observed] = []
    for name in (*chain.users, *chain.roles):
        if name == expectation.role or (name in chain.roles and chain.path_to(name) is None):
            continue
        declared = chain.hops_into(expectation.role, name)
        listed = name in wanted or chain.arn_of(name) in wanted
        if listed and not declared:
            continue
        if not listed and not declared:
            uninvited += 1
            if uninvited > _MOST_CALLS:
                continue
        credential = access.credential(name)
        if credential is None:
            continue
        user = chain.users.get(name)
        tried = chosen_hops(
            chain.roles[expectation.role],
            name,
            username=user.aws_name if user else "",
            insider=True,
            mfa=bool(user and user.mfa),
        )
        answers: list[Answer] = []
        for hop in declared[:1] if listed else (*declared, *tried):
            answers.append(access.make_hop(hop, credential, promised=listed).answer)
            if answers[-1].seen is Seen.ALLOWED:
                break
        shown = answers[-1] if answers[-1].seen is Seen.ALLOWED else answers[0]
        calls.append(Observed(shown, promised=listed))
    more = f", and {uninvited - _MOST_CALLS} declared principals more" if uninvited > _MOST_CALLS else ""
    return Observation(tuple(calls), f"outsiders are asked of the engine alone{more}")


def _mutation(access: Access, expectation: HopExpectation) -> Observation:
    hop = access.chain.mutated(expectation)
    federated = hop.frm in access.chain.providers
    credential = None if federated else access.credential(hop.frm)
    if credential is None and not federated:
        if hop.frm.startswith("arn:"):
            return Observation(note=f"{hop.frm} is nobody whom this chain declares")
        return Observation(note=f"no credential of {hop.frm} can be had")
    answer = access.make_hop(hop, credential, promised=expectation.allowed).answer
    if answer.seen is Seen.INCONCLUSIVE and not answer.error_code:
        return Observation(note=answer.message)
    return Observation((Observed(answer, expectation.allowed),))
